package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.Launcher.Access;
import dev.jctl.shim.exec.Launcher.Content;
import dev.jctl.shim.exec.Launcher.ResolvedVolume;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.kernel.MountTree.Propagation;
import dev.jctl.shim.observe.Mounts;
import dev.jctl.shim.plan.LaunchContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Volumes as mount trees that the parent has taken hold of. The child could not: a path by a
 * descriptor of ours ({@code /proc/PID/fd/N}) leads to a mount that is not in its namespace.
 */
final class HeldVolumes implements AutoCloseable {
  private final List<MountTree> trees = new ArrayList<>();
  private final List<LaunchContext.HeldTree> planned = new ArrayList<>();

  private HeldVolumes() {}

  static HeldVolumes take(List<ResolvedVolume> volumes) {
    return take(volumes, (volume, tree) -> {});
  }

  /** As they are seen by the users of that namespace. */
  static HeldVolumes take(List<ResolvedVolume> volumes, String userNamespace) {
    if (volumes.isEmpty()) {
      return new HeldVolumes();
    }
    int users = Kernel.open(userNamespace, Kernel.O_RDONLY, 0);
    try {
      return take(volumes, (volume, tree) -> mapIds(volume, tree, users));
    } finally {
      Kernel.close(users);
    }
  }

  /** Has a tree that is not mounted yet show its files as of other users. */
  @FunctionalInterface
  private interface Mapping {
    void apply(Origin origin, MountTree tree);
  }

  /** Where a tree is from and goes to, for messages. */
  private record Origin(Path path, String destination) {}

  private static HeldVolumes take(List<ResolvedVolume> volumes, Mapping mapping) {
    HeldVolumes held = new HeldVolumes();
    try {
      volumes.forEach(volume -> held.take(volume, mapping));
      return held;
    } catch (RuntimeException e) {
      held.close();
      throw e;
    }
  }

  private static void mapIds(Origin origin, MountTree tree, int users) {
    try {
      tree.mapIds(users, origin.path().toString());
    } catch (KernelException e) {
      throw e.is(Errno.EINVAL)
          ? new RuntimeFailure(
              Reason.INVALID,
              "mount on "
                  + origin.destination()
                  + ": the file system of "
                  + origin.path()
                  + ", or of a mount beneath, cannot be shown to other users (idmapped mounts):"
                  + " set hostUsers to true",
              e)
          : e;
    }
  }

  private void take(ResolvedVolume volume, Mapping mapping) {
    boolean directory =
        switch (volume.content()) {
          case Content.Tree(var path) -> {
            hold(volume, path, mapping);
            yield Files.isDirectory(path);
          }
          case Content.Layers layers -> {
            MountTree tree =
                ImageTrees.of(
                    layers,
                    (layer, part) -> mapping.apply(new Origin(layer, volume.destination()), part));
            trees.add(tree);
            yield Files.isDirectory(Path.of("/proc/self/fd/" + tree.fd()));
          }
        };
    planned.add(new LaunchContext.HeldTree(volume.destination(), directory));
  }

  private void hold(ResolvedVolume volume, Path path, Mapping mapping) {
    MountTree tree = MountTree.copyOf(path);
    trees.add(tree);
    restrict(tree, path, volume);
    mapping.apply(new Origin(path, volume.destination()), tree);
  }

  private static void restrict(MountTree tree, Path path, ResolvedVolume volume) {
    Access access = volume.access();
    if (access.readOnly() && access.readOnlyBeneath()) {
      tree.makeAllReadOnly();
    } else if (access.readOnly()) {
      tree.makeReadOnly();
    }
    switch (access.propagation()) {
      case NONE -> tree.propagate(Propagation.PRIVATE);
      case FROM_HOST -> tree.propagate(Propagation.SLAVE);
      // it is of the group of peers that it is a copy of
      case BOTH -> requireShared(path, volume.destination());
    }
  }

  private static void requireShared(Path path, String destination) {
    try {
      if (!Mounts.isShared(path)) {
        throw new RuntimeFailure(
            Reason.INVALID,
            "mount on %s: mountPropagation Bidirectional takes a shared mount, and what %s is on is none; make it so with mount --make-shared"
                .formatted(destination, path));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("look at the mount of " + path, e);
    }
  }

  // --- for the launch

  List<LaunchContext.HeldTree> planned() {
    return planned;
  }

  /** In the same order. */
  List<Long> descriptors(Descriptors open) {
    return trees.stream().map(tree -> (long) open.given(tree.fd())).toList();
  }

  List<MountTree> trees() {
    return trees;
  }

  @Override
  public void close() {
    trees.forEach(MountTree::close);
  }
}
