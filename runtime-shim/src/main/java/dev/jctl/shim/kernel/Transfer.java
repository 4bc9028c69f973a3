package dev.jctl.shim.kernel;

/** Moving bytes through descriptors that do not block. */
public final class Transfer {
  /** Nothing now. */
  public static final int WOULD_BLOCK = -1;

  private static final int SPLICE_F_NONBLOCK = 2;
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final long MAX_SPLICE = 1 << 20;

  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_DUPFD_CLOEXEC = 1030;

  private Transfer() {}

  /**
   * Moves what a pipe holds into a file. Either bytes are in the file and gone from the pipe, or
   * neither: the kernel looks at a fatal signal only between the two, never within.
   *
   * @return bytes moved; 0 when no writer is left; {@link #WOULD_BLOCK}
   */
  public static long splice(int pipe, int file, long offset) {
    try (NativeMemory position = NativeMemory.allocate(8)) {
      position.putLong(0, offset);
      return result(
          LibC.INSTANCE.splice(pipe, null, file, position, MAX_SPLICE, SPLICE_F_NONBLOCK),
          "splice into spool");
    }
  }

  /** As read(2). A terminal whose other side is closed (EIO) is at its end. */
  public static int read(int fd, byte[] buffer) {
    long count = LibC.INSTANCE.read(fd, buffer, buffer.length);
    if (count < 0 && Kernel.errno() == Errno.EIO.number()) {
      return 0;
    }
    return (int) result(count, "read descriptor " + fd);
  }

  /** As write(2): maybe fewer than given. */
  public static int write(int fd, byte[] bytes) {
    return (int) result(LibC.INSTANCE.write(fd, bytes, bytes.length), "write descriptor " + fd);
  }

  private static long result(long count, String call) {
    if (count >= 0) {
      return count;
    }
    int errno = Kernel.errno();
    if (errno == Errno.EAGAIN.number() || errno == Errno.EINTR.number()) {
      return WOULD_BLOCK;
    }
    throw new KernelException(call, errno);
  }

  /** Gives the disk space of a file's beginning back; its size and offsets stay. */
  public static void punchHole(int file, long length) {
    Kernel.check(
        LibC.INSTANCE.fallocate(file, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, length),
        "fallocate");
  }

  /** Another descriptor of the same open file. */
  public static int duplicate(int fd) {
    return (int) Kernel.check(LibC.INSTANCE.fcntl(fd, F_DUPFD_CLOEXEC, 0), "duplicate " + fd);
  }

  /** From now on reads and writes on this open file return at once. */
  public static void makeNonBlocking(int fd) {
    int flags = (int) Kernel.check(LibC.INSTANCE.fcntl(fd, F_GETFL, 0), "fcntl " + fd);
    Kernel.check(LibC.INSTANCE.fcntl(fd, F_SETFL, flags | Kernel.O_NONBLOCK), "fcntl " + fd);
  }

  /** From now on they wait. */
  public static void makeBlocking(int fd) {
    int flags = (int) Kernel.check(LibC.INSTANCE.fcntl(fd, F_GETFL, 0), "fcntl " + fd);
    Kernel.check(LibC.INSTANCE.fcntl(fd, F_SETFL, flags & ~Kernel.O_NONBLOCK), "fcntl " + fd);
  }

  /** Makes it unless it is there, and gives it to that user. */
  public static void ensureFifo(String path, int mode, int uid, int gid) {
    if (LibC.INSTANCE.mkfifo(path, mode) < 0) {
      int errno = Kernel.errno();
      if (errno != Errno.EEXIST.number()) {
        throw new KernelException("mkfifo " + path, errno);
      }
    }
    if (uid != 0 || gid != 0) {
      Kernel.check(LibC.INSTANCE.fchownat(-1, path, uid, gid, 0), "chown " + path);
    }
  }
}
