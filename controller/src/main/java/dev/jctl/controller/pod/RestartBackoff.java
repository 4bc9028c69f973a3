package dev.jctl.controller.pod;

import dev.jctl.shim.spec.Observed;
import java.time.Duration;
import java.time.Instant;

/**
 * When a container that ended may start again: at once after the first exit, then 10 s doubling to
 * 5 min, forgotten after 10 min of running. As the kubelet does it; all of it is derived from what
 * the runtime keeps on disk. Pure.
 */
final class RestartBackoff {
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration MAX = Duration.ofMinutes(5);
  private static final Duration FORGIVEN_AFTER = Duration.ofMinutes(10);
  private static final int MAX_DOUBLINGS = 10;

  private RestartBackoff() {}

  /** Crashes to count up to now, the latest exit not included. */
  static int crashes(Attempt attempt, Observed.State.Exited exit) {
    Instant started = exit.startedAt();
    boolean ranLong =
        started != null
            && Duration.between(started, exit.finishedAt()).compareTo(FORGIVEN_AFTER) >= 0;
    return ranLong ? 0 : attempt.crashesBefore();
  }

  static Duration delay(int crashes) {
    if (crashes == 0) {
      return Duration.ZERO;
    }
    Duration delay = FIRST.multipliedBy(1L << Math.min(crashes - 1, MAX_DOUBLINGS));
    return delay.compareTo(MAX) > 0 ? MAX : delay;
  }

  static Instant due(Attempt attempt, Observed.State.Exited exit) {
    return exit.finishedAt().plus(delay(crashes(attempt, exit)));
  }
}
