package dev.jctl.shim.exec;

import dev.jctl.shim.exec.ProgramLoader.Externals;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.plan.Argument.Name;
import dev.jctl.shim.plan.LaunchContext;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.plan.SyscallProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes a PID namespace that several containers share, and its first process. */
final class PauseProcess {
  private PauseProcess() {}

  /**
   * @param directory of the sandbox's namespaces
   * @param program descriptor of what it executes
   * @param emptyRoot descriptor of the mount namespace that it is in
   */
  static Launcher.Launched start(
      Machinery machinery, Path directory, List<Path> cgroupFiles, int program, int emptyRoot) {
    try (Descriptors open = new Descriptors(machinery.numbers(), 0)) {
      int nothing = open.owned(Kernel.open("/dev/null", Kernel.O_RDWR, 0));
      Launcher.Stdio stdio = new Launcher.Stdio.Descriptors(nothing, nothing, nothing);
      Externals externals =
          new Externals(StandardStreams.externals(stdio, open), List.of(), 0)
              .with(Name.FIRST_PROCESS, open.given(program))
              .with(Name.EMPTY_ROOT, open.given(emptyRoot));
      RunningProgram running =
          RunningProgram.start(
              machinery, "processes", plan(machinery, directory, cgroupFiles), externals, _ -> {});
      LaunchedProgram launched = new LaunchedProgram(running, null);
      launched.awaitReady();
      hold(launched, directory);
      launched.startOrEnd();
      return launched;
    }
  }

  private static SyscallProgram plan(Machinery machinery, Path directory, List<Path> cgroupFiles) {
    LaunchContext context =
        machinery
            .facts()
            .context(List.of(), List.of(), cgroupFiles, List.of(), "", 0)
            .withEmptyRoot(true)
            .withInit(true);
    Path users = directory.resolve("user");
    return LaunchPlanner.pause(
        SandboxNamespaces.joins(directory),
        Files.exists(users) ? Optional.of(users.toString()) : Optional.empty(),
        context);
  }

  /** While it is sure to be there. */
  private static void hold(LaunchedProgram launched, Path directory) {
    try {
      SandboxNamespaces.holdProcesses(launched.pid(), directory);
    } catch (RuntimeException e) {
      launched.abandon();
      Kernel.close(launched.pidfd());
      throw e;
    }
  }
}
