package dev.jctl.controller;

import java.time.Duration;

/**
 * How far back the store can be read. Pure.
 *
 * @param window of time
 * @param bytes that all versions may take: when they take more, the window is halved until they do
 *     not
 */
record Retention(Duration window, long bytes) {
  static final Retention DEFAULT = new Retention(Duration.ofHours(24), 64L << 20);

  /** However much is written: for paged lists and for watches that were cut off. */
  private static final Duration LEAST = Duration.ofMinutes(15);

  /** {@code taken}: bytes that what is younger than {@code window} takes. */
  Duration next(Duration current, long taken) {
    Duration next = taken > bytes ? current.dividedBy(2) : current.multipliedBy(2);
    return next.compareTo(LEAST) < 0 ? LEAST : next.compareTo(window) > 0 ? window : next;
  }
}
