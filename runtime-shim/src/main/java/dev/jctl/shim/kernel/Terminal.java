package dev.jctl.shim.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pseudo-terminals, pty(7). */
public final class Terminal {
  private static final long TIOCSPTLCK = 0x40045431L;
  private static final long TIOCGPTPEER = 0x5441L;
  private static final long TIOCSWINSZ = 0x5414L;
  private static final long TIOCGWINSZ = 0x5413L;
  private static final long TCGETS = 0x5401L;
  private static final long TCSETS = 0x5402L;

  /** struct termios of the kernel. */
  private static final int TERMIOS_BYTES = 36;

  private static final int O_NOCTTY = 0400;

  /** Device 5:2, as stat(2) puts it. */
  private static final Long PTMX = 5L << 8 | 2;

  /** Both sides; the master does not block. */
  public record Pair(int master, int slave) {}

  private Terminal() {}

  public static Pair open() {
    return open("/dev/ptmx");
  }

  /**
   * One that has a name for those who see the same files as the process, {@code ttyname(3)}: of the
   * devpts that is mounted there. Without any, one of the host's.
   */
  public static Pair openFor(int pid) {
    int ptmx;
    try {
      ptmx = ptmxOf(pid);
    } catch (KernelException hasNone) {
      return open();
    }
    try {
      String path = "/proc/self/fd/" + ptmx;
      // whoever may change the root file system may have put another device there
      boolean genuine = PTMX.equals(Files.getAttribute(Path.of(path), "unix:rdev"));
      return open(genuine ? path : "/dev/ptmx");
    } catch (IOException e) {
      throw new UncheckedIOException("look at /dev/pts/ptmx of process " + pid, e);
    } finally {
      Kernel.close(ptmx);
    }
  }

  private static int ptmxOf(int pid) {
    int root = Kernel.open("/proc/" + pid + "/root", Kernel.O_PATH | Kernel.O_DIRECTORY, 0);
    try {
      long confined = Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS;
      return Kernel.openat2(root, "dev/pts/ptmx", Kernel.O_PATH, 0, confined);
    } finally {
      Kernel.close(root);
    }
  }

  private static Pair open(String ptmx) {
    int master = Kernel.open(ptmx, Kernel.O_RDWR | O_NOCTTY | Kernel.O_NONBLOCK, 0);
    try (NativeMemory unlock = NativeMemory.allocate(4)) {
      Kernel.check(LibC.INSTANCE.ioctl(master, TIOCSPTLCK, unlock), "ioctl TIOCSPTLCK");
      long flags = Kernel.O_RDWR | O_NOCTTY | Kernel.O_CLOEXEC;
      int slave =
          (int) Kernel.syscall("ioctl", master, TIOCGPTPEER, flags, 0, 0, 0, "ioctl TIOCGPTPEER");
      return new Pair(master, slave);
    } catch (KernelException e) {
      Kernel.close(master);
      throw e;
    }
  }

  /** Whether a descriptor is a terminal. */
  public static boolean is(int fd) {
    try (NativeMemory settings = NativeMemory.allocate(TERMIOS_BYTES)) {
      return LibC.INSTANCE.ioctl(fd, TCGETS, settings) == 0;
    }
  }

  /**
   * Every byte goes through as it is from now on, as by cfmakeraw(3).
   *
   * @return its settings before
   */
  public static byte[] makeRaw(int fd) {
    try (NativeMemory settings = NativeMemory.allocate(TERMIOS_BYTES)) {
      Kernel.check(LibC.INSTANCE.ioctl(fd, TCGETS, settings), "ioctl TCGETS");
      byte[] before = settings.getBytes(0, TERMIOS_BYTES);
      // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON; OPOST; CSIZE PARENB; ECHO ECHONL ICANON
      // ISIG IEXTEN
      settings.putInt(0, settings.getInt(0) & ~02753);
      settings.putInt(4, settings.getInt(4) & ~01);
      settings.putInt(8, (settings.getInt(8) & ~0460) | 060);
      settings.putInt(12, settings.getInt(12) & ~0100113);
      Kernel.check(LibC.INSTANCE.ioctl(fd, TCSETS, settings), "ioctl TCSETS");
      return before;
    }
  }

  /** Puts settings back. */
  public static void restore(int fd, byte[] settings) {
    try (NativeMemory memory = NativeMemory.allocate(TERMIOS_BYTES)) {
      memory.putBytes(0, settings);
      Kernel.check(LibC.INSTANCE.ioctl(fd, TCSETS, memory), "ioctl TCSETS");
    }
  }

  /** Gives one the size of another. */
  public static void copySize(int from, int to) {
    try (NativeMemory size = NativeMemory.allocate(8)) {
      Kernel.check(LibC.INSTANCE.ioctl(from, TIOCGWINSZ, size), "ioctl TIOCGWINSZ");
      Kernel.check(LibC.INSTANCE.ioctl(to, TIOCSWINSZ, size), "ioctl TIOCSWINSZ");
    }
  }

  public static void resize(int terminal, int columns, int rows) {
    try (NativeMemory size = NativeMemory.allocate(8)) {
      size.putInt(0, (rows & 0xffff) | columns << 16);
      Kernel.check(LibC.INSTANCE.ioctl(terminal, TIOCSWINSZ, size), "ioctl TIOCSWINSZ");
    }
  }
}
