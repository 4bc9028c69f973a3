package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.Launcher.Content;
import dev.jctl.shim.exec.RootMounts.Known;
import dev.jctl.shim.exec.RootMounts.LayerList;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.MountTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What is in images, as trees that nobody can write to, and of which nothing is left. */
final class ImageTrees {
  private ImageTrees() {}

  /**
   * @param each what is done with the tree of each layer before they are put together
   */
  static MountTree of(Content.Layers content, BiConsumer<Path, MountTree> each) {
    MountTree tree = merged(content.layers(), each);
    if (!content.subPath().isEmpty()) {
      tree = beneath(tree, content.subPath());
    }
    try {
      tree.makeData();
      return tree;
    } catch (RuntimeException e) {
      tree.close();
      throw e;
    }
  }

  private static MountTree merged(List<Path> layers, BiConsumer<Path, MountTree> each) {
    List<MountTree> trees = new ArrayList<>();
    try {
      for (Path layer : layers) {
        MountTree tree = MountTree.copyOfTop(layer);
        trees.add(tree);
        each.accept(layer, tree);
      }
      // an overlay takes two or more
      return trees.size() == 1 ? MountTree.copyOf(trees.getFirst().fd()) : overlay(layers, trees);
    } finally {
      trees.forEach(MountTree::close);
    }
  }

  private static MountTree overlay(List<Path> layers, List<MountTree> trees) {
    return switch (Known.MAPPED) {
      case AS_TREES -> MountTree.overlay(trees);
      case BY_OWN_MOUNTS -> overlayOfMounts(layers, trees, Known.LAYERS);
    };
  }

  /** Of trees, by the paths of their layers. */
  static MountTree overlayOfMounts(List<Path> layers, List<MountTree> trees, LayerList list) {
    Map<Path, MountTree> seen = new HashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      seen.put(layers.get(i), trees.get(i));
    }
    return OwnMounts.during(seen, () -> overlay(layers, list));
  }

  private static MountTree overlay(List<Path> layers, LayerList list) {
    if (list == LayerList.ONE_BY_ONE) {
      return MountTree.fileSystem(
          "overlay", layers.reversed().stream().map(layer -> "lowerdir+=" + layer).toList());
    }
    try (RootMounts.OpenDirectories open = new RootMounts.OpenDirectories()) {
      return MountTree.fileSystem("overlay", List.of("lowerdir=" + open.lower(layers)));
    } catch (KernelException e) {
      throw new RuntimeFailure(
          Reason.KERNEL,
          "what is in an image of %d layers: before Linux 6.8 an image of some 14 can be shown: %s"
              .formatted(layers.size(), e.getMessage()),
          e);
    }
  }

  private static MountTree beneath(MountTree tree, String subPath) {
    try (tree) {
      int fd = Kernel.openat2(tree.fd(), subPath, Kernel.O_PATH, 0, Kernel.RESOLVE_BENEATH);
      try {
        return MountTree.copyOf(fd);
      } finally {
        Kernel.close(fd);
      }
    } catch (KernelException e) {
      throw new RuntimeFailure(
          Reason.INVALID, "subPath " + subPath + " of an image: " + e.getMessage(), e);
    }
  }

  /** Shows what is at a path of an image, while that runs; nothing where it has no directory. */
  static void show(List<Path> layers, String path, Consumer<Path> viewer) {
    try (MountTree image = merged(layers, (layer, tree) -> {})) {
      int flags = Kernel.O_PATH | Kernel.O_DIRECTORY;
      String relative = path.replaceFirst("^/+", "");
      int fd = Kernel.openat2(image.fd(), relative, flags, 0, Kernel.RESOLVE_IN_ROOT);
      try {
        viewer.accept(
            Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", "" + fd));
      } finally {
        Kernel.close(fd);
      }
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR)) {
        throw e;
      }
    }
  }
}
