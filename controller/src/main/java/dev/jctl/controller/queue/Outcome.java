package dev.jctl.controller.queue;

import java.time.Duration;

/** When to look at an object again if nothing is heard of it before. */
public sealed interface Outcome {
  Outcome DONE = new Done();

  record Done() implements Outcome {}

  /** Not a failure: something is due then (a back-off ends, a lease expires). */
  record Again(Duration after) implements Outcome {}

  /** Something outside is in the way: again after a growing back-off, without an exception. */
  record Retry() implements Outcome {}

  static Outcome again(Duration after) {
    return new Again(after.isNegative() ? Duration.ZERO : after);
  }
}
