package dev.jctl.shim.local;

import dev.jctl.shim.kernel.Kernel;
import java.nio.file.Path;

/** A namespace that stays what it is until this is closed, whatever becomes of its processes. */
record HeldNamespace(int descriptor) implements AutoCloseable {
  /** Of the processes that process {@code pid} is among, pid_namespaces(7). */
  static HeldNamespace ofProcesses(int pid) {
    return new HeldNamespace(Kernel.open("/proc/" + pid + "/ns/pid", Kernel.O_RDONLY, 0));
  }

  /** By which this process, and no other, finds it. */
  Path path() {
    return Path.of("/proc/self/fd", Integer.toString(descriptor));
  }

  @Override
  public void close() {
    Kernel.close(descriptor);
  }
}
