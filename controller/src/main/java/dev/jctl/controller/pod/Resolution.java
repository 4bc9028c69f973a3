package dev.jctl.controller.pod;

import java.util.List;

/** Whether all that a Pod refers to is there. */
sealed interface Resolution {
  record Resolved(DesiredPod pod) implements Resolution {}

  /** {@code causes}: what is not; none when nothing needs to be there (any more). */
  record Awaiting(List<Waiting> causes) implements Resolution {
    public Awaiting {
      causes = List.copyOf(causes);
    }

    /** The one to tell. */
    Waiting first() {
      return causes.isEmpty() ? new Waiting("ContainerCreating", "") : causes.getFirst();
    }
  }

  /**
   * @param reason one CamelCase word
   * @param message names the thing and says what to do
   */
  record Waiting(String reason, String message) {}
}
