package dev.jctl.controller.reconcile;

import java.time.Duration;

/** How long nobody looks at everything, which costs the more the more there is. */
final class LookPause {
  /** Looks take a hundredth of the time, and so of a processor about as much. */
  private static final int TIMES_COST = 100;

  /** What is not told by an event must not stay unseen for good on a machine that is slow. */
  private static final int TIMES_LEAST = 20;

  private LookPause() {}

  /**
   * @param took the look before
   * @param least the pause while looks cost little
   */
  static Duration after(Duration took, Duration least) {
    Duration dear = took.multipliedBy(TIMES_COST);
    Duration most = least.multipliedBy(TIMES_LEAST);
    Duration pause = dear.compareTo(least) > 0 ? dear : least;
    return pause.compareTo(most) < 0 ? pause : most;
  }
}
