package dev.jctl.controller.pod;

import dev.jctl.controller.pod.DesiredPod.DesiredContainer;
import dev.jctl.controller.pod.Resolution.Waiting;
import dev.jctl.controller.probe.ProbeVerdict;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.VolumeSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Pod wanted, what the runtime observes → what to do now. Pure. Planning again from the state
 * that a plan leads to gives an empty plan, unless time or a process's end makes something due.
 */
final class PodPlanner {
  /** Parts of a sandbox that are changed under what runs in it. */
  private static final Set<String> LIVE = Set.of("networks", "hosts", "dnsConfig");

  /** As with kubelet: it takes what others need. */
  private static final long EVICTION_GRACE_SECONDS = 1;

  private static final String FIRST_START = "PodInitializing";

  /**
   * @param uid of the Pod, and id of its sandbox
   * @param terminal it ended for good in an earlier pass
   * @param eviction why it is to end for good
   * @param graceSeconds for its containers to end
   * @param volumes ids of those that die with it
   * @param scratch those of them whose content is its own
   * @param written hash of what is in one of them whose content is given
   * @param lost ids of those that are not mounted any more
   * @param published its ports as published now
   * @param stopping ids of containers that are being stopped right now
   * @param verdicts of probes, by container id
   * @param told of which configuration containers were told
   * @param attemptsBefore highest attempt known from the status, by container name: the runtime may
   *     have lost its containers with a restart of the machine
   */
  record Input(
      String uid,
      boolean deleting,
      boolean terminal,
      Optional<String> eviction,
      long graceSeconds,
      List<String> volumes,
      List<VolumeSpec> scratch,
      Map<String, String> written,
      Set<String> lost,
      Resolution resolution,
      Optional<Observed.Sandbox> sandbox,
      List<PortSpec> published,
      Set<String> stopping,
      Function<String, ProbeVerdict> verdicts,
      ToldConfig told,
      Map<String, Integer> attemptsBefore,
      Instant now) {
    Input {
      volumes = List.copyOf(volumes);
      scratch = List.copyOf(scratch);
      written = Map.copyOf(written);
      lost = Set.copyOf(lost);
      published = List.copyOf(published);
      stopping = Set.copyOf(stopping);
      attemptsBefore = Map.copyOf(attemptsBefore);
    }
  }

  private final Input in;
  private final List<PodAction> actions = new ArrayList<>();
  private final Map<String, Waiting> waiting = new HashMap<>();
  private final Set<String> stopped = new HashSet<>();
  private @Nullable Instant recheck;
  private boolean restartsOnConfigChange;
  private Set<String> awaiting = Set.of();
  private PodPlan.@Nullable Change change;

  private PodPlanner(Input in) {
    this.in = in;
  }

  static PodPlan plan(Input in) {
    PodPlanner planner = new PodPlanner(in);
    planner.decide();
    return new PodPlan(
        planner.actions, planner.waiting, Optional.ofNullable(planner.recheck), planner.change);
  }

  private void decide() {
    if (in.deleting()) {
      delete();
    } else if (in.eviction().isPresent()) {
      in.sandbox().ifPresent(sandbox -> evict(sandbox, in.eviction().get()));
    } else if (!in.terminal()) {
      switch (in.resolution()) {
        case Resolution.Awaiting awaiting -> in.sandbox().ifPresent(this::keepUp);
        case Resolution.Resolved resolved -> run(resolved.pod());
      }
    }
  }

  // --- deletion

  private void delete() {
    List<String> running = in.sandbox().map(PodPlanner::runningIds).orElse(List.of());
    if (!running.isEmpty() && in.graceSeconds() > 0) {
      stop(running, "the Pod is deleted");
      return;
    }
    if (in.sandbox().isPresent()) {
      actions.add(new PodAction.RemoveSandbox(in.uid(), "the Pod is deleted"));
    }
    actions.add(new PodAction.RemoveLeftovers(in.volumes()));
    actions.add(new PodAction.Release());
  }

  private static List<String> runningIds(Observed.Sandbox sandbox) {
    return sandbox.containers().stream()
        .map(Attempt::new)
        .filter(Attempt::isRunning)
        .map(Attempt::id)
        .toList();
  }

  private void stop(List<String> ids, String why) {
    stop(ids, in.graceSeconds(), why);
  }

  private void stop(List<String> ids, long graceSeconds, String why) {
    List<String> left = ids.stream().filter(id -> !in.stopping().contains(id)).toList();
    if (left.isEmpty()) {
      return;
    }
    // it can only end of itself when it runs
    attempts()
        .filter(attempt -> attempt.isPaused() && left.contains(attempt.id()))
        .map(attempt -> new PodAction.ResumeContainer(attempt.id(), attempt.name()))
        .forEach(actions::add);
    actions.add(new PodAction.StopContainers(left, graceSeconds, why));
    stopped.addAll(left);
  }

  private Stream<Attempt> attempts() {
    return in.sandbox().map(Observed.Sandbox::containers).stream()
        .flatMap(List::stream)
        .map(Attempt::new);
  }

  // --- eviction

  /** Once its end has been told, all but its logs goes: it is for the disk that it was ended. */
  private void evict(Observed.Sandbox sandbox, String why) {
    if (in.terminal()) {
      actions.add(new PodAction.Vacate(in.uid(), in.volumes()));
      return;
    }
    stop(runningIds(sandbox), Math.min(in.graceSeconds(), EVICTION_GRACE_SECONDS), why);
  }

  // --- sandbox

  private void run(DesiredPod pod) {
    restartsOnConfigChange = pod.onConfigChange() instanceof OnConfigChange.Restart;
    awaiting = pod.awaiting().keySet();
    if (in.sandbox().isEmpty()) {
      createSandbox(pod);
      return;
    }
    Observed.Sandbox sandbox = in.sandbox().get();
    if (!sandbox.namespacesPresent()) {
      replaceSandbox(pod, "its namespaces are gone");
      return;
    }
    List<String> changed = new ArrayList<>(changedParts(sandbox, pod));
    changed.addAll(changedInitContainers(sandbox, pod));
    if (!LIVE.containsAll(changed)) {
      recreateSandbox(pod, sandbox, changed);
      return;
    }
    // before what may fail, so that it holds up no repair
    repairInterfaces(sandbox);
    repairEmptyDirs();
    writeFiles(pod);
    repairMounts();
    if (!changed.isEmpty()) {
      actions.add(new PodAction.UpdateSandbox(pod.sandbox(), changed));
      changedInPlace(changed);
    }
    publish(pod, sandbox);
    containers(pod, sandbox.containers());
  }

  /** Beside what else is. */
  private void changedInPlace(List<String> fields) {
    Set<String> all = new TreeSet<>(fields);
    if (change instanceof PodPlan.Change.InPlace(var others)) {
      all.addAll(others);
    }
    change = new PodPlan.Change.InPlace(List.copyOf(all));
  }

  private static List<String> changedParts(Observed.Sandbox sandbox, DesiredPod pod) {
    return Parts.changed(sandbox.spec().labels(), pod.sandbox().labels());
  }

  // What an init container prepared is in doubt when it changes: begin anew.
  private static List<String> changedInitContainers(Observed.Sandbox sandbox, DesiredPod pod) {
    Map<String, Attempt> newest = Attempt.newest(sandbox.containers());
    TreeSet<String> changed = new TreeSet<>();
    for (DesiredContainer c : pod.initContainers()) {
      Attempt attempt = newest.get(c.name());
      if (attempt != null && c.role() == ContainerRole.INIT) {
        Parts.changed(attempt.observed().spec().labels(), c.template().labels())
            .forEach(part -> changed.add("initContainers." + part));
      }
    }
    return List.copyOf(changed);
  }

  private void recreateSandbox(DesiredPod pod, Observed.Sandbox sandbox, List<String> changed) {
    String fields = String.join(", ", changed);
    change = new PodPlan.Change.Recreated(changed);
    List<String> running = runningIds(sandbox);
    if (running.isEmpty()) {
      replaceSandbox(pod, fields + " changed");
    } else {
      stop(running, fields + " changed");
    }
  }

  private void replaceSandbox(DesiredPod pod, String why) {
    actions.add(new PodAction.RemoveSandbox(in.uid(), why));
    createSandbox(pod);
  }

  private void createSandbox(DesiredPod pod) {
    pod.emptyDirs().forEach(v -> actions.add(new PodAction.EnsureEmptyDir(v)));
    writeFiles(pod);
    actions.add(new PodAction.CreateSandbox(pod.sandbox()));
    if (!pod.ports().isEmpty()) {
      actions.add(new PodAction.PublishPorts(in.uid(), pod.ports()));
    }
    containers(pod, List.of());
  }

  private void writeFiles(DesiredPod pod) {
    pod.files().stream()
        .filter(f -> !f.hash().equals(in.written().get(f.volume().id())))
        .forEach(f -> actions.add(new PodAction.WriteFiles(f)));
  }

  /** What runs goes on, whatever the Pod waits for. */
  private void keepUp(Observed.Sandbox sandbox) {
    repairInterfaces(sandbox);
    repairEmptyDirs();
    boolean filesAreLost =
        !in.scratch().stream().map(VolumeSpec::id).toList().containsAll(in.lost());
    if (!filesAreLost) {
      repairMounts();
    }
  }

  private void repairInterfaces(Observed.Sandbox sandbox) {
    List<String> drift =
        sandbox.networks().stream()
            .flatMap(a -> a.drift().stream().map(d -> a.interfaceName() + ": " + d))
            .toList();
    if (!drift.isEmpty() && sandbox.namespacesPresent()) {
      actions.add(new PodAction.RepairSandbox(in.uid(), drift));
    }
  }

  private void repairEmptyDirs() {
    in.scratch().stream()
        .filter(volume -> in.lost().contains(volume.id()))
        .forEach(volume -> actions.add(new PodAction.RepairEmptyDir(volume)));
  }

  /** Of volumes that are there again by then. */
  private void repairMounts() {
    attempts()
        .filter(attempt -> attempt.isRunning() && !attempt.observed().missingMounts().isEmpty())
        .map(a -> new PodAction.RepairMounts(a.id(), a.observed().missingMounts()))
        .forEach(actions::add);
  }

  private void publish(DesiredPod pod, Observed.Sandbox sandbox) {
    if (Set.copyOf(pod.ports()).equals(Set.copyOf(in.published()))) {
      return;
    }
    actions.add(new PodAction.PublishPorts(in.uid(), pod.ports()));
    if (!sandbox.containers().isEmpty()) {
      changedInPlace(List.of("ports"));
    }
  }

  // --- containers

  private void containers(DesiredPod pod, List<Observed.Container> observed) {
    Map<String, Attempt> newest = Attempt.newest(observed);
    removeOutdated(pod, observed, newest);
    if (Endings.hasEnded(pod, newest)) {
      stopRest(newest);
      return;
    }
    boolean mainsBegun = pod.mainContainers().stream().anyMatch(c -> newest.containsKey(c.name()));
    if (!initContainers(pod, newest, mainsBegun)) {
      pod.mainContainers()
          .forEach(
              c ->
                  waiting.put(
                      c.name(), new Waiting(FIRST_START, "Init containers are not done yet")));
      return;
    }
    pod.mainContainers().forEach(c -> keepRunning(c, newest.get(c.name()), pod.restartPolicy()));
    waiting.putAll(pod.awaiting());
    pod.ephemeralContainers().forEach(c -> startOnce(c, newest));
    pauseOrResume(pod, newest);
    if (pod.onConfigChange() instanceof OnConfigChange.Send signal) {
      tellConfig(pod, newest, signal);
    }
  }

  /** Also one that has only just been started: a Pod may be paused from its beginning. */
  private void pauseOrResume(DesiredPod pod, Map<String, Attempt> newest) {
    for (DesiredContainer c : pod.containers()) {
      Attempt attempt = newest.get(c.name());
      if (attempt != null
          && attempt.isRunning()
          && attempt.isPaused() != pod.paused()
          && !in.stopping().contains(attempt.id())
          && !stopped.contains(attempt.id())) {
        actions.add(
            pod.paused()
                ? new PodAction.PauseContainer(attempt.id(), c.name())
                : new PodAction.ResumeContainer(attempt.id(), c.name()));
        changedInPlace(List.of("paused"));
      }
    }
  }

  private void removeOutdated(
      DesiredPod pod, List<Observed.Container> observed, Map<String, Attempt> newest) {
    Set<String> names = new HashSet<>();
    pod.containers().forEach(c -> names.add(c.name()));
    names.addAll(pod.awaiting().keySet());
    for (Observed.Container o : observed) {
      Attempt attempt = new Attempt(o);
      boolean wanted = names.contains(attempt.name()) && attempt.equals(newest.get(attempt.name()));
      if (!wanted && attempt.isRunning() && !names.contains(attempt.name())) {
        stop(List.of(attempt.id()), "the Pod has no container of that name any more");
      } else if (!wanted) {
        actions.add(new PodAction.RemoveContainer(attempt.id()));
      }
    }
  }

  /** True when all have done their part. */
  private boolean initContainers(DesiredPod pod, Map<String, Attempt> newest, boolean mainsBegun) {
    for (DesiredContainer c : pod.initContainers()) {
      Attempt attempt = newest.get(c.name());
      boolean done =
          switch (c.role()) {
            case SIDECAR -> sidecar(c, attempt);
            case INIT -> mainsBegun || initContainer(c, attempt, pod.restartPolicy());
            case MAIN, EPHEMERAL -> true;
          };
      if (!done && !mainsBegun) {
        return false;
      }
    }
    return true;
  }

  private boolean sidecar(DesiredContainer c, @Nullable Attempt attempt) {
    keepRunning(c, attempt, RestartPolicy.ALWAYS);
    return attempt != null && attempt.isRunning() && in.verdicts().apply(attempt.id()).started();
  }

  private boolean initContainer(
      DesiredContainer c, @Nullable Attempt attempt, RestartPolicy podPolicy) {
    boolean done =
        attempt != null && attempt.exit().map(exit -> exit.exitCode() == 0).orElse(false);
    if (!done) {
      keepRunning(c, attempt, podPolicy.ofInitContainers());
    }
    return done;
  }

  private void keepRunning(DesiredContainer c, @Nullable Attempt attempt, RestartPolicy policy) {
    if (attempt == null) {
      create(c, null, 0);
      return;
    }
    switch (attempt.observed().state()) {
      case Observed.State.Created created -> startCreated(c, attempt);
      case Observed.State.Running running -> adjust(c, attempt);
      case Observed.State.Exited exited -> restart(c, attempt, exited, policy);
    }
  }

  /** However it ended, and also when nothing is left of it. */
  private void startOnce(DesiredContainer c, Map<String, Attempt> newest) {
    Attempt attempt = newest.get(c.name());
    if (attempt != null || in.attemptsBefore().containsKey(c.name())) {
      if (attempt != null && attempt.observed().state() instanceof Observed.State.Created) {
        actions.add(new PodAction.StartContainer(attempt.id(), c.name()));
      }
      return;
    }
    ContainerSpec spec = Parts.numbered(c.template(), in.uid(), c.name(), 0, c.template().labels());
    if (c.target().isEmpty()) {
      actions.add(new PodAction.RunContainer(spec, c.name()));
      return;
    }
    Attempt target = newest.get(c.target());
    if (target == null || !target.isRunning()) {
      waiting.put(
          c.name(), new Waiting("AwaitingTarget", "Waits for container " + c.target() + " to run"));
      return;
    }
    actions.add(new PodAction.RunContainer(Parts.joined(spec, target.id()), c.name()));
  }

  private void startCreated(DesiredContainer c, Attempt attempt) {
    if (changed(c, attempt).isEmpty()) {
      actions.add(new PodAction.StartContainer(attempt.id(), c.name()));
    } else {
      create(c, attempt, attempt.crashesBefore());
    }
  }

  private void create(DesiredContainer c, @Nullable Attempt before, int crashes) {
    if (awaiting.contains(c.name())) {
      return;
    }
    int number = attemptNumber(c, before);
    Map<String, String> labels = new HashMap<>(c.template().labels());
    labels.put(PodNames.CRASHES, Integer.toString(crashes));
    if (before != null && !before.exitText().isEmpty()) {
      labels.put(PodNames.LAST_EXIT, before.exitText());
    }
    ContainerSpec spec = Parts.numbered(c.template(), in.uid(), c.name(), number, labels);
    actions.add(new PodAction.RunContainer(spec, c.name()));
    // Only now: what the runtime knows of the attempt before must outlive a crash in between.
    if (before != null) {
      actions.add(new PodAction.RemoveContainer(before.id()));
    }
  }

  private int attemptNumber(DesiredContainer c, @Nullable Attempt before) {
    int known = in.attemptsBefore().getOrDefault(c.name(), -1);
    return Math.max(known, before == null ? -1 : before.number()) + 1;
  }

  private List<String> changed(DesiredContainer c, Attempt attempt) {
    List<String> changed =
        new ArrayList<>(Parts.changed(attempt.observed().spec().labels(), c.template().labels()));
    if (restartsOnConfigChange && hasOtherConfig(c, attempt)) {
      changed.add("configuration");
    }
    return List.copyOf(changed);
  }

  // --- configuration

  /** Files that it can read are written before. */
  private void tellConfig(DesiredPod pod, Map<String, Attempt> newest, OnConfigChange.Send signal) {
    for (DesiredContainer c : pod.containers()) {
      Attempt attempt = newest.get(c.name());
      if (attempt != null
          && attempt.isRunning()
          && !in.stopping().contains(attempt.id())
          && changed(c, attempt).isEmpty()
          && hasOtherConfig(c, attempt)) {
        String digest = c.template().labels().getOrDefault(PodNames.CONFIG, "");
        actions.add(new PodAction.TellConfig(attempt.id(), c.name(), signal, digest));
        changedInPlace(List.of("configuration"));
      }
    }
  }

  /** One that was started before digests were kept is taken for up to date. */
  private boolean hasOtherConfig(DesiredContainer c, Attempt attempt) {
    String wanted = c.template().labels().getOrDefault(PodNames.CONFIG, "");
    String known = in.told().digest(attempt);
    return !wanted.isEmpty() && !known.isEmpty() && !wanted.equals(known);
  }

  private void adjust(DesiredContainer c, Attempt attempt) {
    List<String> changed = changed(c, attempt);
    ProbeVerdict verdict = in.verdicts().apply(attempt.id());
    if (!changed.isEmpty()) {
      change = new PodPlan.Change.Recreated(changed);
      stop(List.of(attempt.id()), String.join(", ", changed) + " changed");
    } else if (!verdict.restart().isEmpty() && !attempt.isPaused()) {
      stop(List.of(attempt.id()), verdict.restart());
    } else {
      adjustInPlace(c, attempt);
    }
  }

  private void adjustInPlace(DesiredContainer c, Attempt attempt) {
    var wanted = c.template().oci().linux().resources();
    if (wanted != null
        && !Limits.same(attempt.observed().spec().oci().linux().resources(), wanted)) {
      actions.add(new PodAction.UpdateResources(attempt.id(), c.name(), wanted));
      changedInPlace(List.of("resources"));
    }
  }

  private void restart(
      DesiredContainer c, Attempt attempt, Observed.State.Exited exit, RestartPolicy policy) {
    List<String> changed = changed(c, attempt);
    // It was stopped for the change, or ended by itself meanwhile: the new form has its own right.
    if (!changed.isEmpty()) {
      change = new PodPlan.Change.Recreated(changed);
      create(c, attempt, 0);
      return;
    }
    if (!policy.restartsAfter(exit.exitCode())) {
      return;
    }
    Instant due = RestartBackoff.due(attempt, exit);
    if (due.isAfter(in.now())) {
      waiting.put(c.name(), backingOff(c, attempt, exit));
      recheckAt(due);
    } else {
      create(c, attempt, RestartBackoff.crashes(attempt, exit) + 1);
    }
  }

  private static Waiting backingOff(
      DesiredContainer c, Attempt attempt, Observed.State.Exited exit) {
    Duration delay = RestartBackoff.delay(RestartBackoff.crashes(attempt, exit));
    String last =
        exit.message().isEmpty()
            ? "it ended with exit code " + exit.exitCode() + " (" + exit.reason() + ")"
            : exit.message();
    String message =
        "back-off %ds restarting container %s: %s".formatted(delay.toSeconds(), c.name(), last);
    String reason = "StartError".equals(exit.reason()) ? "RunContainerError" : "CrashLoopBackOff";
    return new Waiting(reason, message);
  }

  private void recheckAt(Instant due) {
    if (recheck == null || due.isBefore(recheck)) {
      recheck = due;
    }
  }

  private void stopRest(Map<String, Attempt> newest) {
    List<String> running =
        newest.values().stream().filter(Attempt::isRunning).map(Attempt::id).sorted().toList();
    if (!running.isEmpty()) {
      stop(running, "all main containers have ended");
    }
  }
}
