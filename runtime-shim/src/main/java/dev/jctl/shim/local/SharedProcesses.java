package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.supervise.ProcessWatch;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * PID namespaces that the containers of a sandbox share. The first process of one is alone in a
 * group, by which it is found again: nothing of it is on disk.
 */
final class SharedProcesses {
  /** Beside those of the sandbox's containers, none of whose ids begins with a dot. */
  static final String GROUP = ".processes";

  private static final OciSpec.Resources UNLIMITED =
      new OciSpec.Resources(List.of(), null, null, null, Map.of());

  private final Services services;

  SharedProcesses(Services services) {
    this.services = services;
  }

  /**
   * @param namespaces directory of the others
   */
  void make(String sandboxId, Path namespaces) {
    List<Path> files = services.cgroups().create(sandboxId, GROUP, UNLIMITED);
    Launcher.Launched first = services.launcher().createProcesses(namespaces, files);
    ProcessWatch.start(
        services.loop(),
        first.pidfd(),
        first.pid(),
        first.startTicks(),
        _ -> {
          Kernel.close(first.pidfd());
          services.events().accept(new RuntimeEvent.SandboxChanged(sandboxId));
        });
  }

  /** Whether there is one that processes can still be made in. */
  boolean present(String sandboxId) {
    return !services.cgroups().processes(sandboxId, GROUP).isEmpty();
  }

  /** With all processes in it; a no-op where it has ended. */
  void end(String sandboxId) {
    if (present(sandboxId)) {
      services.cgroups().kill(sandboxId, GROUP);
    }
    services.cgroups().remove(sandboxId, GROUP);
  }
}
