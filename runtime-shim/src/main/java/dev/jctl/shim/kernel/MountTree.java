package dev.jctl.shim.kernel;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Mounts held by descriptors, not seen anywhere until they are attached: the mount API of 5.2. */
public final class MountTree implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
  private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
  private static final long MOUNT_ATTR_RDONLY = 1;

  /** In struct mount_attr. */
  private static final int SET_OFFSET = 0;

  private static final int CLEAR_OFFSET = 8;

  /** Of paths that are given by a descriptor alone. */
  private static final NativeMemory NOTHING = NativeMemory.text("");

  private final int fd;

  private MountTree(int fd) {
    this.fd = fd;
  }

  /** A copy of what is seen at a path, with the mounts beneath. Links are followed. */
  public static MountTree copyOf(Path path) {
    long flags = OPEN_TREE_CLONE | Kernel.O_CLOEXEC | AT_RECURSIVE;
    try (NativeMemory name = NativeMemory.text(path.toString())) {
      return new MountTree(
          (int)
              Kernel.syscall(
                  "open_tree", AT_FDCWD, name.address(), flags, 0, 0, 0, "open_tree " + path));
    }
  }

  /** A copy of what an open descriptor stands for, which is of this thread's mount namespace. */
  public static MountTree copyOf(int descriptor) {
    long flags = OPEN_TREE_CLONE | Kernel.O_CLOEXEC | AT_EMPTY_PATH;
    long name = NOTHING.address();
    return new MountTree(
        (int) Kernel.syscall("open_tree", descriptor, name, flags, 0, 0, 0, "open_tree"));
  }

  /**
   * An overlay. Layers are given one by one, so neither their number nor the characters in their
   * paths matter (kernel 6.8).
   *
   * @param layers lowest first
   */
  public static MountTree overlay(List<Path> layers, Path upper, Path work) {
    int context = open("overlay");
    try {
      for (Path layer : layers.reversed()) {
        set(context, "lowerdir+", layer);
      }
      set(context, "upperdir", upper);
      set(context, "workdir", work);
      configure(context, FSCONFIG_CMD_CREATE, 0, 0, "create overlay");
      return new MountTree(
          (int) Kernel.syscall("fsmount", context, FSMOUNT_CLOEXEC, 0, 0, 0, 0, "fsmount overlay"));
    } finally {
      Kernel.close(context);
    }
  }

  private static int open(String type) {
    try (NativeMemory name = NativeMemory.text(type)) {
      return (int)
          Kernel.syscall("fsopen", name.address(), FSOPEN_CLOEXEC, 0, 0, 0, 0, "fsopen " + type);
    }
  }

  private static void set(int context, String key, Path value) {
    try (NativeMemory name = NativeMemory.text(key);
        NativeMemory path = NativeMemory.text(value.toString())) {
      String what = "overlay " + key + "=" + value;
      configure(context, FSCONFIG_SET_STRING, name.address(), path.address(), what);
    }
  }

  private static void configure(int context, int command, long key, long value, String what) {
    long result =
        LibC.INSTANCE.syscall(SyscallNumbers.of("fsconfig"), context, command, key, value, 0, 0);
    if (result < 0) {
      int errno = Kernel.errno();
      throw new KernelException(what + message(context), errno);
    }
  }

  /** The file system's own words on what it did not like, which can be read from its context. */
  private static String message(int context) {
    byte[] buffer = new byte[512];
    long length = LibC.INSTANCE.read(context, buffer, buffer.length);
    return length <= 0
        ? ""
        : " (" + new String(buffer, 0, (int) length, StandardCharsets.UTF_8).strip() + ")";
  }

  /** Until it is closed. */
  public int fd() {
    return fd;
  }

  public void makeReadOnly() {
    change(SET_OFFSET);
  }

  public void makeWritable() {
    change(CLEAR_OFFSET);
  }

  private void change(int offset) {
    try (NativeMemory attributes = NativeMemory.allocate(32)) {
      attributes.putBytes(0, new byte[32]);
      attributes.putLong(offset, MOUNT_ATTR_RDONLY);
      long address = attributes.address();
      Kernel.syscall(
          "mount_setattr", fd, NOTHING.address(), AT_EMPTY_PATH, address, 32, 0, "mount_setattr");
    }
  }

  public void attach(Path target) {
    try (NativeMemory path = NativeMemory.text(target.toString())) {
      int flags = MOVE_MOUNT_F_EMPTY_PATH;
      long name = path.address();
      Kernel.syscall(
          "move_mount", fd, NOTHING.address(), AT_FDCWD, name, flags, 0, "mount on " + target);
    }
  }

  /** On what an open descriptor stands for. */
  public void attach(int target, String name) {
    int flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
    Kernel.syscall(
        "move_mount",
        fd,
        NOTHING.address(),
        target,
        NOTHING.address(),
        flags,
        0,
        "mount on " + name);
  }

  /** What was not attached is unmounted. */
  @Override
  public void close() {
    Kernel.close(fd);
  }
}
