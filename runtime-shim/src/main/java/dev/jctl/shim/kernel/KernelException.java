package dev.jctl.shim.kernel;

import java.io.Serial;

/**
 * A system call that failed: {@code mount overlay on /x/merged: EBUSY (Device or resource busy)}.
 */
public final class KernelException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;
  private final int errno;

  /**
   * @param call with its object, in words
   * @param errno as the kernel gave it, positive
   */
  public KernelException(String call, int errno) {
    super(call + ": " + Errno.describe(errno));
    this.errno = errno;
  }

  public boolean is(Errno other) {
    return errno == other.number();
  }

  public int errno() {
    return errno;
  }
}
