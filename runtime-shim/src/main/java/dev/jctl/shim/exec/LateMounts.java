package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.MountTree;
import java.util.List;

/** Mounts into the mount namespace of a process that runs already. */
final class LateMounts {
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;

  private LateMounts() {}

  /** To be called on a thread that ends with it. */
  static void add(int pid, List<Launcher.ResolvedVolume> volumes) {
    int process = Kernel.pidfdOpen(pid);
    try (HeldVolumes held = HeldVolumes.take(volumes)) {
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

  private static void attach(MountTree tree, String destination) {
    int root = Kernel.open("/", Kernel.O_PATH | Kernel.O_DIRECTORY, 0);
    try {
      long confined = Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS;
      int target = Kernel.openat2(root, destination, Kernel.O_PATH, 0, confined);
      try {
        tree.attach(target, destination);
      } finally {
        Kernel.close(target);
      }
    } finally {
      Kernel.close(root);
    }
  }
}
