package dev.jctl.controller.queue;

import java.time.Duration;

/** Exponential delays with jitter. */
public record Backoff(Duration first, Duration max) {
  private static final int MAX_DOUBLINGS = 30;

  /**
   * @param failures in a row, from 1
   * @param jitter 0..1; spreads the delay over 50–100 % of its full length, so that objects that
   *     failed together do not come back together
   */
  public Duration delay(int failures, double jitter) {
    int doublings = Math.min(Math.max(failures - 1, 0), MAX_DOUBLINGS);
    long full = Math.min(first.toMillis() << doublings, max.toMillis());
    return Duration.ofMillis(Math.round(full * (0.5 + jitter / 2)));
  }
}
