package dev.jctl.shim.kernel;

import com.kenai.jffi.LastError;
import org.jspecify.annotations.Nullable;

/**
 * System calls, one method each; all throw {@link KernelException}. Descriptors are close-on-exec.
 * Stateless.
 */
public final class Kernel {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0100;
  public static final int O_NONBLOCK = 04000;
  public static final int O_DIRECTORY = 0200000;
  public static final int O_NOFOLLOW = 0400000;
  public static final int O_CLOEXEC = 02000000;
  public static final int O_PATH = 010000000;

  public static final long MS_RDONLY = 1;
  public static final long MS_NOSUID = 2;
  public static final long MS_NODEV = 4;
  public static final long MS_NOEXEC = 8;
  public static final long MS_REMOUNT = 32;
  public static final long MS_BIND = 4096;
  public static final long MS_REC = 16384;
  public static final long MS_PRIVATE = 1L << 18;
  public static final int MNT_DETACH = 2;

  public static final long RESOLVE_NO_XDEV = 0x01;
  public static final long RESOLVE_NO_SYMLINKS = 0x04;
  public static final long RESOLVE_BENEATH = 0x08;
  public static final long RESOLVE_IN_ROOT = 0x10;
  public static final long RESOLVE_NO_MAGICLINKS = 0x02;

  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;

  private Kernel() {}

  /** Of this thread's last failed call through {@link LibC}; read it right after the call. */
  public static int errno() {
    return LastError.getInstance().get();
  }

  /** {@code result} itself, or the exception when it is negative. */
  public static long check(long result, String call) {
    if (result < 0) {
      throw new KernelException(call, errno());
    }
    return result;
  }

  /** By the kernel's name; addresses as numbers. */
  public static long syscall(
      String name, long a, long b, long c, long d, long e, long f, String call) {
    return check(LibC.INSTANCE.syscall(SyscallNumbers.of(name), a, b, c, d, e, f), call);
  }

  public static int open(String path, int flags, int mode) {
    return (int) check(LibC.INSTANCE.open(path, flags | O_CLOEXEC, mode), "open " + path);
  }

  /** openat2(2): {@code resolve} is a set of RESOLVE_ flags. */
  public static int openat2(int directory, String path, int flags, int mode, long resolve) {
    try (NativeMemory how = NativeMemory.allocate(24);
        NativeMemory text = NativeMemory.text(path)) {
      how.putLong(0, flags | O_CLOEXEC);
      how.putLong(8, mode);
      how.putLong(16, resolve);
      return (int)
          syscall("openat2", directory, text.address(), how.address(), 24, 0, 0, "openat2 " + path);
    }
  }

  /** Nothing to do about a failure: the descriptor is gone either way. */
  public static void close(int fd) {
    LibC.INSTANCE.close(fd);
  }

  /** Reading and writing end. */
  public static int[] pipe() {
    int[] fds = new int[2];
    check(LibC.INSTANCE.pipe2(fds, O_CLOEXEC), "pipe2");
    return fds;
  }

  /** Two ends of a connection that keeps message borders. */
  public static int[] socketPair() {
    int[] fds = new int[2];
    check(LibC.INSTANCE.socketpair(AF_UNIX, SOCK_SEQPACKET | O_CLOEXEC, 0, fds), "socketpair");
    return fds;
  }

  /** Number of bytes read; 0 at the end. Goes on after a signal. */
  public static int read(int fd, byte[] buffer) {
    while (true) {
      long n = LibC.INSTANCE.read(fd, buffer, buffer.length);
      if (n >= 0) {
        return (int) n;
      }
      int errno = errno();
      if (errno != Errno.EINTR.number()) {
        throw new KernelException("read descriptor " + fd, errno);
      }
    }
  }

  public static void write(int fd, byte[] bytes) {
    check(LibC.INSTANCE.write(fd, bytes, bytes.length), "write descriptor " + fd);
  }

  public static void mount(
      @Nullable String source,
      String target,
      @Nullable String type,
      long flags,
      @Nullable String data) {
    check(
        LibC.INSTANCE.mount(source, target, type, flags, data),
        "mount " + (type == null ? source : type) + " on " + target);
  }

  /** chown(2), of a link itself. */
  public static void chown(String path, int user, int group) {
    try (NativeMemory name = NativeMemory.text(path)) {
      syscall(
          "fchownat",
          AT_FDCWD,
          name.address(),
          user,
          group,
          AT_SYMLINK_NOFOLLOW,
          0,
          "chown " + path);
    }
  }

  public static void umount(String target, int flags) {
    check(LibC.INSTANCE.umount2(target, flags), "umount " + target);
  }

  public static void unshare(int flags) {
    check(LibC.INSTANCE.unshare(flags), "unshare");
  }

  public static void setns(int fd, int flags, String what) {
    check(LibC.INSTANCE.setns(fd, flags), "setns " + what);
  }

  public static void sethostname(String name) {
    check(
        LibC.INSTANCE.sethostname(
            name, name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length),
        "sethostname " + name);
  }

  /**
   * Waits until the pipe that {@code fd} writes to has no reader (poll(2), POLLERR).
   *
   * @return whether it has none; false when the time is up
   */
  public static boolean awaitNoReader(int fd, long timeoutSeconds) {
    try (NativeMemory polled = NativeMemory.allocate(8);
        NativeMemory left = NativeMemory.allocate(16)) {
      polled.putInt(0, fd);
      polled.putInt(4, 0);
      left.putLong(0, timeoutSeconds);
      left.putLong(8, 0);
      while (true) {
        // after a signal, the kernel has put the rest of the time there
        long ready =
            LibC.INSTANCE.syscall(
                SyscallNumbers.of("ppoll"), polled.address(), 1, left.address(), 0, 0, 0);
        if (ready >= 0) {
          return ready == 1;
        }
        int errno = errno();
        if (errno != Errno.EINTR.number()) {
          throw new KernelException("ppoll of descriptor " + fd, errno);
        }
      }
    }
  }

  public static int pidfdOpen(int pid) {
    return (int) syscall("pidfd_open", pid, 0, 0, 0, 0, 0, "pidfd_open " + pid);
  }

  /** A copy of another process's descriptor, pidfd_getfd(2). */
  public static int pidfdGetfd(int pidfd, int descriptor) {
    String what = "pidfd_getfd " + descriptor;
    return (int) syscall("pidfd_getfd", pidfd, descriptor, 0, 0, 0, 0, what);
  }

  public static void pidfdSendSignal(int pidfd, int signal) {
    syscall("pidfd_send_signal", pidfd, signal, 0, 0, 0, 0, "pidfd_send_signal " + signal);
  }
}
