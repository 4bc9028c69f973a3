package dev.jctl.shim.exec;

import static java.util.stream.Collectors.joining;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.MountTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    Path merged = Launcher.rootfs(directory);
    if (!Files.exists(merged)) {
      prepare(directory);
    }
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
  static void mount(List<Path> layers, Path directory, Path data, Users users) {
    Path merged = Launcher.rootfs(directory);
    if (!Files.exists(merged)) {
      prepare(directory);
    }
    int namespace = Kernel.open(users.namespace().toString(), Kernel.O_RDONLY, 0);
    try (MountTree seen = MountTree.copyOfTop(data)) {
      seen.mapIds(namespace, data.toString());
      Path below = data.relativize(directory);
      try (MountTree overlay =
          MountTree.overlay(
              seen,
              layers.stream().map(data::relativize).toList(),
              below.resolve("upper"),
              below.resolve("work"),
              users.first())) {
        overlay.attach(merged);
      }
    } finally {
      Kernel.close(namespace);
    }
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
