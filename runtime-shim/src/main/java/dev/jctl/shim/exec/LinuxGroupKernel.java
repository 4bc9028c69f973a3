package dev.jctl.shim.exec;

import dev.jctl.shim.cgroup.GroupKernel;
import dev.jctl.shim.kernel.CgroupDevices;
import dev.jctl.shim.kernel.LibC;
import dev.jctl.shim.plan.Signals;
import java.nio.file.Path;
import java.util.List;

/** What the kernel does to groups. */
public final class LinuxGroupKernel implements GroupKernel {
  @Override
  public void sigkill(int pid) {
    LibC.INSTANCE.kill(pid, Signals.SIGKILL);
  }

  @Override
  public void guardDevices(Path group, List<Long> instructions) {
    CgroupDevices.guard(group, instructions);
  }
}
