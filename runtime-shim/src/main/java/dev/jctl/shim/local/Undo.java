package dev.jctl.shim.local;

import java.util.ArrayDeque;
import java.util.Deque;

/** What to take back, last first, when something with several steps fails half-way. */
final class Undo {
  private final Deque<Runnable> steps = new ArrayDeque<>();

  void push(Runnable step) {
    steps.push(step);
  }

  /** All has succeeded. */
  void forget() {
    steps.clear();
  }

  /** Takes all back; further failures are added to {@code cause}, which is returned. */
  <T extends Exception> T after(T cause) {
    while (!steps.isEmpty()) {
      try {
        steps.pop().run();
      } catch (RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
    return cause;
  }
}
