package dev.jctl.shim.kernel;

import java.util.Optional;

/** How processes ended, by pidfd. */
public final class Pidfd {
  private static final int P_PIDFD = 3;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;

  /** Children made with an exit signal other than SIGCHLD count too. */
  private static final int WALL = 0x40000000;

  private static final int CLD_EXITED = 1;

  /** _IOWR(0xFF, 11, struct pidfd_info) with the struct's first published size, 64 bytes. */
  private static final long PIDFD_GET_INFO = 0xC040FF0BL;

  private static final long PIDFD_INFO_EXIT = 1 << 3;

  /**
   * @param code 0..255, or 128 + signal
   * @param signal that ended it, or 0
   */
  public record ExitStatus(int code, int signal) {
    /** From the form that wait(2) gives. */
    public static ExitStatus ofWaitStatus(int status) {
      int signal = status & 0x7f;
      return signal == 0
          ? new ExitStatus(status >> 8 & 0xff, 0)
          : new ExitStatus(128 + signal, signal);
    }
  }

  private Pidfd() {}

  /** Takes a child's end; empty while it runs. ECHILD is thrown when it is not our child. */
  public static Optional<ExitStatus> reap(int pidfd) {
    try (NativeMemory information = NativeMemory.allocate(128)) {
      Kernel.check(
          LibC.INSTANCE.waitid(P_PIDFD, pidfd, information, WNOHANG | WEXITED | WALL), "waitid");
      return information.getInt(0) == 0 ? Optional.empty() : Optional.of(status(information));
    }
  }

  /** Waits for the end of a child, and takes it. */
  public static ExitStatus awaitEnd(int pidfd) {
    try (NativeMemory information = NativeMemory.allocate(128)) {
      Kernel.check(LibC.INSTANCE.waitid(P_PIDFD, pidfd, information, WEXITED | WALL), "waitid");
      return status(information);
    }
  }

  private static ExitStatus status(NativeMemory information) {
    int status = information.getInt(24);
    return information.getInt(8) == CLD_EXITED
        ? new ExitStatus(status & 0xff, 0)
        : new ExitStatus(128 + status, status);
  }

  /**
   * The end of any process, once its parent has reaped it. Empty before that, and on kernels before
   * 6.15.
   */
  public static Optional<ExitStatus> exitInformation(int pidfd) {
    try (NativeMemory information = NativeMemory.allocate(64)) {
      information.putLong(0, PIDFD_INFO_EXIT);
      int result = LibC.INSTANCE.ioctl(pidfd, PIDFD_GET_INFO, information);
      return result < 0 || (information.getLong(0) & PIDFD_INFO_EXIT) == 0
          ? Optional.empty()
          : Optional.of(ExitStatus.ofWaitStatus(information.getInt(60)));
    }
  }
}
