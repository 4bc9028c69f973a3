package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.cgroup.Cgroups;
import dev.jctl.shim.command.ContainerState.Status;
import dev.jctl.shim.command.StateDirectories.Directory;
import dev.jctl.shim.exec.BundleLauncher;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.kernel.Transfer;
import dev.jctl.shim.spec.OciSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Makes a container of a bundle; when that fails, nothing of it is left. */
final class Creation {
  private final StateDirectories states;
  private final Cgroups cgroups;
  private final BundleLauncher launcher;

  Creation(StateDirectories states, Cgroups cgroups, BundleLauncher launcher) {
    this.states = states;
    this.cgroups = cgroups;
    this.launcher = launcher;
  }

  /** Returns when its process waits to be started. */
  ContainerState create(String id, Bundle bundle, Launcher.Stdio stdio, int preserved) {
    OciSpec spec =
        bundle
            .spec()
            .withProcess(
                BundleLauncher.withHome(
                    bundle.spec().process(), Path.of(bundle.spec().root().path())));
    CgroupsPath groups = CgroupsPath.of(spec.linux().cgroupsPath(), id);
    Directory directory = states.reserve(id);
    try {
      requireFree(groups);
    } catch (RuntimeException e) {
      directory.delete();
      throw e;
    }
    try {
      directory.writeConfig(bundle.text());
      ContainerState state = state(id, bundle, groups);
      directory.write(state);
      Transfer.ensureFifo(directory.fifo().toString(), 0600, 0, 0);
      List<Path> files = makeGroups(groups, spec);
      BundleLauncher.Standing standing =
          launcher.create(
              new BundleLauncher.Request(
                  id,
                  spec,
                  files,
                  stdio,
                  preserved,
                  directory.fifo(),
                  (pid, listener) ->
                      SeccompAgent.of(
                              spec.linux().seccomp(),
                              state.withProcess(pid, 0).published(Status.CREATING))
                          .take(pid, listener)),
              hooks(bundle, directory, state));
      ContainerState made = state.withProcess(standing.pid(), standing.startTicks());
      directory.write(made);
      return made;
    } catch (RuntimeException e) {
      discard(directory, groups, e);
      throw e;
    }
  }

  /** What is in its groups ends with the container, and stands still with it. */
  private void requireFree(CgroupsPath groups) {
    String problem =
        cgroups.isFrozen(groups.above(), groups.name())
            ? "is frozen; thaw it"
            : cgroups.processes(groups.above(), groups.name()).isEmpty()
                ? ""
                : "has processes in it, which would end with the container; give another path";
    if (!problem.isEmpty()) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "linux.cgroupsPath: the cgroup "
              + Path.of("/", groups.above(), groups.name())
              + " is there already and "
              + problem);
    }
  }

  private List<Path> makeGroups(CgroupsPath groups, OciSpec spec) {
    OciSpec.Resources unlimited = new OciSpec.Resources(List.of(), null, null, null, Map.of());
    cgroups.createSandbox(groups.above(), unlimited);
    OciSpec.Resources resources = spec.linux().resources();
    return cgroups.create(groups.above(), groups.name(), resources == null ? unlimited : resources);
  }

  private static ContainerState state(String id, Bundle bundle, CgroupsPath groups) {
    OciSpec spec = bundle.spec();
    return new ContainerState(
        id,
        OciSpec.VERSION,
        bundle.directory(),
        Path.of(spec.root().path()),
        0,
        0,
        Instant.now(),
        System.getProperty("user.name", ""),
        groups,
        spec.annotations());
  }

  private Optional<IntConsumer> hooks(Bundle bundle, Directory directory, ContainerState state) {
    if (!bundle.hooks().stopsCreation()) {
      return Optional.empty();
    }
    return Optional.of(
        pid -> {
          ContainerState known = state.withProcess(pid, 0);
          directory.write(known);
          String text = JsonTree.line(known.published(Status.CREATING));
          // by the specification they come with `start`, to which the container is created
          HookRunner.here(
              bundle.hooks().prestart(), JsonTree.line(known.published(Status.CREATED)), launcher);
          HookRunner.here(bundle.hooks().createRuntime(), text, launcher);
          HookRunner.inside(
              bundle.hooks().createContainer(),
              text,
              launcher,
              pid,
              bundle.spec(),
              bundle.directory().toString(),
              HookRunner.ourEnvironment());
        });
  }

  private void discard(Directory directory, CgroupsPath groups, RuntimeException failure) {
    try {
      cgroups.kill(groups.above(), groups.name());
      cgroups.remove(groups.above(), groups.name());
    } catch (RuntimeException further) {
      failure.addSuppressed(further);
    }
    try {
      directory.delete();
    } catch (RuntimeException further) {
      failure.addSuppressed(further);
    }
  }
}
