package dev.jctl.shim.cgroup;

import java.nio.file.Path;
import java.util.List;

/** What is done to groups by other means than their files. */
public interface GroupKernel {
  /** Kills one process; for kernels without {@code cgroup.kill} (before 5.14). */
  void sigkill(int pid);

  /**
   * Has a program decide which devices the processes of a v2 group may use, instead of those that
   * did before; with those of the groups above.
   *
   * @param instructions of a BPF_PROG_TYPE_CGROUP_DEVICE
   */
  void guardDevices(Path group, List<Long> instructions);
}
