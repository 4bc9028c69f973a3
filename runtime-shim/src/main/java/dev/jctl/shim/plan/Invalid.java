package dev.jctl.shim.plan;

import dev.jctl.shim.RuntimeFailure;

/** A specification that cannot be carried out. */
final class Invalid {
  private Invalid() {}

  static RuntimeFailure of(String message) {
    return new RuntimeFailure(RuntimeFailure.Reason.INVALID, message);
  }
}
