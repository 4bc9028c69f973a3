package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Numbers of descriptors that are kept free for what children begin with. A child's table reaches
 * up to the highest of those and keeps its size after the {@code execve}, for as long as the
 * container runs: this process has ten descriptors open for each that runs already, and so is given
 * only high numbers else.
 */
final class LowDescriptors {
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int O_CLOEXEC = 02000000;

  /** Above those that programs use themselves, with some volumes. */
  static final int LOWEST = 64;

  /** For some starts at once. */
  private static final int OF_DAEMON = 48;

  private final int placeholder = Kernel.open("/dev/null", Kernel.O_RDONLY, 0);
  private final ConcurrentLinkedQueue<Integer> free = new ConcurrentLinkedQueue<>();

  /** A process has numbers once, however many launchers it has. */
  private static final class Daemon {
    static final LowDescriptors NUMBERS = new LowDescriptors(OF_DAEMON);
  }

  /**
   * @param count of the numbers; a start takes four, and one for each volume
   */
  private LowDescriptors(int count) {
    for (int i = 0; i < count; i++) {
      free.add(
          (int)
              Kernel.syscall(
                  "fcntl", placeholder, F_DUPFD_CLOEXEC, LOWEST, 0, 0, 0, "reserve a descriptor"));
    }
  }

  /** For a process that stays, to be called while it has few descriptors open. */
  static LowDescriptors ofDaemon() {
    return Daemon.NUMBERS;
  }

  /** For one that makes a child or two: it has few open in any case. */
  static LowDescriptors ofCommand() {
    return new LowDescriptors(0);
  }

  /** The same file under one of the numbers; none when all are in use. */
  OptionalInt place(int fd) {
    Integer number = free.poll();
    if (number == null) {
      return OptionalInt.empty();
    }
    put(fd, number);
    return OptionalInt.of(number);
  }

  /** Closes what was placed there. */
  void release(int number) {
    put(placeholder, number);
    free.add(number);
  }

  private static void put(int fd, int number) {
    Kernel.syscall("dup3", fd, number, O_CLOEXEC, 0, 0, 0, "duplicate descriptor " + fd);
  }
}
