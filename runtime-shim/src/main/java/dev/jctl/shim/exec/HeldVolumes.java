package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
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
      volumes.forEach(held::take);
      return held;
    } catch (RuntimeException e) {
      held.close();
      throw e;
    }
  }

  /** As they are seen by the users of that namespace. */
  static HeldVolumes take(List<Launcher.ResolvedVolume> volumes, String userNamespace) {
    HeldVolumes held = take(volumes);
    if (volumes.isEmpty()) {
      return held;
    }
    int users = Kernel.open(userNamespace, Kernel.O_RDONLY, 0);
    try {
      for (int i = 0; i < volumes.size(); i++) {
        held.mapIds(i, volumes.get(i), users);
      }
      return held;
    } catch (RuntimeException e) {
      held.close();
      throw e;
    } finally {
      Kernel.close(users);
    }
  }

  private void mapIds(int index, Launcher.ResolvedVolume volume, int users) {
    try {
      trees.get(index).mapIds(users, volume.hostPath().toString());
    } catch (KernelException e) {
      throw e.is(Errno.EINVAL)
          ? new RuntimeFailure(
              Reason.INVALID,
              "mount on "
                  + volume.destination()
                  + ": the file system of "
                  + volume.hostPath()
                  + ", or of a mount beneath, cannot be shown to other users (idmapped mounts):"
                  + " set hostUsers to true",
              e)
          : e;
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
