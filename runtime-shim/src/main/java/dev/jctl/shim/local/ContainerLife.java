package dev.jctl.shim.local;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.exec.Launcher.ResolvedVolume;
import dev.jctl.shim.exec.Users;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Pidfd.ExitStatus;
import dev.jctl.shim.layer.LayerReader;
import dev.jctl.shim.log.LogPump;
import dev.jctl.shim.observe.FileIdentity;
import dev.jctl.shim.observe.Mounts;
import dev.jctl.shim.plan.Signals;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.Observed.State;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.supervise.PolledDescriptor;
import dev.jctl.shim.supervise.ProcessWatch;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One container from its making to its removal. Changes (create, start, remove, …) hold {@code
 * changing}; the end of its process arrives in the event loop's thread at any time, takes only the
 * monitor, and never waits.
 */
final class ContainerLife {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerLife.class);

  /** A process that was sent SIGKILL is gone by then, unless the kernel itself is stuck. */
  private static final Duration DYING = Duration.ofSeconds(30);

  /** Who waited for an end gets the processors first. */
  private static final Duration LATER = Duration.ofMillis(30);

  /** All that mounts and unmounts when it starts has done so by then. */
  private static final Duration SETTLED = Duration.ofSeconds(1);

  enum Phase {
    WAITING,
    /** The end of the process is held back until the outcome of its start is known. */
    STARTING,
    STARTED
  }

  private final Services services;
  private final ContainerRecords records;
  private final String id;
  private final String sandboxId;
  private final Path directory;
  private final ReentrantLock changing = new ReentrantLock();
  private final Entrance entrance = new Entrance();
  private final CompletableFuture<State.Exited> ended = new CompletableFuture<>();

  // all below: guarded by this
  private ContainerSpec spec;
  private @Nullable ContainerRecord record;
  private State state = new State.Created();
  private Phase phase = Phase.WAITING;
  private @Nullable Runnable heldBack;
  private @Nullable RuntimeFailure startError;
  private Launcher.@Nullable Launched waiting;
  private @Nullable LogPump pump;
  private @Nullable PolledDescriptor terminal;
  private int pidfd = -1;

  /** Writing end of a standard input that ends with its first attach; -1: not, or no more. */
  private int ownInput = -1;

  private @Nullable HeldMounts mounts;
  private MountWatch.@Nullable Watch mountWatch;
  private boolean alone;

  /** How many want it to stand still for a while. */
  private int holders;

  ContainerLife(Services services, ContainerSpec spec) {
    this.services = services;
    this.records = new ContainerRecords(services.places(), services.records());
    this.spec = spec;
    this.id = spec.id();
    this.sandboxId = spec.sandboxId();
    this.directory = services.places().container(id);
  }

  synchronized ContainerSpec spec() {
    return spec;
  }

  String sandboxId() {
    return sandboxId;
  }

  synchronized State state() {
    return state;
  }

  private synchronized ContainerRecord record() {
    ContainerRecord known = record;
    if (known == null) {
      throw new RuntimeFailure(Reason.NOT_RUNNING, "container " + id + " is being created");
    }
    return known;
  }

  /** Several changes as one: nobody removes it in between. */
  void undisturbed(Runnable changes) {
    changing.lock();
    try {
      changes.run();
    } finally {
      changing.unlock();
    }
  }

  // --- create

  /**
   * @param processes namespace of another container's processes that it joins; held until this
   *     returns
   * @param next what is to come of it: a process that is to run is not waited for while it sets
   *     itself up, and when that fails it is as if its command had
   */
  void create(
      SandboxLife sandbox,
      List<Path> layers,
      VolumePaths.Sources sources,
      Optional<HeldNamespace> processes,
      Phase next) {
    Undo undo = new Undo();
    changing.lock();
    try {
      make(sandbox, layers, sources, processes, next, undo);
    } catch (RuntimeException e) {
      throw undo.after(Failures.of("create container " + id, e));
    } finally {
      changing.unlock();
    }
  }

  private void make(
      SandboxLife sandbox,
      List<Path> layers,
      VolumePaths.Sources sources,
      Optional<HeldNamespace> processes,
      Phase next,
      Undo undo) {
    Launcher launcher = services.launcher();
    ContainerSpec wanted = spec();
    synchronized (this) {
      alone = processes.isEmpty() && hasOwnProcesses(sandbox.spec(), wanted.oci());
    }
    undo.push(() -> RecordFiles.deleteTree(directory));
    makeDirectory(wanted.oci().process());
    undo.push(() -> services.cgroups().remove(sandboxId, id));
    undo.push(() -> launcher.unmountRootfs(directory));
    Optional<Users> users = sandbox.users();
    Groundwork groundwork = Groundwork.begin(() -> prepare(layers, users));
    undo.push(groundwork::settle);
    Path rootfs = Launcher.rootfs(directory);
    Launcher.ResolvedUser user = user(rootfs, wanted, groundwork);
    OciSpec oci =
        OciCompletion.complete(
            wanted.oci(),
            user,
            new OciCompletion.Surroundings(
                sandbox.spec(),
                users,
                services.places().namespaces(sandboxId),
                processes.map(HeldNamespace::path).or(sandbox::processes),
                services.places().sandbox(sandboxId),
                rootfs,
                services.cgroups().path(sandboxId, id)));
    Stdio stdio = Stdio.create(wanted, directory, user.user());
    furnish(sandbox, layers, sources);
    Launcher.Launched launched = launch(oci, sources, stdio, next, groundwork);
    undo.push(() -> Kernel.close(launched.pidfd()));
    undo.push(launched::abandon);
    startPump(stdio, undo);
    remember(launched, user, rootfs, next);
  }

  /**
   * The namespace of its processes, for another container to join.
   *
   * @throws RuntimeFailure NOT_RUNNING
   */
  synchronized HeldNamespace processes() {
    if (!(state instanceof State.Running running) || pidfd < 0) {
      throw new RuntimeFailure(Reason.NOT_RUNNING, "container " + id + " does not run");
    }
    HeldNamespace held = null;
    try {
      held = HeldNamespace.ofProcesses(running.pid());
      // still there, so the number was not another's meanwhile
      Kernel.pidfdSendSignal(pidfd, 0);
      return held;
    } catch (KernelException e) {
      if (held != null) {
        held.close();
      }
      throw Failures.of("join the processes of container " + id, e);
    }
  }

  private void furnish(SandboxLife sandbox, List<Path> layers, VolumePaths.Sources sources) {
    for (ContainerSpec.VolumeMount mount : spec().volumes()) {
      if (mount.source() instanceof ContainerSpec.Source.Volume(var volumeId)) {
        Path volume = sources.volume().apply(volumeId);
        services.furnishing().prepare(mount, volumeId, volume, layers, sandbox);
      }
    }
  }

  private void prepare(List<Path> layers, Optional<Users> users) {
    OciSpec.Resources resources = OciCompletion.resources(spec().oci());
    services.cgroups().create(sandboxId, id, resources);
    users.ifPresentOrElse(
        own -> services.launcher().mountRootfs(layers, directory, services.places().data(), own),
        () -> services.launcher().mountRootfs(layers, directory));
  }

  /** Whether the end of its first process ends all others, pid_namespaces(7). */
  private static boolean hasOwnProcesses(SandboxSpec sandbox, OciSpec oci) {
    return !sandbox.sharedProcesses()
        && !sandbox.hostNamespaces().contains(SandboxSpec.HostNamespace.PID)
        && oci.linux().namespaces().stream()
            .anyMatch(namespace -> namespace.type().equals("pid") && namespace.path() == null);
  }

  private void makeDirectory(OciSpec.Process process) {
    if (process.terminal() || !services.prepared().containers().take(directory)) {
      RecordFiles.makeDirectories(directory);
    }
  }

  /**
   * What comes after this is done while the process sets itself up. When it fails, nothing of
   * {@code stdio} is open.
   */
  private Launcher.Launched launch(
      OciSpec oci, VolumePaths.Sources sources, Stdio stdio, Phase next, Groundwork groundwork) {
    List<Path> groups =
        services.cgroups().joinFiles(sandboxId, id, OciCompletion.resources(spec().oci()));
    try (VolumePaths volumes = VolumePaths.resolve(spec().volumes(), sources)) {
      Launcher.Launched launched =
          services
              .launcher()
              .create(
                  new Launcher.LaunchRequest(
                      id,
                      oci,
                      volumes.resolved(),
                      groups,
                      stdio.child(),
                      spec().init(),
                      groundwork::await));
      if (next == Phase.WAITING) {
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

  private Launcher.ResolvedUser user(Path rootfs, ContainerSpec wanted, Groundwork groundwork) {
    String name = wanted.user();
    if (name == null) {
      return new Launcher.ResolvedUser(wanted.oci().process().user(), null);
    }
    groundwork.await();
    return services
        .launcher()
        .resolveUser(rootfs, name)
        .inGroups(wanted.oci().process().user().additionalGids());
  }

  private void startPump(Stdio stdio, Undo undo) {
    PolledDescriptor master =
        stdio.terminal().isPresent()
            ? new PolledDescriptor(services.loop(), stdio.terminal().getAsInt())
            : null;
    if (master != null) {
      undo.push(master::close);
    }
    LogPump started = startPump(stdio.sources());
    undo.push(() -> services.loop().execute(started::suspend));
    synchronized (this) {
      pump = started;
      terminal = master;
      ownInput = stdio.input().orElse(-1);
    }
    undo.push(this::endInput);
  }

  private synchronized void endInput() {
    if (ownInput >= 0) {
      Kernel.close(ownInput);
      ownInput = -1;
    }
  }

  private LogPump startPump(List<LogPump.Source> sources) {
    ContainerSpec wanted = spec();
    Path log = Path.of(wanted.logDirectory()).resolve(wanted.attempt() + ".log");
    try {
      return LogPump.start(services.logs(), directory, log, sources);
    } catch (IOException e) {
      throw Failures.of("open log " + log, e);
    }
  }

  /** On disk before it runs. */
  private void remember(
      Launcher.Launched launched, Launcher.ResolvedUser user, Path rootfs, Phase next) {
    ContainerSpec wanted = spec();
    List<String> mountPoints =
        wanted.volumes().stream()
            .map(volume -> VolumePaths.mountPoint(rootfs, volume.destination()))
            .toList();
    Instant now = services.clock().instant();
    ContainerRecord made =
        new ContainerRecord(
            wanted,
            user,
            launched.pid(),
            launched.startTicks(),
            services.bootId(),
            mountPoints,
            now,
            next == Phase.STARTING ? now : null);
    records.writeNew(made);
    synchronized (this) {
      record = made;
      waiting = launched;
      pidfd = launched.pidfd();
      phase = next;
    }
    watch(made);
  }

  private void watch(ContainerRecord watched) {
    int descriptor;
    synchronized (this) {
      descriptor = pidfd;
      mounts = HeldMounts.of(watched.pid());
    }
    ProcessWatch.start(
        services.loop(), descriptor, watched.pid(), watched.startTicks(), this::processEnded);
    if (!watched.mountPoints().isEmpty()) {
      services.chores().after(SETTLED, () -> watchMounts(watched.pid()));
    }
  }

  /** As others see them in there; looked at once more, as they may have changed before. */
  private void watchMounts(int pid) {
    synchronized (this) {
      if (!(state instanceof State.Running) || mountWatch != null) {
        return;
      }
      try {
        mountWatch =
            services.mounts().watch(Path.of("/proc/" + pid + "/mountinfo"), this::tellLostMounts);
      } catch (KernelException ended) {
        return;
      }
    }
    tellLostMounts();
  }

  private void tellLostMounts() {
    if (!missingMounts().isEmpty()) {
      services.events().accept(new RuntimeEvent.SandboxChanged(sandboxId));
    }
  }

  // --- start

  void start() {
    changing.lock();
    try {
      Optional<Launcher.Launched> process = beginStart();
      if (process.isPresent()) {
        start(process.get());
      }
    } finally {
      changing.unlock();
    }
  }

  /** Empty: it runs already. */
  private synchronized Optional<Launcher.Launched> beginStart() {
    if (state instanceof State.Running) {
      return Optional.empty();
    }
    Launcher.Launched process = waiting;
    if (process == null || !(state instanceof State.Created)) {
      throw new RuntimeFailure(
          Reason.NOT_RUNNING, "container " + id + " has ended and cannot be started again");
    }
    phase = Phase.STARTING;
    return Optional.of(process);
  }

  private void start(Launcher.Launched process) {
    try {
      process.start();
    } catch (RuntimeException e) {
      RuntimeFailure failure = Failures.of("start container " + id, e);
      synchronized (this) {
        startError = failure;
        waiting = null;
      }
      releaseEnd();
      awaitEnd(DYING);
      throw failure;
    }
    try {
      started(startedAt());
    } finally {
      changed();
      releaseEnd();
    }
  }

  /** Of one that is run at once, what its record says already. */
  private Instant startedAt() {
    Instant recorded = record().startedAt();
    return recorded == null ? services.clock().instant() : recorded;
  }

  private void started(Instant at) {
    ContainerRecord before = record();
    synchronized (this) {
      record = before.withStartedAt(at);
      waiting = null;
      state = new State.Running(before.pid(), at);
    }
    if (before.startedAt() == null) {
      services.records().writeNew(services.places().startRecord(id), at);
    }
  }

  private void releaseEnd() {
    Runnable end;
    synchronized (this) {
      phase = Phase.STARTED;
      end = heldBack;
      heldBack = null;
    }
    if (end != null) {
      services.loop().execute(end);
    }
  }

  // --- end, in the loop's thread

  private void processEnded(Optional<ExitStatus> status) {
    synchronized (this) {
      if (phase == Phase.STARTING) {
        heldBack = () -> finish(status);
        return;
      }
    }
    finish(status);
  }

  /** Output first, then the state on disk, then everybody else. */
  private void finish(Optional<ExitStatus> status) {
    if (!isAlone()) {
      endOthers();
    }
    conclude(describe(status));
  }

  /** False also for one that was taken over, of which this is not known. */
  private synchronized boolean isAlone() {
    return alone;
  }

  /** Where it is among others' processes, any can have outlived its first. */
  private void endOthers() {
    try {
      if (!services.cgroups().processes(sandboxId, id).isEmpty()) {
        services.cgroups().kill(sandboxId, id);
      }
    } catch (RuntimeException e) {
      LOG.warn("end of container {}: {}", id, e.getMessage());
    }
  }

  private void conclude(State.Exited exited) {
    LogPump ending;
    synchronized (this) {
      ending = pump;
    }
    if (ending != null) {
      ending.finish();
    }
    try {
      services.records().writeNew(services.places().exitRecord(id), exited);
    } catch (RuntimeException e) {
      LOG.warn("exit of container {} is not on disk: {}", id, e.getMessage());
    }
    synchronized (this) {
      state = exited;
      waiting = null;
      closeDescriptors();
    }
    ended.complete(exited);
    changed();
    if (ending != null) {
      ending.close();
    }
    services.chores().after(LATER, this::releaseMounts);
  }

  private void releaseMounts() {
    HeldMounts held;
    synchronized (this) {
      held = mounts;
      mounts = null;
    }
    if (held != null) {
      held.release();
    }
  }

  private synchronized void closeDescriptors() {
    if (mountWatch != null) {
      mountWatch.close();
      mountWatch = null;
    }
    if (pidfd >= 0) {
      Kernel.close(pidfd);
      pidfd = -1;
    }
    endInput();
    if (terminal != null) {
      terminal.close();
      terminal = null;
    }
  }

  private State.Exited describe(Optional<ExitStatus> status) {
    Instant now = services.clock().instant();
    @Nullable Instant startedAt;
    @Nullable RuntimeFailure failedStart;
    synchronized (this) {
      startedAt = record == null ? null : record.startedAt();
      failedStart = startError;
    }
    if (failedStart != null) {
      return new State.Exited(
          codeOf(failedStart.reason()),
          0,
          "StartError",
          String.valueOf(failedStart.getMessage()),
          null,
          now);
    }
    if (status.isEmpty()) {
      return unknownEnd("its exit code could not be learned", startedAt, now);
    }
    ExitStatus known = status.get();
    if (startedAt == null) {
      return new State.Exited(
          known.code(), known.signal(), "StartError", "ended before it was started", null, now);
    }
    return new State.Exited(known.code(), known.signal(), reason(known), "", startedAt, now);
  }

  static State.Exited unknownEnd(String why, @Nullable Instant startedAt, Instant now) {
    return new State.Exited(-1, 0, "ExitCodeUnknown", why, startedAt, now);
  }

  /** As shells have it. */
  private static int codeOf(Reason reason) {
    return switch (reason) {
      case COMMAND_NOT_FOUND -> 127;
      case COMMAND_NOT_EXECUTABLE -> 126;
      default -> 128;
    };
  }

  private String reason(ExitStatus status) {
    if (status.code() == 128 + Signals.SIGKILL
        && services.cgroups().memoryKills(sandboxId, id) > 0) {
      return "OOMKilled";
    }
    return status.code() == 0 ? "Completed" : "Error";
  }

  private void changed() {
    services.events().accept(new RuntimeEvent.ContainerChanged(sandboxId, id, state()));
  }

  // --- adoption

  /** Takes over one that was made by an earlier process, from what is on disk. */
  void adopt(ContainerRecord found, Optional<State.Exited> exit) {
    synchronized (this) {
      record = found;
      phase = Phase.STARTED;
      Instant startedAt = found.startedAt();
      state = new State.Running(found.pid(), startedAt == null ? found.createdAt() : startedAt);
    }
    if (exit.isPresent()) {
      synchronized (this) {
        state = exit.get();
      }
      ended.complete(exit.get());
      return;
    }
    LogPump reopened = startPump(sourcesLeft());
    synchronized (this) {
      pump = reopened;
      pidfd = openProcess(found);
    }
    if (pidfd() >= 0) {
      watch(found);
      return;
    }
    String why =
        found.bootId().equals(services.bootId())
            ? "it ended while no runtime was running"
            : "host rebooted";
    State.Exited unknown = unknownEnd(why, found.startedAt(), services.clock().instant());
    services.loop().execute(() -> conclude(unknown));
    awaitEnd(DYING);
  }

  private synchronized int pidfd() {
    return pidfd;
  }

  private List<LogPump.Source> sourcesLeft() {
    boolean fifos = Files.exists(directory.resolve("stdout"));
    return fifos ? Stdio.openSources(directory) : List.of();
  }

  /** -1 when it has gone; a process that only has its pid is not mistaken for it. */
  private int openProcess(ContainerRecord found) {
    if (!found.bootId().equals(services.bootId())) {
      return -1;
    }
    int opened;
    try {
      opened = Kernel.pidfdOpen(found.pid());
    } catch (KernelException gone) {
      return -1;
    }
    boolean same =
        dev.jctl.shim.observe.ProcessStat.of(found.pid())
            .filter(stat -> stat.startTicks() == found.startTicks())
            .isPresent();
    if (!same) {
      Kernel.close(opened);
    }
    return same ? opened : -1;
  }

  // --- stop

  /** No error when it has gone. */
  synchronized void signal(int number) {
    if (pidfd < 0) {
      return;
    }
    try {
      Kernel.pidfdSendSignal(pidfd, number);
    } catch (KernelException e) {
      if (!e.is(Errno.ESRCH)) {
        throw Failures.of("signal " + number + " to container " + id, e);
      }
    }
  }

  void stop(Duration grace) {
    if (state() instanceof State.Running) {
      resume();
      signal(Signals.parse(spec().stopSignal()));
      if (awaitEnd(grace)) {
        return;
      }
    }
    kill();
  }

  /** Kills all that is in it, and waits until it has ended. */
  private void kill() {
    if (ended.isDone()) {
      return;
    }
    synchronized (this) {
      if (record == null) {
        return;
      }
      if (waiting != null && phase == Phase.WAITING) {
        waiting.abandon();
      }
    }
    signal(Signals.SIGKILL);
    services.cgroups().kill(sandboxId, id);
    if (!awaitEnd(DYING)) {
      throw new RuntimeFailure(
          Reason.TIMEOUT, "container " + id + ": its process does not end after SIGKILL");
    }
  }

  private boolean awaitEnd(Duration timeout) {
    try {
      ended.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Reason.TIMEOUT, "interrupted while waiting for container " + id, e);
    }
  }

  /** The overlay's upper directory as a layer. */
  ContainerChanges changes(LayerReader.Content wanted) {
    try {
      return new LayerReader(directory.resolve("upper"), wanted);
    } catch (KernelException e) {
      throw Failures.of("read changes of container " + id, e);
    }
  }

  // --- standing still

  /** Until as many {@link #letGo}; returns before it stands still. */
  void hold() {
    entrance.close();
    synchronized (this) {
      holders++;
      services.cgroups().freeze(sandboxId, id);
    }
  }

  void letGo() {
    synchronized (this) {
      holders--;
      thawUnlessHeld();
    }
    entrance.open();
  }

  void awaitStill() {
    services.cgroups().awaitFrozen(sandboxId, id);
  }

  /** Of one that was taken over: who held it is gone, but not who paused it. */
  synchronized void settleAfterAdoption() {
    if (!(state instanceof State.Running running)) {
      return;
    }
    if (Files.exists(services.places().pauseRecord(id))) {
      state = new State.Running(running.pid(), running.startedAt(), true);
      services.cgroups().freeze(sandboxId, id);
    } else {
      services.cgroups().thaw(sandboxId, id);
    }
  }

  private synchronized void thawUnlessHeld() {
    if (state instanceof State.Running running && !running.paused() && holders == 0) {
      services.cgroups().thaw(sandboxId, id);
    }
  }

  void pause() {
    changing.lock();
    try {
      if (!beginPause()) {
        return;
      }
      entrance.close();
      try {
        services.cgroups().freeze(sandboxId, id);
      } finally {
        entrance.open(); // to whom it is refused from now on
      }
      awaitStill();
      changed();
    } catch (RuntimeException e) {
      resume();
      throw Failures.of("pause container " + id, e);
    } finally {
      changing.unlock();
    }
  }

  /** On disk first: who takes it over sees to the rest. False: it is paused already. */
  private synchronized boolean beginPause() {
    if (!(state instanceof State.Running running)) {
      throw new RuntimeFailure(Reason.NOT_RUNNING, "container " + id + " does not run");
    }
    if (!running.paused()) {
      RecordFiles.prepare(services.places().pauseRecord(id));
      state = new State.Running(running.pid(), running.startedAt(), true);
    }
    return !running.paused();
  }

  void resume() {
    changing.lock();
    try {
      if (endPause()) {
        changed();
      }
    } finally {
      changing.unlock();
    }
  }

  private synchronized boolean endPause() {
    if (!(state instanceof State.Running running) || !running.paused()) {
      return false;
    }
    RecordFiles.delete(services.places().pauseRecord(id));
    state = new State.Running(running.pid(), running.startedAt());
    thawUnlessHeld();
    return true;
  }

  private static void requireAwake(String id, State.Running running) {
    if (running.paused()) {
      throw new RuntimeFailure(
          Reason.NOT_RUNNING, "container " + id + " is paused; resume it first");
    }
  }

  /** May be called again after it failed. */
  void remove() {
    changing.lock();
    try {
      kill();
      releaseMounts();
      services.launcher().unmountRootfs(directory);
      services.cgroups().remove(sandboxId, id);
      // first: what is left without it is swept at the next start
      records.delete(id);
      RecordFiles.deleteTree(directory);
    } catch (KernelException e) {
      throw Failures.of("remove container " + id, e);
    } finally {
      changing.unlock();
    }
  }

  // --- changes while it runs

  void update(OciSpec.Resources changes) {
    changing.lock();
    try {
      if (state() instanceof State.Exited) {
        throw new RuntimeFailure(Reason.NOT_RUNNING, "container " + id + " has ended");
      }
      services.cgroups().update(sandboxId, id, changes);
      ContainerRecord changed = record().withSpec(withResources(changes));
      records.rewrite(changed);
      synchronized (this) {
        record = changed;
        spec = changed.spec();
      }
    } finally {
      changing.unlock();
    }
  }

  private ContainerSpec withResources(OciSpec.Resources changes) {
    ContainerSpec old = spec();
    OciSpec.Resources merged = OciCompletion.merged(OciCompletion.resources(old.oci()), changes);
    return old.withOci(OciCompletion.withResources(old.oci(), merged));
  }

  void repairMounts(VolumePaths.Sources sources) {
    changing.lock();
    try {
      if (!(state() instanceof State.Running(int pid, Instant startedAt, boolean _))) {
        throw new RuntimeFailure(Reason.NOT_RUNNING, "container " + id + " does not run");
      }
      Set<String> missing = Set.copyOf(missingMounts());
      List<ContainerSpec.VolumeMount> wanted =
          spec().volumes().stream().filter(v -> missing.contains(v.destination())).toList();
      try (VolumePaths paths = VolumePaths.resolve(wanted, sources)) {
        List<ResolvedVolume> resolved = paths.resolved();
        if (!resolved.isEmpty()) {
          LOG.info("container {} since {}: mounting {} again", id, startedAt, missing);
          services.launcher().repairMounts(pid, resolved);
        }
      }
    } catch (KernelException e) {
      throw Failures.of("mount volumes of container " + id, e);
    } finally {
      changing.unlock();
    }
  }

  /** Mounts a volume where it was, as this container still has it; false if it does not. */
  boolean giveBack(ContainerSpec.Source volume, Path path, FileIdentity root) {
    if (!(state() instanceof State.Running running)) {
      return false;
    }
    try {
      return spec().volumes().stream()
          .filter(mount -> mount.source().equals(volume) && mount.subPath().isEmpty())
          .anyMatch(
              mount ->
                  services.launcher().takeBack(running.pid(), mount.destination(), path, root));
    } catch (RuntimeFailure e) {
      LOG.warn("container {}: {}", id, e.getMessage());
      return false;
    }
  }

  // --- looking

  Observed.Container observe() {
    return new Observed.Container(spec(), state(), missingMounts());
  }

  private List<String> missingMounts() {
    ContainerRecord known;
    synchronized (this) {
      known = record;
      if (known == null || !(state instanceof State.Running) || known.mountPoints().isEmpty()) {
        return List.of();
      }
    }
    Set<String> present;
    try {
      present = Mounts.of(known.pid());
    } catch (IOException ended) {
      return List.of();
    }
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < known.mountPoints().size(); i++) {
      if (!present.contains(known.mountPoints().get(i))) {
        missing.add(known.spec().volumes().get(i).destination());
      }
    }
    return missing;
  }

  // --- sessions

  /** Waits while it is made to stand still for a while. */
  ExecSession exec(OciSpec.Process process) {
    entrance.enter();
    try {
      return enter(process);
    } finally {
      entrance.entered();
    }
  }

  private ExecSession enter(OciSpec.Process process) {
    if (!(state() instanceof State.Running running)) {
      throw new RuntimeFailure(Reason.NOT_RUNNING, "container " + id + " does not run");
    }
    requireAwake(id, running);
    ContainerRecord known = record();
    // who asks for the spec's user means the one that was found in the image
    boolean sameUser = process.user().equals(known.spec().oci().process().user());
    OciSpec.Process resolved = sameUser ? OciCompletion.process(process, known.user()) : process;
    List<Path> groups =
        services.cgroups().filesToJoin(sandboxId, id, OciCompletion.resources(known.spec().oci()));
    try {
      return ProcessSession.start(
          services.loop(),
          running.pid(),
          resolved,
          stdio -> services.launcher().exec(running.pid(), known.spec(), resolved, groups, stdio));
    } catch (KernelException e) {
      throw Failures.of("exec in container " + id, e);
    }
  }

  ExecSession attach() {
    if (!(state() instanceof State.Running)) {
      throw new RuntimeFailure(Reason.NOT_RUNNING, "container " + id + " does not run");
    }
    LogPump source;
    @Nullable PolledDescriptor master;
    synchronized (this) {
      source = pump;
      master = terminal;
    }
    if (source == null) {
      throw new RuntimeFailure(Reason.NOT_RUNNING, "container " + id + " does not run");
    }
    AttachSession session =
        new AttachSession(
            input(master),
            this::endInput,
            master,
            ended.thenApply(State.Exited::exitCode),
            source::removeListener);
    source.addListener(session);
    return session;
  }

  private OutputStream input(@Nullable PolledDescriptor master) {
    if (master != null) {
      return new ProcessSession.TerminalInput(master);
    }
    Path fifo = directory.resolve("stdin");
    if (!Files.exists(fifo) || hasEndedInput()) {
      return OutputStream.nullOutputStream();
    }
    try {
      int fd = Kernel.open(fifo.toString(), Kernel.O_WRONLY | Kernel.O_NONBLOCK, 0);
      return new PolledDescriptor(services.loop(), fd).output();
    } catch (KernelException e) {
      throw Failures.of("open stdin of container " + id, e);
    }
  }

  private synchronized boolean hasEndedInput() {
    return spec.stdinOnce() && ownInput < 0;
  }

  /** The container goes on; what follows is for the next process. */
  void release() {
    Launcher.@Nullable Launched unstarted;
    LogPump running;
    synchronized (this) {
      unstarted = waiting;
      running = pump;
    }
    if (unstarted != null) {
      unstarted.abandon();
    }
    if (running != null) {
      services.loop().execute(running::suspend);
    }
  }
}
