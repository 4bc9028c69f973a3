package dev.jctl.shim.kernel;

import java.nio.file.Path;
import java.util.OptionalLong;

/** Quotas of directory trees, where a file system keeps them (ext4 and xfs): quotactl_fd(2). */
public final class ProjectQuota {
  private static final long FS_IOC_FSGETXATTR = 0x801c581fL;
  private static final long FS_IOC_FSSETXATTR = 0x401c5820L;

  /** struct fsxattr of linux/fs.h. */
  private static final int FSXATTR_BYTES = 28;

  private static final int PROJECT_OFFSET = 12;
  private static final int FS_XFLAG_PROJINHERIT = 0x200;

  private static final int PRJQUOTA = 2;
  private static final long Q_GETQUOTA = 0x800007L << 8 | PRJQUOTA;
  private static final long Q_SETQUOTA = 0x800008L << 8 | PRJQUOTA;

  /** struct if_dqblk of linux/quota.h: limits in blocks of 1 KiB, use in bytes. */
  private static final int DQBLK_BYTES = 72;

  private static final int SPACE_OFFSET = 16;
  private static final int VALID_OFFSET = 64;
  private static final int QIF_BLIMITS = 1;
  private static final int BLOCK = 1024;

  private ProjectQuota() {}

  /** The project of a file or directory; 0 for none. */
  public static int project(Path path) {
    return with(
        path,
        fd -> {
          try (NativeMemory attributes = NativeMemory.allocate(FSXATTR_BYTES)) {
            Kernel.check(
                LibC.INSTANCE.ioctl(fd, FS_IOC_FSGETXATTR, attributes),
                "ioctl FS_IOC_FSGETXATTR of " + path);
            return attributes.getInt(PROJECT_OFFSET);
          }
        });
  }

  /** What is made in a directory from now on belongs to its project. */
  public static void setProject(Path path, int project) {
    with(
        path,
        fd -> {
          try (NativeMemory attributes = NativeMemory.allocate(FSXATTR_BYTES)) {
            Kernel.check(
                LibC.INSTANCE.ioctl(fd, FS_IOC_FSGETXATTR, attributes),
                "ioctl FS_IOC_FSGETXATTR of " + path);
            attributes.putInt(0, attributes.getInt(0) | FS_XFLAG_PROJINHERIT);
            attributes.putInt(PROJECT_OFFSET, project);
            return Kernel.check(
                LibC.INSTANCE.ioctl(fd, FS_IOC_FSSETXATTR, attributes),
                "ioctl FS_IOC_FSSETXATTR of " + path);
          }
        });
  }

  /** {@code bytes} 0: none. Rounded up to 1 KiB. */
  public static void limit(Path path, int project, long bytes) {
    with(
        path,
        fd -> {
          try (NativeMemory block = NativeMemory.allocate(DQBLK_BYTES)) {
            block.putBytes(0, new byte[DQBLK_BYTES]);
            block.putLong(0, (bytes + BLOCK - 1) / BLOCK);
            block.putInt(VALID_OFFSET, QIF_BLIMITS);
            return Kernel.syscall(
                "quotactl_fd", fd, Q_SETQUOTA, project, block.address(), 0, 0, "quotactl " + path);
          }
        });
  }

  /** Empty when the file system keeps no such quotas. */
  public static OptionalLong usedBytes(Path path, int project) {
    try (NativeMemory block = NativeMemory.allocate(DQBLK_BYTES)) {
      with(
          path,
          fd ->
              Kernel.syscall(
                  "quotactl_fd",
                  fd,
                  Q_GETQUOTA,
                  project,
                  block.address(),
                  0,
                  0,
                  "quotactl " + path));
      return OptionalLong.of(block.getLong(SPACE_OFFSET));
    } catch (KernelException e) {
      return OptionalLong.empty();
    }
  }

  @FunctionalInterface
  private interface Opened<T> {
    T call(int fd);
  }

  /** Neither a link nor what waits when it is opened. */
  private static <T> T with(Path path, Opened<T> body) {
    int flags = Kernel.O_RDONLY | Kernel.O_NOFOLLOW | Kernel.O_NONBLOCK;
    int fd = Kernel.open(path.toString(), flags, 0);
    try {
      return body.call(fd);
    } finally {
      Kernel.close(fd);
    }
  }
}
