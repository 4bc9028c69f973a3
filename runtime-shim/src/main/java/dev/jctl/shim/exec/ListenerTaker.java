package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;

/** Takes the descriptor by which a process's seccomp filter asks, seccomp_unotify(2). */
@FunctionalInterface
public interface ListenerTaker {
  /** Where nobody listens. */
  ListenerTaker NOBODY =
      (pid, listener) -> {
        throw new RuntimeFailure(
            Reason.INVALID, "seccomp: action SCMP_ACT_NOTIFY is not possible here: nobody listens");
      };

  /**
   * @param listener is open until this returns
   */
  void take(int pid, int listener);
}
