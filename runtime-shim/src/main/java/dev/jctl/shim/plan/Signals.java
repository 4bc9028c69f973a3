package dev.jctl.shim.plan;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.Signal;

/** Signals as specs name them. */
public final class Signals {
  public static final int SIGKILL = 9;

  private Signals() {}

  /** As {@link Signal#number}; empty is SIGTERM. */
  public static int parse(String text) {
    return Signal.number(text.isBlank() ? "TERM" : text)
        .orElseThrow(() -> new RuntimeFailure(Reason.INVALID, "not a signal: \"" + text + "\""));
  }
}
