package dev.jctl.shim.kernel;

import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wishes about a directory, where a file system knows them: ioctl_iflags(2). */
public final class InodeFlags {
  private static final Logger LOG = LoggerFactory.getLogger(InodeFlags.class);
  private static final long FS_IOC_GETFLAGS = 0x80086601L;
  private static final long FS_IOC_SETFLAGS = 0x40086602L;
  private static final int FS_TOPDIR_FL = 0x00020000;

  private InodeFlags() {}

  /**
   * The directories that are made in this one have nothing to do with each other, and lie apart on
   * the disk. Means something to ext4 only; elsewhere nothing comes of it.
   *
   * <p>ext4 looks for a free inode near the parent's, and passes over those of files that were
   * deleted in the last minutes one by one, each time anew: ten times as long where others have
   * just been deleted.
   */
  public static void spread(Path directory) {
    try {
      mark(directory);
    } catch (KernelException e) {
      LOG.debug("directories in {} lie close together: {}", directory, e.getMessage());
    }
  }

  private static void mark(Path directory) {
    int fd = Kernel.open(directory.toString(), Kernel.O_DIRECTORY | Kernel.O_RDONLY, 0);
    try (NativeMemory flags = NativeMemory.allocate(8)) {
      Kernel.check(
          LibC.INSTANCE.ioctl(fd, FS_IOC_GETFLAGS, flags), "ioctl FS_IOC_GETFLAGS of " + directory);
      flags.putInt(0, flags.getInt(0) | FS_TOPDIR_FL);
      Kernel.check(
          LibC.INSTANCE.ioctl(fd, FS_IOC_SETFLAGS, flags), "ioctl FS_IOC_SETFLAGS of " + directory);
    } finally {
      Kernel.close(fd);
    }
  }
}
