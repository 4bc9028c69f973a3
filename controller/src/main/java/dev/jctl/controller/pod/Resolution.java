package dev.jctl.controller.pod;

import java.util.List;

/** Whether all that a Pod refers to is there. */
sealed interface Resolution {
  record Resolved(DesiredPod pod) implements Resolution {}

  /** At least one thing is not. */
  record Awaiting(List<Waiting> causes) implements Resolution {
    public Awaiting {
      causes = List.copyOf(causes);
    }

    Waiting first() {
      return causes.getFirst();
    }
  }

  /**
   * @param reason one CamelCase word
   * @param message names the thing and says what to do
   */
  record Waiting(String reason, String message) {}
}
