package dev.jctl.shim.kernel;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Mounts held by descriptors, not seen anywhere until they are attached: the mount API of 5.2. */
public final class MountTree implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_SET_FD = 5;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
  private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
  private static final long MOUNT_ATTR_RDONLY = 1;
  private static final long MOUNT_ATTR_NOSUID = 2;
  private static final long MOUNT_ATTR_NODEV = 4;
  private static final long MOUNT_ATTR_NOEXEC = 8;
  private static final long MOUNT_ATTR_IDMAP = 0x100000;

  /** struct mount_attr. */
  private static final int ATTRIBUTE_BYTES = 32;

  /** Of paths that are given by a descriptor alone. */
  private static final NativeMemory NOTHING = NativeMemory.text("");

  private final int fd;

  private MountTree(int fd) {
    this.fd = fd;
  }

  /** A copy of what is seen at a path, with the mounts beneath. Links are followed. */
  public static MountTree copyOf(Path path) {
    return copyOf(path, AT_RECURSIVE);
  }

  /** The same, without the mounts beneath. */
  public static MountTree copyOfTop(Path path) {
    return copyOf(path, 0);
  }

  private static MountTree copyOf(Path path, int recursive) {
    long flags = OPEN_TREE_CLONE | Kernel.O_CLOEXEC | recursive;
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

  /** The same without what {@link #mapIds} has made of it (kernel 6.15). */
  public static MountTree unmappedCopyOf(int descriptor) {
    long flags = OPEN_TREE_CLONE | Kernel.O_CLOEXEC | AT_EMPTY_PATH;
    try (NativeMemory attributes = attributes(0, MOUNT_ATTR_IDMAP, 0)) {
      long address = attributes.address();
      return new MountTree(
          (int)
              Kernel.syscall(
                  "open_tree_attr",
                  descriptor,
                  NOTHING.address(),
                  flags,
                  address,
                  ATTRIBUTE_BYTES,
                  0,
                  "open_tree_attr"));
    }
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
        set(context, "lowerdir+", layer.toString());
      }
      set(context, "upperdir", upper.toString());
      set(context, "workdir", work.toString());
      configure(context, FSCONFIG_CMD_CREATE, 0, 0, 0, "create overlay");
      return new MountTree(
          (int) Kernel.syscall("fsmount", context, FSMOUNT_CLOEXEC, 0, 0, 0, 0, "fsmount overlay"));
    } finally {
      Kernel.close(context);
    }
  }

  /** Whether {@link #overlay(List, Path, Path)} is something that the kernel knows. */
  public static boolean takesLayersOneByOne() {
    // before 6.5 any option is taken, and refused only when the overlay is created
    return !takesOption("no-such-option") && takesOption("lowerdir+");
  }

  private static boolean takesOption(String name) {
    int context = open("overlay");
    try {
      set(context, name, "/");
      return true;
    } catch (KernelException e) {
      return false;
    } finally {
      Kernel.close(context);
    }
  }

  /**
   * An overlay of directories beneath another tree, of which the layers are to be seen as it shows
   * them (kernel 6.15: layers by descriptor, and of trees that are not attached).
   *
   * @param layers lowest first; like the others, paths beneath the tree
   */
  public static MountTree overlay(MountTree tree, List<Path> layers, Path upper, Path work) {
    return overlay(tree, layers, upper, work, Runnable::run);
  }

  /**
   * The same of a tree with mapped ids.
   *
   * @param owner id outside of the user that {@code tree} shows as the owner of what is root's
   */
  public static MountTree overlay(
      MountTree tree, List<Path> layers, Path upper, Path work, int owner) {
    // what the overlay makes for itself belongs to who makes it, who must be known in the tree
    return overlay(tree, layers, upper, work, create -> ThisThread.asFileOwner(owner, create));
  }

  private static MountTree overlay(
      MountTree tree, List<Path> layers, Path upper, Path work, Consumer<Runnable> maker) {
    int context = open("overlay");
    try {
      for (Path layer : layers.reversed()) {
        set(context, "lowerdir+", tree, layer);
      }
      set(context, "upperdir", tree, upper);
      set(context, "workdir", tree, work);
      maker.accept(() -> configure(context, FSCONFIG_CMD_CREATE, 0, 0, 0, "create overlay"));
      return new MountTree(
          (int) Kernel.syscall("fsmount", context, FSMOUNT_CLOEXEC, 0, 0, 0, 0, "fsmount overlay"));
    } finally {
      Kernel.close(context);
    }
  }

  /**
   * A new tmpfs.
   *
   * @param options as in mount(8): names, or names with values
   */
  public static MountTree tmpfs(List<String> options) {
    return create("tmpfs", options, 0);
  }

  /**
   * A file system of which neither devices nor set-user-ID are heeded.
   *
   * @param options as in mount(8): names, or names with values
   */
  public static MountTree fileSystem(String type, List<String> options) {
    return create(type, options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  }

  /**
   * @throws KernelException ENODEV when the kernel has no such file system, nor a module of it
   */
  public static void require(String type) {
    Kernel.close(open(type));
  }

  private static MountTree create(String type, List<String> options, long attributes) {
    int context = open(type);
    try {
      for (String option : options) {
        int equals = option.indexOf('=');
        if (equals < 0) {
          set(context, option);
        } else {
          set(context, option.substring(0, equals), option.substring(equals + 1));
        }
      }
      configure(context, FSCONFIG_CMD_CREATE, 0, 0, 0, "create " + type);
      return new MountTree(
          (int)
              Kernel.syscall(
                  "fsmount", context, FSMOUNT_CLOEXEC, attributes, 0, 0, 0, "fsmount " + type));
    } finally {
      Kernel.close(context);
    }
  }

  /** Whether layers can be trees that are not attached (kernel 6.15), found by trying it. */
  public static boolean takesTreesAsLayers() {
    try (MountTree lower = tmpfs(List.of());
        MountTree upper = tmpfs(List.of());
        MountTree tried = overlay(List.of(lower, upper))) {
      return tried.fd >= 0;
    } catch (KernelException e) {
      return false;
    }
  }

  /**
   * An overlay of whole trees that nobody can write to (kernel 6.13, of trees that are not attached
   * 6.15).
   *
   * @param layers lowest first, two or more; attached or not
   */
  public static MountTree overlay(List<MountTree> layers) {
    int context = open("overlay");
    try (NativeMemory key = NativeMemory.text("lowerdir+")) {
      for (MountTree layer : layers.reversed()) {
        configure(context, FSCONFIG_SET_FD, key.address(), 0, layer.fd, "overlay lowerdir+");
      }
      configure(context, FSCONFIG_CMD_CREATE, 0, 0, 0, "create overlay");
      return new MountTree(
          (int) Kernel.syscall("fsmount", context, FSMOUNT_CLOEXEC, 0, 0, 0, 0, "fsmount overlay"));
    } finally {
      Kernel.close(context);
    }
  }

  private static void set(int context, String flag) {
    try (NativeMemory name = NativeMemory.text(flag)) {
      configure(context, FSCONFIG_SET_FLAG, name.address(), 0, 0, "option " + flag);
    }
  }

  private static void set(int context, String key, MountTree tree, Path path) {
    int flags = Kernel.O_PATH | Kernel.O_DIRECTORY;
    long beneath = Kernel.RESOLVE_BENEATH | Kernel.RESOLVE_NO_SYMLINKS;
    int directory = Kernel.openat2(tree.fd, path.toString(), flags, 0, beneath);
    try (NativeMemory name = NativeMemory.text(key)) {
      String what = "overlay " + key + "=" + path;
      configure(context, FSCONFIG_SET_FD, name.address(), 0, directory, what);
    } finally {
      Kernel.close(directory);
    }
  }

  private static int open(String type) {
    try (NativeMemory name = NativeMemory.text(type)) {
      return (int)
          Kernel.syscall("fsopen", name.address(), FSOPEN_CLOEXEC, 0, 0, 0, 0, "fsopen " + type);
    }
  }

  private static void set(int context, String key, String value) {
    try (NativeMemory name = NativeMemory.text(key);
        NativeMemory path = NativeMemory.text(value)) {
      String what = "option " + key + "=" + value;
      configure(context, FSCONFIG_SET_STRING, name.address(), path.address(), 0, what);
    }
  }

  private static void configure(
      int context, int command, long key, long value, long auxiliary, String what) {
    long result =
        LibC.INSTANCE.syscall(
            SyscallNumbers.of("fsconfig"), context, command, key, value, auxiliary, 0);
    if (result < 0) {
      int errno = Kernel.errno();
      throw new KernelException(what + message(context), errno);
    }
  }

  /**
   * The file system's own words on what it did not like, which can be read from its context: "e
   * words" for an error, "w" and "i" for warnings and information (fsopen(2)).
   */
  private static String message(int context) {
    byte[] buffer = new byte[512];
    long length = LibC.INSTANCE.read(context, buffer, buffer.length);
    if (length <= 0) {
      return "";
    }
    String message = new String(buffer, 0, (int) length, StandardCharsets.UTF_8).strip();
    return " (" + message.replaceFirst("^[ewi] ", "") + ")";
  }

  /** Until it is closed. */
  public int fd() {
    return fd;
  }

  public void makeReadOnly() {
    setAttributes(MOUNT_ATTR_RDONLY, 0, Propagation.UNCHANGED, 0, AT_EMPTY_PATH, "mount_setattr");
  }

  /** With the mounts beneath. */
  public void makeAllReadOnly() {
    int flags = AT_EMPTY_PATH | AT_RECURSIVE;
    setAttributes(MOUNT_ATTR_RDONLY, 0, Propagation.UNCHANGED, 0, flags, "mount_setattr");
  }

  /** For reading only: no devices, no programs. */
  public void makeData() {
    long data = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    setAttributes(data, 0, Propagation.UNCHANGED, 0, AT_EMPTY_PATH, "mount_setattr");
  }

  public void makeWritable() {
    setAttributes(0, MOUNT_ATTR_RDONLY, Propagation.UNCHANGED, 0, AT_EMPTY_PATH, "mount_setattr");
  }

  /** Whether later mounts beneath are seen beyond it, mount_namespaces(7). */
  public enum Propagation {
    UNCHANGED(0),
    PRIVATE(1 << 18),
    SLAVE(1 << 19),
    SHARED(1 << 20);

    private final long flag;

    Propagation(long flag) {
      this.flag = flag;
    }
  }

  /** With the mounts beneath. */
  public void propagate(Propagation propagation) {
    int flags = AT_EMPTY_PATH | AT_RECURSIVE;
    setAttributes(0, 0, propagation, 0, flags, "mount_setattr " + propagation);
  }

  /**
   * Shows files as of the users of another user namespace, with the mounts beneath: what belongs to
   * 0 on disk belongs to that namespace's root, and the other way round (kernel 5.12).
   *
   * @param userNamespace descriptor of it
   * @param what it is a tree of, for messages
   * @throws KernelException EINVAL: a file system that cannot be shown so
   */
  public void mapIds(int userNamespace, String what) {
    setAttributes(
        MOUNT_ATTR_IDMAP,
        0,
        Propagation.UNCHANGED,
        userNamespace,
        AT_EMPTY_PATH | AT_RECURSIVE,
        "mount_setattr MOUNT_ATTR_IDMAP of " + what);
  }

  /** The same, but for mounts beneath. */
  public void mapIdsOfTop(int userNamespace, String what) {
    setAttributes(
        MOUNT_ATTR_IDMAP,
        0,
        Propagation.UNCHANGED,
        userNamespace,
        AT_EMPTY_PATH,
        "mount_setattr MOUNT_ATTR_IDMAP of " + what);
  }

  private void setAttributes(
      long set, long cleared, Propagation propagation, long userNamespace, int flags, String what) {
    try (NativeMemory attributes = attributes(set, cleared, userNamespace)) {
      attributes.putLong(16, propagation.flag);
      long address = attributes.address();
      Kernel.syscall(
          "mount_setattr", fd, NOTHING.address(), flags, address, ATTRIBUTE_BYTES, 0, what);
    }
  }

  private static NativeMemory attributes(long set, long cleared, long userNamespace) {
    NativeMemory attributes = NativeMemory.allocate(ATTRIBUTE_BYTES);
    attributes.putLong(0, set);
    attributes.putLong(8, cleared);
    attributes.putLong(16, 0);
    attributes.putLong(24, userNamespace);
    return attributes;
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
