package dev.jctl.shim.local;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;

/**
 * Keeps a container's mount namespace for a moment longer than its processes do. The kernel takes
 * the mounts of a namespace down in the last process that leaves it, before it tells anybody of
 * that end, and waits for a grace period of RCU meanwhile: half a millisecond on an idle machine,
 * many on a busy one. With this, that happens once the end has been told.
 */
final class HeldMounts {
  private int namespace;

  private HeldMounts(int namespace) {
    this.namespace = namespace;
  }

  /** Of a process; of none when it is gone, or may not be looked at, which costs time only. */
  static HeldMounts of(int pid) {
    try {
      return new HeldMounts(Kernel.open("/proc/" + pid + "/ns/mnt", Kernel.O_RDONLY, 0));
    } catch (KernelException e) {
      return new HeldMounts(-1);
    }
  }

  /** Once or more. It may take as long as the taking down. */
  synchronized void release() {
    if (namespace >= 0) {
      Kernel.close(namespace);
      namespace = -1;
    }
  }
}
