package dev.jctl.shim.exec;

import dev.jctl.shim.exec.ProgramLoader.Externals;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.plan.Argument.Name;
import dev.jctl.shim.plan.IdMaps;
import dev.jctl.shim.plan.LaunchContext;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.plan.SyscallProgram;
import dev.jctl.shim.spec.OciSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One more process in the namespaces, root and cgroups of a running one. */
final class FurtherProcess {
  private FurtherProcess() {}

  /**
   * Returns when its {@code execve} has succeeded.
   *
   * @param containerPid of one that runs
   * @param oci of the container
   * @param cgroupFiles to write to, to join its groups
   * @param preserved number of our descriptors from 3 on that it keeps
   * @param listeners get that of its filter, if it has one
   */
  static LaunchedProgram start(
      Machinery machinery,
      int containerPid,
      String id,
      OciSpec oci,
      OciSpec.Process process,
      List<Path> cgroupFiles,
      Launcher.Stdio stdio,
      int preserved,
      ListenerTaker listeners) {
    try (Descriptors open = new Descriptors(machinery.numbers(), preserved)) {
      Externals externals =
          new Externals(StandardStreams.externals(stdio, open), List.of(), preserved)
              .with(Name.CONTAINER, open.given(open.owned(Kernel.pidfdOpen(containerPid))));
      Optional<IdMaps> users = ParentSteps.ownUsers(containerPid);
      LaunchContext context =
          machinery
              .facts()
              .context(
                  List.of(),
                  List.of(),
                  cgroupFiles,
                  StandardStreams.owned(stdio, process, users.isPresent()),
                  "",
                  preserved);
      SyscallProgram program = LaunchPlanner.exec(oci, process, context, users);
      RunningProgram running = RunningProgram.start(machinery, id, program, externals, pid -> {});
      running.handListenerTo(listeners);
      LaunchedProgram launched = new LaunchedProgram(running, process.oomScoreAdj());
      launched.startOrEnd();
      return launched;
    }
  }
}
