package dev.jctl.shim.kernel;

import java.util.Map;

/**
 * An open directory, and what can be made in it by names that are resolved beneath it and through
 * no symbolic link: whatever an archive says, nothing outside is touched.
 */
public final class DirectoryFd implements AutoCloseable {
  private static final int O_EXCL = 0200;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int S_IFIFO = 0010000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFBLK = 0060000;
  private static final long CONFINED = Kernel.RESOLVE_BENEATH | Kernel.RESOLVE_NO_SYMLINKS;

  private final int fd;
  private final String path;

  private DirectoryFd(int fd, String path) {
    this.fd = fd;
    this.path = path;
  }

  public static DirectoryFd open(String path) {
    return open(path, path);
  }

  /**
   * @param shown what it is called in messages
   */
  public static DirectoryFd open(String path, String shown) {
    return new DirectoryFd(Kernel.open(path, Kernel.O_DIRECTORY | Kernel.O_RDONLY, 0), shown);
  }

  /** A directory beneath; {@code .} is this one again. */
  public DirectoryFd descend(String relative) {
    int flags = Kernel.O_DIRECTORY | Kernel.O_RDONLY;
    return new DirectoryFd(Kernel.openat2(fd, relative, flags, 0, CONFINED), path + "/" + relative);
  }

  public int fd() {
    return fd;
  }

  /** A new file, open for writing; EEXIST when there is anything of that name. */
  public NewFile createFile(String name, int mode) {
    int flags = Kernel.O_CREAT | O_EXCL | Kernel.O_WRONLY | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC;
    int file = (int) check(LibC.INSTANCE.openat(fd, name, flags, mode), "create", name);
    return new NewFile(file, path + "/" + name);
  }

  public void makeDirectory(String name, int mode) {
    check(LibC.INSTANCE.mkdirat(fd, name, mode), "mkdir", name);
  }

  public void symlink(String target, String name) {
    check(LibC.INSTANCE.symlinkat(target, fd, name), "symlink", name);
  }

  /** Another name of a file in {@code from}; a symbolic link itself is linked, not followed. */
  public void link(DirectoryFd from, String target, String name) {
    check(LibC.INSTANCE.linkat(from.fd, target, fd, name, 0), "link", name);
  }

  public void makeFifo(String name, int mode) {
    check(LibC.INSTANCE.mknodat(fd, name, S_IFIFO | mode, 0), "mknod", name);
  }

  public void makeCharacterDevice(String name, int mode, int major, int minor) {
    makeDevice(name, S_IFCHR | mode, major, minor);
  }

  public void makeBlockDevice(String name, int mode, int major, int minor) {
    makeDevice(name, S_IFBLK | mode, major, minor);
  }

  private void makeDevice(String name, int mode, int major, int minor) {
    // makedev(3)
    long device =
        (minor & 0xffL)
            | (major & 0xfffL) << 8
            | (minor & 0xffffff00L) << 12
            | (major & 0xfffff000L) << 32;
    check(LibC.INSTANCE.mknodat(fd, name, mode, device), "mknod", name);
  }

  public void unlink(String name) {
    check(LibC.INSTANCE.unlinkat(fd, name, 0), "unlink", name);
  }

  public void removeDirectory(String name) {
    check(LibC.INSTANCE.unlinkat(fd, name, AT_REMOVEDIR), "rmdir", name);
  }

  /** Of the entry itself, also when it is a symbolic link. */
  public void changeOwner(String name, int uid, int gid) {
    check(LibC.INSTANCE.fchownat(fd, name, uid, gid, AT_SYMLINK_NOFOLLOW), "chown", name);
  }

  /** The caller has just made {@code name}, and knows that it is no symbolic link. */
  public void changeMode(String name, int mode) {
    check(LibC.INSTANCE.fchmodat(fd, name, mode, 0), "chmod", name);
  }

  public void changeTime(String name, long mtimeNanos) {
    try (NativeMemory times = NativeTimes.both(mtimeNanos)) {
      check(LibC.INSTANCE.utimensat(fd, name, times, AT_SYMLINK_NOFOLLOW), "utimens", name);
    }
  }

  /** Of the entry itself, also when it is a symbolic link. */
  public void setAttributes(String name, Map<String, byte[]> attributes) {
    attributes.forEach(
        (key, value) ->
            check(
                LibC.INSTANCE.lsetxattr(
                    "/proc/self/fd/" + fd + "/" + name, key, value, value.length, 0),
                "setxattr " + key,
                name));
  }

  /**
   * Of the entry itself, also when it is a symbolic link.
   *
   * @return whether it had that
   */
  public boolean removeAttribute(String name, String attribute) {
    String entry = "/proc/self/fd/" + fd + "/" + name;
    int result = LibC.INSTANCE.lremovexattr(entry, attribute);
    if (result < 0 && Kernel.errno() == Errno.ENODATA.number()) {
      return false;
    }
    check(result, "removexattr " + attribute, name);
    return true;
  }

  /** Waits until all of the file system is on disk. */
  public void syncFileSystem() {
    check(LibC.INSTANCE.syncfs(fd), "syncfs", ".");
  }

  private long check(long result, String call, String name) {
    if (result < 0) {
      throw new KernelException(call + " " + path + "/" + name, Kernel.errno());
    }
    return result;
  }

  @Override
  public void close() {
    Kernel.close(fd);
  }
}
