package dev.jctl.shim.exec;

import static java.util.stream.Collectors.joining;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.kernel.MountTree.Propagation;
import dev.jctl.shim.kernel.ThisThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Root file systems: overlays of layers. */
final class RootMounts {
  /** How the kernel is told of layers. */
  enum LayerList {
    /** In calls of their own (kernel 6.8). */
    ONE_BY_ONE,
    /** In one text, of a page at most. */
    ONE_TEXT;

    static LayerList ofKernel() {
      return MountTree.takesLayersOneByOne() ? ONE_BY_ONE : ONE_TEXT;
    }
  }

  /** How the kernel is told of layers that are shown as others see them. */
  enum MappedLayers {
    /** By descriptors of trees that are attached nowhere (kernel 6.15). */
    AS_TREES,
    /** By paths at which a thread has attached them for itself. */
    BY_OWN_MOUNTS;

    static MappedLayers ofKernel() {
      return MountTree.takesTreesAsLayers() ? AS_TREES : BY_OWN_MOUNTS;
    }
  }

  /** What this kernel takes. Asked once, by the first that needs it. */
  static final class Known {
    static final LayerList LAYERS = LayerList.ofKernel();
    static final MappedLayers MAPPED = MappedLayers.ofKernel();

    private Known() {}
  }

  private RootMounts() {}

  static void prepare(Path directory) {
    make(directory.resolve("upper"));
    make(directory.resolve("work"));
    // last: where it is, all are
    make(Launcher.rootfs(directory));
  }

  static void mount(List<Path> layers, Path directory, LayerList list) {
    if (layers.isEmpty()) {
      throw new RuntimeFailure(Reason.INVALID, "a root file system needs at least one layer");
    }
    Path merged = prepared(directory);
    Path upper = directory.resolve("upper");
    Path work = directory.resolve("work");
    switch (list) {
      case ONE_BY_ONE -> {
        try (MountTree overlay = MountTree.overlay(layers, upper, work)) {
          overlay.attach(merged);
        }
      }
      case ONE_TEXT -> mountByText(layers, upper, work, merged);
    }
  }

  /**
   * A copy of what is at a path, on which nothing is mounted, nor will be. For each directory that
   * an overlay takes from a mount, the kernel goes through all that is mounted on that (6.18:
   * {@code has_locked_children}), which is something for each container.
   */
  static MountTree bare(Path data) {
    MountTree tree = MountTree.copyOfTop(data);
    tree.propagate(Propagation.PRIVATE);
    return tree;
  }

  /**
   * The same, with layers as they are in a bare tree (kernel 6.15).
   *
   * @param data of which it is a copy, above the layers and the directory
   */
  static void mount(List<Path> layers, Path directory, Path data, MountTree bare, LayerList list) {
    Path merged = prepared(directory);
    Path below = data.relativize(directory);
    List<Path> beneath = layers.stream().map(data::relativize).toList();
    try (MountTree overlay =
        MountTree.overlay(bare, beneath, below.resolve("upper"), below.resolve("work"))) {
      overlay.attach(merged);
    } catch (KernelException e) {
      // some of it may be on a mount of its own, or behind a link
      mount(layers, directory, list);
    }
  }

  private static Path prepared(Path directory) {
    Path merged = Launcher.rootfs(directory);
    if (!Files.exists(merged)) {
      prepare(directory);
    }
    return merged;
  }

  private static void mountByText(List<Path> layers, Path upper, Path work, Path merged) {
    try (OpenDirectories open = new OpenDirectories()) {
      String options =
          "lowerdir=%s,upperdir=%s,workdir=%s"
              .formatted(open.lower(layers), open.held(upper), open.held(work));
      Kernel.mount("none", merged.toString(), "overlay", 0, options);
    }
  }

  /**
   * Stand for paths, which may be too long for a text of options, or have the characters in them
   * that separate options.
   */
  static final class OpenDirectories implements AutoCloseable {
    private final List<Integer> open = new ArrayList<>();

    /**
     * @param layers lowest first
     */
    String lower(List<Path> layers) {
      return layers.reversed().stream().map(this::held).collect(joining(":"));
    }

    String held(Path directory) {
      int fd = Kernel.open(directory.toString(), Kernel.O_PATH | Kernel.O_DIRECTORY, 0);
      open.add(fd);
      return "/proc/self/fd/" + fd;
    }

    @Override
    public void close() {
      open.forEach(Kernel::close);
    }
  }

  /**
   * The same, as it is seen by those users: what an image says is root's is their root's.
   *
   * @param data where the layers and the directory are, on one file system
   */
  static void mount(
      List<Path> layers, Path directory, Path data, Users users, MappedLayers way, LayerList list) {
    Path merged = prepared(directory);
    int namespace = Kernel.open(users.namespace().toString(), Kernel.O_RDONLY, 0);
    try (MountTree seen = MountTree.copyOfTop(data)) {
      seen.mapIds(namespace, data.toString());
      try (MountTree overlay =
          switch (way) {
            case AS_TREES -> ofTree(seen, layers, directory, data, users);
            case BY_OWN_MOUNTS ->
                OwnMounts.during(
                    Map.of(data, seen), () -> byPaths(layers, directory, users.first(), list));
          }) {
        overlay.attach(merged);
      }
    } finally {
      Kernel.close(namespace);
    }
  }

  private static MountTree ofTree(
      MountTree seen, List<Path> layers, Path directory, Path data, Users users) {
    Path below = data.relativize(directory);
    return MountTree.overlay(
        seen,
        layers.stream().map(data::relativize).toList(),
        below.resolve("upper"),
        below.resolve("work"),
        users.first());
  }

  /**
   * @param owner who makes what the overlay makes for itself: must be known where it is seen
   */
  private static MountTree byPaths(List<Path> layers, Path directory, int owner, LayerList list) {
    Path merged = Launcher.rootfs(directory);
    ThisThread.asFileOwner(owner, () -> mount(layers, directory, list));
    return MountTree.copyOfTop(merged);
  }

  private static void make(Path directory) {
    try {
      Files.createDirectory(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("make " + directory, e);
    }
  }

  static void unmount(Path directory) {
    detach(Launcher.rootfs(directory));
  }

  /** Also when it is busy; nothing to do where nothing is mounted. */
  static void detach(Path target) {
    try {
      Kernel.umount(target.toString(), Kernel.MNT_DETACH);
    } catch (KernelException e) {
      if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }
}
