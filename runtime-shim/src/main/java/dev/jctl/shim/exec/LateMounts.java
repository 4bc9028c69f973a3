package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.observe.FileIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** Mounts into the mount namespace of a process that runs already, and out of it. */
final class LateMounts {
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;

  private LateMounts() {}

  /** To be called on a thread that ends with it. */
  static void add(int pid, List<Launcher.ResolvedVolume> volumes) {
    int process = Kernel.pidfdOpen(pid);
    try (HeldVolumes held =
        ParentSteps.ownUsers(pid).isPresent()
            ? HeldVolumes.take(volumes, "/proc/" + pid + "/ns/user")
            : HeldVolumes.take(volumes)) {
      // a thread shares root and working directory with the others, which setns does not allow
      Kernel.unshare(CLONE_FS);
      Kernel.setns(process, CLONE_NEWNS, "mount namespace of process " + pid);
      for (int i = 0; i < volumes.size(); i++) {
        attach(held.trees().get(i), volumes.get(i).destination());
      }
    } finally {
      Kernel.close(process);
    }
  }

  /**
   * Mounts on {@code target}, in this process's namespace, what is seen in that of another; to be
   * called on a thread that ends with it.
   *
   * @param wanted what the other must see there: it may have put something else in its place
   * @return whether it was that
   */
  static boolean takeBack(int pid, String destination, Path target, FileIdentity wanted) {
    int process = Kernel.pidfdOpen(pid);
    boolean ownUsers = ParentSteps.ownUsers(pid).isPresent();
    int home = Kernel.open("/proc/thread-self/ns/mnt", Kernel.O_RDONLY, 0);
    try {
      Kernel.unshare(CLONE_FS);
      Kernel.setns(process, CLONE_NEWNS, "mount namespace of process " + pid);
      try (MountTree tree = seenAt(destination, ownUsers)) {
        Kernel.setns(home, CLONE_NEWNS, "back");
        boolean same = FileIdentity.of(Path.of("/proc/self/fd/" + tree.fd())).equals(wanted);
        if (same) {
          tree.makeWritable();
          tree.attach(target);
        }
        return same;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("look at " + destination + " of process " + pid, e);
    } finally {
      Kernel.close(home);
      Kernel.close(process);
    }
  }

  private static MountTree seenAt(String destination, boolean ownUsers) {
    int seen = open(destination);
    try {
      return ownUsers ? MountTree.unmappedCopyOf(seen) : MountTree.copyOf(seen);
    } finally {
      Kernel.close(seen);
    }
  }

  private static void attach(MountTree tree, String destination) {
    int target = open(destination);
    try {
      tree.attach(target, destination);
    } finally {
      Kernel.close(target);
    }
  }

  private static int open(String destination) {
    int root = Kernel.open("/", Kernel.O_PATH | Kernel.O_DIRECTORY, 0);
    try {
      long confined = Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS;
      return Kernel.openat2(root, destination, Kernel.O_PATH, 0, confined);
    } finally {
      Kernel.close(root);
    }
  }
}
