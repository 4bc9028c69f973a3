package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Descriptors that are open as long as a piece of work lasts. */
final class Descriptors implements AutoCloseable {
  private static final int F_DUPFD_CLOEXEC = 1030;

  /** Programs put their own below. */
  private static final int LOWEST = 10;

  private final LowDescriptors numbers;
  private final List<Integer> open = new ArrayList<>();
  private final List<Integer> placed = new ArrayList<>();
  private final int lowest;

  /**
   * @param numbers for those that a program is given
   * @param volumes number of descriptors that the program has besides the usual ones
   */
  Descriptors(LowDescriptors numbers, int volumes) {
    this.numbers = numbers;
    this.lowest = LOWEST + volumes;
  }

  int owned(int fd) {
    open.add(fd);
    return fd;
  }

  /** The same file under a number that no program uses itself, if possible a low one. */
  int given(int fd) {
    if (fd >= lowest && fd < LowDescriptors.LOWEST) {
      return fd;
    }
    OptionalInt low = lowest <= LowDescriptors.LOWEST ? numbers.place(fd) : OptionalInt.empty();
    low.ifPresent(placed::add);
    return low.orElseGet(() -> fd >= lowest ? fd : owned(duplicate(fd)));
  }

  private int duplicate(int fd) {
    return (int)
        Kernel.syscall("fcntl", fd, F_DUPFD_CLOEXEC, lowest, 0, 0, 0, "duplicate descriptor " + fd);
  }

  @Override
  public void close() {
    placed.forEach(numbers::release);
    open.forEach(Kernel::close);
  }
}
