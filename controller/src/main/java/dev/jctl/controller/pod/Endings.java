package dev.jctl.controller.pod;

import dev.jctl.controller.pod.DesiredPod.DesiredContainer;
import dev.jctl.shim.spec.Observed;
import java.util.Map;
import java.util.Optional;

/** Whether a Pod has ended for good. Pure. */
final class Endings {
  private Endings() {}

  /** Nothing of it will be started any more; side-cars may still run. */
  static boolean hasEnded(DesiredPod pod, Map<String, Attempt> newest) {
    return initFailed(pod, newest) || allEnded(pod, newest);
  }

  private static boolean allEnded(DesiredPod pod, Map<String, Attempt> newest) {
    return pod.whole() && pod.mainContainers().stream().allMatch(c -> ended(pod, c, newest));
  }

  private static boolean ended(DesiredPod pod, DesiredContainer c, Map<String, Attempt> newest) {
    Attempt attempt = newest.get(c.name());
    return attempt != null
        && Parts.changed(attempt.observed().spec().labels(), c.template().labels()).isEmpty()
        && attempt.exit().filter(e -> !pod.restartPolicy().restartsAfter(e.exitCode())).isPresent();
  }

  private static Optional<Observed.State.Exited> exit(
      DesiredContainer c, Map<String, Attempt> newest) {
    Attempt attempt = newest.get(c.name());
    return attempt == null ? Optional.empty() : attempt.exit();
  }

  /** {@code Succeeded}, {@code Failed}, or empty while it has not ended. */
  static Optional<String> phase(DesiredPod pod, Map<String, Attempt> newest) {
    if (!hasEnded(pod, newest) || newest.values().stream().anyMatch(Attempt::isRunning)) {
      return Optional.empty();
    }
    boolean success =
        pod.mainContainers().stream()
            .allMatch(c -> exit(c, newest).map(e -> e.exitCode() == 0).orElse(false));
    return Optional.of(success ? "Succeeded" : "Failed");
  }

  private static boolean initFailed(DesiredPod pod, Map<String, Attempt> newest) {
    return pod.restartPolicy() == RestartPolicy.NEVER
        && pod.initContainers().stream()
            .filter(c -> c.role() == ContainerRole.INIT)
            .anyMatch(c -> exit(c, newest).map(e -> e.exitCode() != 0).orElse(false));
  }
}
