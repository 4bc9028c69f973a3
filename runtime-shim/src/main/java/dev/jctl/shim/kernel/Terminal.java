package dev.jctl.shim.kernel;

/** Pseudo-terminals, pty(7). */
public final class Terminal {
  private static final long TIOCSPTLCK = 0x40045431L;
  private static final long TIOCGPTPEER = 0x5441L;
  private static final long TIOCSWINSZ = 0x5414L;
  private static final int O_NOCTTY = 0400;

  /** Both sides; the master does not block. */
  public record Pair(int master, int slave) {}

  private Terminal() {}

  public static Pair open() {
    int master = Kernel.open("/dev/ptmx", Kernel.O_RDWR | O_NOCTTY | Kernel.O_NONBLOCK, 0);
    try {
      NativeMemory unlock = NativeMemory.allocate(4);
      Kernel.check(LibC.INSTANCE.ioctl(master, TIOCSPTLCK, unlock.pointer()), "ioctl TIOCSPTLCK");
      long flags = Kernel.O_RDWR | O_NOCTTY | Kernel.O_CLOEXEC;
      int slave =
          (int) Kernel.syscall("ioctl", master, TIOCGPTPEER, flags, 0, 0, 0, "ioctl TIOCGPTPEER");
      return new Pair(master, slave);
    } catch (KernelException e) {
      Kernel.close(master);
      throw e;
    }
  }

  public static void resize(int terminal, int columns, int rows) {
    NativeMemory size = NativeMemory.allocate(8);
    size.putInt(0, (rows & 0xffff) | columns << 16);
    Kernel.check(LibC.INSTANCE.ioctl(terminal, TIOCSWINSZ, size.pointer()), "ioctl TIOCSWINSZ");
  }
}
