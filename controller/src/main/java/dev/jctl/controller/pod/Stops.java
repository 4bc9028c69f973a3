package dev.jctl.controller.pod;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Containers that are being stopped, each on a virtual thread of its own: a stop takes a while. */
final class Stops {
  private static final Logger LOG = LoggerFactory.getLogger(Stops.class);

  private static final Duration RETRY = Duration.ofSeconds(1);

  private final ContainerRuntime runtime;
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();

  Stops(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * {@code before} is called first with the grace period, and gives what is left of it. {@code
   * lookAgain} is called in any case, with a delay: a container that still runs is then stopped
   * again.
   */
  void stop(
      String containerId,
      Duration grace,
      UnaryOperator<Duration> before,
      Consumer<Duration> lookAgain) {
    if (!underWay.add(containerId)) {
      return;
    }
    Thread.ofVirtual()
        .name("stop-" + containerId)
        .start(
            () -> {
              Duration again = Duration.ZERO;
              try {
                runtime.stopContainer(containerId, before.apply(grace));
              } catch (RuntimeFailure e) {
                LOG.warn("container {} is not stopped: {}", containerId, e.getMessage());
                again = RETRY;
              } finally {
                underWay.remove(containerId);
                lookAgain.accept(again);
              }
            });
  }

  Set<String> underWay() {
    return Set.copyOf(underWay);
  }
}
