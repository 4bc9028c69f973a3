package dev.jctl.shim.local;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Pidfd.ExitStatus;
import dev.jctl.shim.layer.LayerReader;
import dev.jctl.shim.log.LogPump;
import dev.jctl.shim.observe.FileIdentity;
import dev.jctl.shim.plan.Signals;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.Observed.State;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.supervise.ProcessWatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
  private final ContainerMounts mounts;
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
  private @Nullable ContainerInput input;
  private int pidfd = -1;
  private boolean alone;

  /** How many want it to stand still for a while. */
  private int holders;

  ContainerLife(Services services, ContainerSpec spec) {
    this.services = services;
    this.records = new ContainerRecords(services.places(), services.records());
    this.mounts = new ContainerMounts(services);
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

  private synchronized State.Running requireRunning() {
    if (state instanceof State.Running running) {
      return running;
    }
    throw new RuntimeFailure(Reason.NOT_RUNNING, "container " + id + " does not run");
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
      ContainerMaking making =
          new ContainerMaking(
              services, spec(), sandbox, layers, sources, processes, next == Phase.STARTING);
      sandbox.begin();
      take(making.make(undo), next);
    } catch (RuntimeException e) {
      throw undo.after(Failures.of("create container " + id, e));
    } finally {
      changing.unlock();
    }
  }

  private void take(ContainerMaking.Made made, Phase next) {
    synchronized (this) {
      record = made.record();
      waiting = made.process();
      pidfd = made.process().pidfd();
      pump = made.pump();
      input = made.input();
      alone = made.alone();
      phase = next;
    }
    watch(made.record());
  }

  private void watch(ContainerRecord watched) {
    mounts.watch(watched);
    ProcessWatch.start(
        services.loop(), pidfd(), watched.pid(), watched.startTicks(), this::processEnded);
  }

  /**
   * The namespace of its processes, for another container to join.
   *
   * @throws RuntimeFailure NOT_RUNNING
   */
  synchronized HeldNamespace processes() {
    State.Running running = requireRunning();
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

  private void conclude(State.Exited end) {
    LogPump ending;
    synchronized (this) {
      ending = pump;
    }
    if (ending != null) {
      ending.finish();
    }
    State.Exited exited = explained(end);
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
    services.chores().after(LATER, mounts::release);
  }

  /** With what the container itself says of it, where nothing else is known; its log is whole. */
  private State.Exited explained(State.Exited end) {
    return end.message().isEmpty()
        ? ContainerMaking.terminationLog(services, spec())
            .map(log -> end.saying(log.read(end.exitCode())))
            .orElse(end)
        : end;
  }

  private synchronized void closeDescriptors() {
    mounts.end();
    if (pidfd >= 0) {
      Kernel.close(pidfd);
      pidfd = -1;
    }
    if (input != null) {
      input.close();
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
      return Endings.failedStart(failedStart, now);
    }
    return status
        .map(known -> Endings.known(known, this::wasKilledForMemory, startedAt, now))
        .orElseGet(() -> Endings.unknown("its exit code could not be learned", startedAt, now));
  }

  private boolean wasKilledForMemory() {
    return services.cgroups().memoryKills(sandboxId, id) > 0;
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
    LogPump reopened = ContainerMaking.pump(services, found.spec(), sourcesLeft());
    synchronized (this) {
      pump = reopened;
      input = ContainerMaking.inputLeft(services, found.spec());
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
    State.Exited unknown = Endings.unknown(why, found.startedAt(), services.clock().instant());
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
    State.Running running = requireRunning();
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

  /** May be called again after it failed. */
  void remove() {
    changing.lock();
    try {
      kill();
      mounts.release();
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
      requireRunning();
      mounts.repair(record(), sources);
    } finally {
      changing.unlock();
    }
  }

  /** Mounts a volume where it was, as this container still has it; false if it does not. */
  boolean giveBack(ContainerSpec.Source volume, Path path, FileIdentity root) {
    return state() instanceof State.Running && mounts.giveBack(record(), volume, path, root);
  }

  // --- looking

  Observed.Container observe() {
    State now = state();
    List<String> missing = now instanceof State.Running ? mounts.missing(record()) : List.of();
    return new Observed.Container(spec(), now, missing);
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
    State.Running running = requireRunning();
    if (running.paused()) {
      throw new RuntimeFailure(
          Reason.NOT_RUNNING, "container " + id + " is paused; resume it first");
    }
    ContainerRecord known = record();
    // who asks for the spec's user means the one that was found in the image
    boolean sameUser = process.user().equals(known.spec().oci().process().user());
    OciSpec.Process completed = sameUser ? OciCompletion.process(process, known.user()) : process;
    OciSpec.Process resolved =
        completed.confinedBy(services.appArmor()::resolve, services.seLinux()::resolve);
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
    LogPump source;
    ContainerInput shared;
    synchronized (this) {
      requireRunning();
      source = Objects.requireNonNull(pump);
      shared = Objects.requireNonNull(input);
    }
    AttachSession session =
        new AttachSession(
            shared.stream(),
            shared::end,
            shared.terminal(),
            ended.thenApply(State.Exited::exitCode),
            source::removeListener);
    source.addListener(session);
    return session;
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
