package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NativeMemory;

/** Waiting for children. */
final class Processes {
  private static final int P_PIDFD = 3;
  private static final int WEXITED = 4;
  private static final int SIGINFO = 128;

  private Processes() {}

  /** Waits for its end and takes its exit code away; a child that someone else took is no error. */
  static void reap(int pidfd) {
    NativeMemory info = NativeMemory.allocate(SIGINFO);
    try {
      Kernel.syscall("waitid", P_PIDFD, pidfd, info.address(), WEXITED, 0, 0, "waitid");
    } catch (KernelException e) {
      if (!e.is(Errno.ECHILD)) {
        throw e;
      }
    }
  }
}
