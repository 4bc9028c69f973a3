package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.plan.LaunchContext;
import java.nio.file.Files;
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

  static HeldVolumes take(List<Launcher.ResolvedVolume> volumes) {
    HeldVolumes held = new HeldVolumes();
    try {
      for (Launcher.ResolvedVolume volume : volumes) {
        held.take(volume);
      }
      return held;
    } catch (RuntimeException e) {
      held.close();
      throw e;
    }
  }

  private void take(Launcher.ResolvedVolume volume) {
    MountTree tree = MountTree.copyOf(volume.hostPath());
    trees.add(tree);
    if (volume.readOnly()) {
      tree.makeReadOnly();
    }
    planned.add(
        new LaunchContext.HeldTree(volume.destination(), Files.isDirectory(volume.hostPath())));
  }

  List<LaunchContext.HeldTree> planned() {
    return planned;
  }

  /** In the same order. */
  List<Long> descriptors(Descriptors open) {
    return trees.stream().map(tree -> (long) open.high(tree.fd())).toList();
  }

  List<MountTree> trees() {
    return trees;
  }

  @Override
  public void close() {
    trees.forEach(MountTree::close);
  }
}
