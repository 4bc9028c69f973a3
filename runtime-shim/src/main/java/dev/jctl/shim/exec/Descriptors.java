package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;

/** Descriptors that are open as long as a piece of work lasts. */
final class Descriptors implements AutoCloseable {
  private static final int F_DUPFD_CLOEXEC = 1030;

  /** Programs put their own below. */
  private static final int LOWEST = 10;

  private final List<Integer> open = new ArrayList<>();
  private final int lowest;

  /**
   * @param volumes number of descriptors that the program has besides the usual ones
   */
  Descriptors(int volumes) {
    this.lowest = LOWEST + volumes;
  }

  int owned(int fd) {
    open.add(fd);
    return fd;
  }

  /** The same file under a number that no program uses itself. */
  int high(int fd) {
    return fd >= lowest
        ? fd
        : owned(
            (int)
                Kernel.syscall(
                    "fcntl", fd, F_DUPFD_CLOEXEC, lowest, 0, 0, 0, "duplicate descriptor " + fd));
  }

  @Override
  public void close() {
    open.forEach(Kernel::close);
  }
}
