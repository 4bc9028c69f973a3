package dev.jctl.shim.local;

import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.log.LogPump;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Makes a container, up to its process that waits to be let run, and its record on disk. */
final class ContainerMaking {
  private final Services services;
  private final ContainerSpec spec;
  private final String id;
  private final Path directory;
  private final SandboxLife sandbox;
  private final List<Path> layers;
  private final VolumePaths.Sources sources;
  private final Optional<HeldNamespace> processes;
  private final boolean runAtOnce;

  /**
   * @param process has its descriptor, which is the caller's to close
   * @param alone whether the end of its process is that of all in it, pid_namespaces(7)
   */
  record Made(
      ContainerRecord record,
      Launcher.Launched process,
      LogPump pump,
      ContainerInput input,
      boolean alone) {}

  /**
   * @param processes namespace of another container's processes that it joins
   * @param runAtOnce its process is not waited for while it sets itself up; when that fails it is
   *     as if its command had
   */
  ContainerMaking(
      Services services,
      ContainerSpec spec,
      SandboxLife sandbox,
      List<Path> layers,
      VolumePaths.Sources sources,
      Optional<HeldNamespace> processes,
      boolean runAtOnce) {
    this.services = services;
    this.spec = spec;
    this.id = spec.id();
    this.directory = services.places().container(id);
    this.sandbox = sandbox;
    this.layers = layers;
    this.sources = sources;
    this.processes = processes;
    this.runAtOnce = runAtOnce;
  }

  /**
   * In a sandbox that was begun; the rest of that is made while the process sets itself up. What is
   * made is in {@code undo}, also when this fails.
   */
  Made make(Undo undo) {
    Groundwork groundwork = begin(undo);
    Launcher.ResolvedUser user = user(groundwork);
    OciSpec oci = complete(user);
    Stdio stdio = Stdio.create(spec, directory, user.user());
    furnish();
    Launcher.Launched launched = launch(oci, stdio, groundwork);
    undo.push(() -> Kernel.close(launched.pidfd()));
    undo.push(launched::abandon);
    sandbox.create();
    ContainerInput input = input(stdio);
    undo.push(input::close);
    LogPump pump = pump(services, spec, stdio.sources());
    undo.push(() -> services.loop().execute(pump::suspend));
    return new Made(remember(launched, user), launched, pump, input, isAlone());
  }

  /** Begins what the kernel has to make for it. */
  private Groundwork begin(Undo undo) {
    undo.push(() -> RecordFiles.deleteTree(directory));
    makeDirectory();
    undo.push(() -> services.cgroups().remove(spec.sandboxId(), id));
    undo.push(() -> services.launcher().unmountRootfs(directory));
    Groundwork groundwork = Groundwork.begin(this::prepare);
    undo.push(groundwork::settle);
    return groundwork;
  }

  private void makeDirectory() {
    if (spec.oci().process().terminal() || !services.prepared().containers().take(directory)) {
      RecordFiles.makeDirectories(directory);
    }
  }

  private void prepare() {
    Path data = services.places().data();
    sandbox
        .users()
        .ifPresentOrElse(
            own -> services.launcher().mountRootfs(layers, directory, data, own),
            () -> services.launcher().mountRootfs(layers, directory, data));
    sandbox.awaitGroundwork();
    services.cgroups().create(spec.sandboxId(), id, OciCompletion.resources(spec.oci()));
  }

  private Launcher.ResolvedUser user(Groundwork groundwork) {
    OciSpec.User given = spec.oci().process().user();
    String name = spec.user();
    if (name == null) {
      return new Launcher.ResolvedUser(given, null);
    }
    groundwork.await();
    return services
        .launcher()
        .resolveUser(Launcher.rootfs(directory), name)
        .inGroups(given.additionalGids());
  }

  private OciSpec complete(Launcher.ResolvedUser user) {
    Places places = services.places();
    return OciCompletion.complete(
        spec.oci(),
        user,
        new OciCompletion.Surroundings(
            sandbox.spec(),
            sandbox.users(),
            places.namespaces(spec.sandboxId()),
            processes.map(HeldNamespace::path).or(sandbox::processes),
            places.sandbox(spec.sandboxId()),
            Launcher.rootfs(directory),
            services.cgroups().path(spec.sandboxId(), id),
            services.appArmor(),
            services.seLinux()));
  }

  private void furnish() {
    for (ContainerSpec.VolumeMount mount : spec.volumes()) {
      if (mount.source() instanceof ContainerSpec.Source.Volume(var volumeId)) {
        Path volume = sources.volume().apply(volumeId);
        services.furnishing().prepare(mount, volumeId, volume, layers, sandbox);
      }
    }
  }

  /**
   * What comes after this is done while the process sets itself up. When it fails, nothing of
   * {@code stdio} is open.
   */
  private Launcher.Launched launch(OciSpec oci, Stdio stdio, Groundwork groundwork) {
    List<Path> groups =
        services.cgroups().joinFiles(spec.sandboxId(), id, OciCompletion.resources(spec.oci()));
    try (VolumePaths volumes = VolumePaths.resolve(spec.volumes(), sources)) {
      Launcher.Launched launched =
          services
              .launcher()
              .create(
                  new Launcher.LaunchRequest(
                      id,
                      oci,
                      withTerminationLog(volumes.resolved()),
                      groups,
                      stdio.child(),
                      spec.init(),
                      groundwork::await));
      if (!runAtOnce) {
        launched.awaitReady();
      }
      return launched;
    } catch (RuntimeException e) {
      stdio.closeOurSide();
      throw e;
    } finally {
      stdio.closeChildSide();
    }
  }

  /** Last, as it may lie in one of them. */
  private List<Launcher.ResolvedVolume> withTerminationLog(List<Launcher.ResolvedVolume> volumes) {
    return Stream.concat(
            volumes.stream(), terminationLog(services, spec).map(TerminationLog::make).stream())
        .toList();
  }

  private ContainerInput input(Stdio stdio) {
    return new ContainerInput(
        services.loop(), Stdio.input(directory), spec.stdinOnce(), stdio.terminal(), stdio.input());
  }

  /** Of one that an earlier process made, whose descriptors are gone. */
  static ContainerInput inputLeft(Services services, ContainerSpec spec) {
    Path fifo = Stdio.input(services.places().container(spec.id()));
    return new ContainerInput(
        services.loop(), fifo, spec.stdinOnce(), OptionalInt.empty(), OptionalInt.empty());
  }

  /** Of this attempt. */
  private static Path log(ContainerSpec spec) {
    return Path.of(spec.logDirectory()).resolve(spec.attempt() + ".log");
  }

  static Optional<TerminationLog> terminationLog(Services services, ContainerSpec spec) {
    return TerminationLog.of(spec, services.places().container(spec.id()), log(spec));
  }

  /** Its output goes to the log of this attempt from now on. */
  static LogPump pump(Services services, ContainerSpec spec, List<LogPump.Source> sources) {
    Path log = log(spec);
    try {
      return LogPump.start(services.logs(), services.places().container(spec.id()), log, sources);
    } catch (IOException e) {
      throw Failures.of("open log " + log, e);
    }
  }

  /** On disk before it runs. */
  private ContainerRecord remember(Launcher.Launched launched, Launcher.ResolvedUser user) {
    Path rootfs = Launcher.rootfs(directory);
    List<String> mountPoints =
        spec.volumes().stream()
            .map(volume -> VolumePaths.mountPoint(rootfs, volume.destination()))
            .toList();
    Instant now = services.clock().instant();
    ContainerRecord made =
        new ContainerRecord(
            spec,
            user,
            launched.pid(),
            launched.startTicks(),
            services.bootId(),
            mountPoints,
            now,
            runAtOnce ? now : null);
    new ContainerRecords(services.places(), services.records()).writeNew(made);
    return made;
  }

  private boolean isAlone() {
    SandboxSpec around = sandbox.spec();
    return processes.isEmpty()
        && !around.sharedProcesses()
        && !around.hostNamespaces().contains(SandboxSpec.HostNamespace.PID)
        && spec.oci().linux().namespaces().stream()
            .anyMatch(namespace -> namespace.type().equals("pid") && namespace.path() == null);
  }
}
