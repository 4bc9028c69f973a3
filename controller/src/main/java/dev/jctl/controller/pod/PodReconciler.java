package dev.jctl.controller.pod;

import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.ApiAddress;
import dev.jctl.controller.config.ResourceFields.Machine;
import dev.jctl.controller.drift.DriftNotes;
import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.network.Leases;
import dev.jctl.controller.pod.PodStatusView.Failure;
import dev.jctl.controller.probe.Probes;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.queue.Loops;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.queue.TagLookups;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.Observed;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps sandboxes and containers as the Pod objects say: observe, plan, act, until nothing is due.
 */
public final class PodReconciler implements Reconciler {
  // Each step of a Pod's life is a round; a plan that never settles is retried with a back-off.
  private static final int MAX_ROUNDS = 6;

  // What is applied together with its image and network seldom waits for them any longer.
  private static final Duration SOON = Duration.ofMillis(1500);

  /**
   * What the Pod reconciler works with.
   *
   * @param addressed told of a Pod that got addresses, before anything of it is made
   */
  public record Parts(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      ImageStore images,
      Leases leases,
      Dependents dependents,
      Probes probes,
      DriftNotes notes,
      EventRecorder events,
      Loops loops,
      TagLookups lookups,
      AccountTokens accounts,
      Consumer<StoredObject> addressed,
      InstantSource clock) {}

  private final Parts parts;
  private final ObjectWriter writer;
  private final PodTokens tokens;
  private final PodResolver resolver;
  private final PodExecutor executor;
  private final PublishedPorts ports;
  private final WrittenFiles files;
  private final Stops stops;
  private final LifecycleHooks hooks;
  private final Evictions evictions;
  private final String hostIp;
  // by uid, of those that were as wanted
  private final Map<String, Observed.Sandbox> settled = new ConcurrentHashMap<>();

  /**
   * @param api where containers reach the API
   * @param data where logs are, the file of {@link HostPaths} and the directory of {@link
   *     SeccompProfiles} if there are
   */
  public PodReconciler(
      Parts parts,
      Path data,
      String nodeName,
      String hostIp,
      Machine machine,
      Optional<ApiAddress> api) {
    this(
        parts,
        new PodResolver.Place(
            data.resolve("logs"),
            nodeName,
            hostIp,
            machine,
            api,
            data.resolve("host-paths"),
            data.resolve("seccomp")));
  }

  private PodReconciler(Parts parts, PodResolver.Place place) {
    this.parts = parts;
    this.writer = new ObjectWriter(parts.resources());
    this.tokens = new PodTokens(parts.accounts());
    this.resolver =
        new PodResolver(
            parts.cache(),
            parts.images(),
            parts.leases(),
            parts.dependents(),
            parts.lookups(),
            tokens,
            writer,
            parts.addressed(),
            place);
    this.ports = new PublishedPorts(parts.runtime());
    this.files = new WrittenFiles(parts.runtime());
    this.stops = new Stops(parts.runtime());
    this.hooks = new LifecycleHooks(parts.runtime(), parts.events());
    this.evictions = new Evictions(parts.runtime(), parts.clock());
    this.executor =
        new PodExecutor(
            parts.runtime(),
            ports,
            files,
            stops,
            hooks,
            parts.events(),
            writer,
            place.logs(),
            parts.notes(),
            parts.clock());
    this.hostIp = place.hostIp();
  }

  /** The runtime was out of contact: what is remembered of it may be wrong. */
  public void resync() {
    ports.forget();
    files.forget();
    settled.clear();
  }

  /** What a volume is mounted from is gone. */
  public void lost(String volumeId) {
    files.lose(volumeId);
  }

  /** The Pod with which a volume dies, if that is one. */
  public static Optional<String> uidOfVolume(String volumeId) {
    return PodNames.uidOfVolume(volumeId);
  }

  /** Whether the runtime has the Pod's sandbox as it was when nothing was left to do about it. */
  public boolean isSettled(Observed.Sandbox sandbox) {
    return sandbox.equals(settled.get(sandbox.spec().id()));
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = parts.resources().find(ref);
    if (found.isEmpty()) {
      parts.dependents().remove(ref);
      parts.lookups().forget(ref);
      return Outcome.DONE;
    }
    StoredObject object = found.get();
    settled.remove(object.uid());
    if (object.isDeleting() && !ObjectWriter.hasFinalizer(object.tree(), Finalizers.POD)) {
      return Outcome.DONE;
    }
    return new Pass(object).run();
  }

  private final class Pass {
    private final StoredObject object;
    private final Resource.Pod pod;
    private final @Nullable PodStatus before;
    // What ends later is for the next pass, whose resolution then knows of it.
    private final Instant now = parts.clock().instant();
    private Optional<Observed.Sandbox> sandbox;
    private Optional<String> eviction = Optional.empty();
    private Resolution resolution = new Resolution.Awaiting(List.of());
    private PodPlan.@Nullable Change change;

    Pass(StoredObject object) {
      this.object = object;
      this.pod = object.as(Resource.Pod.class);
      this.before = pod.status();
      this.sandbox = parts.runtime().sandbox(object.uid());
    }

    Outcome run() {
      tellExits();
      eviction = eviction();
      resolution = resolve();
      PodPlan plan = plan();
      Optional<Failure> failure = Optional.empty();
      for (int round = 0; !plan.actions().isEmpty(); round++) {
        noteChange(plan);
        failure =
            executor.execute(
                object, plan, after -> parts.loops().enqueueAfter(object.ref(), after));
        if (plan.actions().getLast() instanceof PodAction.Release && failure.isEmpty()) {
          return released();
        }
        sandbox = parts.runtime().sandbox(object.uid());
        plan = plan();
        if (failure.isPresent() || round == MAX_ROUNDS) {
          break;
        }
      }
      noteChange(plan);
      noteLeft(plan);
      watchProbes();
      Duration patience = patience();
      if (failure.isEmpty() && patience.isPositive()) {
        return Outcome.again(patience);
      }
      PodStatus told = writeStatus(plan, failure.orElse(null));
      return failure.isEmpty() && isToBeVacated(told)
          ? Outcome.again(Duration.ZERO)
          : outcome(plan, failure);
    }

    /** Not before its end is told: that is known of its containers, which go then. */
    private boolean isToBeVacated(PodStatus told) {
      return eviction.isPresent() && sandbox.isPresent() && PodStatusView.isTerminal(told);
    }

    /** It ends for good with it, so what it refers to is of no account any more. */
    private Optional<String> eviction() {
      Optional<String> told =
          Optional.ofNullable(before)
              .filter(status -> Evictions.REASON.equals(status.getReason()))
              .map(PodStatus::getMessage);
      if (object.isDeleting() || PodStatusView.isTerminal(before) || sandbox.isEmpty()) {
        evictions.forget(object.uid());
        return told;
      }
      Optional<String> why = evictions.of(object.uid(), pod.spec());
      if (told.isEmpty()) {
        why.ifPresent(message -> parts.events().warning(object, Evictions.REASON, message));
      }
      return why;
    }

    /** How long it is still too early to tell that a new Pod waits for something. */
    private Duration patience() {
      boolean untold = before == null && sandbox.isEmpty() && !object.isDeleting();
      return untold && resolution instanceof Resolution.Awaiting
          ? Duration.between(
              parts.clock().instant(),
              Instant.parse(pod.metadata().getCreationTimestamp()).plus(SOON))
          : Duration.ZERO;
    }

    private void noteChange(PodPlan plan) {
      if (plan.change() != null) {
        change = plan.change();
      }
    }

    /** What others changed and could not be put back, in whatever order it was to be done. */
    private void noteLeft(PodPlan plan) {
      for (String field : List.of(PodAction.Repair.NETWORKS, PodAction.Repair.VOLUMES)) {
        List<String> left =
            plan.actions().stream()
                .flatMap(a -> a instanceof PodAction.Repair repair ? Stream.of(repair) : null)
                .filter(repair -> repair.field().equals(field))
                .flatMap(repair -> repair.drift().stream())
                .toList();
        if (left.isEmpty()) {
          parts.notes().settle(object.uid(), field);
        } else {
          parts.notes().add(object.uid(), Drifts.reported(field, left, now));
        }
      }
    }

    private Outcome released() {
      parts.probes().watch(object.uid(), List.of());
      parts.dependents().remove(object.ref());
      parts.lookups().forget(object.ref());
      parts.notes().forget(object.uid());
      evictions.forget(object.uid());
      tokens.forget(object.uid());
      return Outcome.DONE;
    }

    private Resolution resolve() {
      if (object.isDeleting() || PodStatusView.isTerminal(before)) {
        return new Resolution.Awaiting(List.of());
      }
      return resolver.resolve(object, pod, Attempt.newest(containers()), addresses(), now);
    }

    private List<Lease> addresses() {
      String prefix = object.ref().namespace() + ".";
      return sandbox.map(s -> s.spec().networks()).orElse(List.of()).stream()
          .map(n -> new Lease(n.networkId().substring(prefix.length()), n.addresses(), n.mac()))
          .toList();
    }

    private List<Observed.Container> containers() {
      return sandbox.map(Observed.Sandbox::containers).orElse(List.of());
    }

    private PodPlan plan() {
      List<String> volumes = DesiredPods.ownVolumes(pod.spec(), object.uid());
      return PodPlanner.plan(
          new PodPlanner.Input(
              object.uid(),
              object.isDeleting(),
              PodStatusView.isTerminal(before),
              eviction,
              grace(),
              volumes,
              DesiredPods.scratch(pod.spec(), object.uid()),
              files.of(volumes),
              files.lost(volumes),
              resolution,
              sandbox,
              ports.of(object.uid()),
              stops.underWay(),
              id -> hooks.verdict(id, parts.probes()::verdict),
              told(),
              attemptsBefore(),
              now));
    }

    /** As of now: a plan before this one may have written it. */
    private ToldConfig told() {
      return OnConfigChange.of(pod.metadata()) instanceof OnConfigChange.Keep
          ? ToldConfig.NONE
          : parts
              .resources()
              .find(object.ref())
              .map(now -> ToldConfig.of(now.tree()))
              .orElse(ToldConfig.NONE);
    }

    private long grace() {
      Long deletion = pod.metadata().getDeletionGracePeriodSeconds();
      Long own = pod.spec().getTerminationGracePeriodSeconds();
      return object.isDeleting() && deletion != null
          ? deletion
          : Objects.requireNonNullElse(own, PodExecutor.DEFAULT_GRACE_SECONDS);
    }

    private Map<String, Integer> attemptsBefore() {
      Map<String, Integer> attempts = new HashMap<>();
      for (ContainerStatus status : statusesBefore()) {
        boolean ran = status.getContainerID() != null || status.getRestartCount() > 0;
        if (ran) {
          attempts.put(status.getName(), status.getRestartCount());
        }
      }
      return attempts;
    }

    private List<ContainerStatus> statusesBefore() {
      if (before == null) {
        return List.of();
      }
      List<ContainerStatus> all = new ArrayList<>(before.getContainerStatuses());
      all.addAll(before.getInitContainerStatuses());
      all.addAll(before.getEphemeralContainerStatuses());
      return all;
    }

    /** An Event for each container that ran when it was last looked at and does not now. */
    private void tellExits() {
      Map<String, Attempt> newest = Attempt.newest(containers());
      for (ContainerStatus status : statusesBefore()) {
        Attempt attempt = newest.get(status.getName());
        boolean ran = status.getState() != null && status.getState().getRunning() != null;
        if (ran && attempt != null && ("jctl://" + attempt.id()).equals(status.getContainerID())) {
          attempt.exit().ifPresent(exit -> tellExit(status.getName(), exit));
        }
      }
    }

    private void tellExit(String name, Observed.State.Exited exit) {
      if (exit.exitCode() == 0 || object.isDeleting()) {
        // how it ends then is what was asked for
        parts
            .events()
            .normal(
                object,
                "ContainerExited",
                "Container " + name + " ended: exit code " + exit.exitCode());
        return;
      }
      String signal = exit.signal() == 0 ? "" : ", signal " + exit.signal();
      String detail = exit.message().lines().findFirst().map(line -> ": " + line).orElse("");
      parts
          .events()
          .warning(
              object,
              "ContainerDied",
              "Container %s ended: %s, exit code %d%s%s"
                  .formatted(name, exit.reason(), exit.exitCode(), signal, detail));
    }

    private void watchProbes() {
      parts.probes().watch(object.uid(), object.isDeleting() ? List.of() : targets());
    }

    private List<Probes.Target> targets() {
      if (!(resolution instanceof Resolution.Resolved resolved)) {
        return List.of();
      }
      Map<String, Attempt> newest = Attempt.newest(containers());
      List<Probes.Target> targets = new ArrayList<>();
      for (DesiredPod.DesiredContainer c : resolved.pod().containers()) {
        Attempt attempt = newest.get(c.name());
        if (attempt != null
            && !c.probes().isEmpty()
            && !attempt.isPaused()
            && attempt.observed().state() instanceof Observed.State.Running running) {
          targets.add(
              new Probes.Target(
                  object.uid(),
                  attempt.id(),
                  running.startedAt(),
                  wasReady(c.name(), attempt),
                  c.probes()));
        }
      }
      return targets;
    }

    private boolean wasReady(String name, Attempt attempt) {
      return statusesBefore().stream()
          .anyMatch(
              s ->
                  name.equals(s.getName())
                      && Boolean.TRUE.equals(s.getReady())
                      && ("jctl://" + attempt.id()).equals(s.getContainerID()));
    }

    private PodStatus writeStatus(PodPlan plan, @Nullable Failure failure) {
      Instant now = parts.clock().instant();
      PodPlan told = new PodPlan(plan.actions(), plan.waiting(), plan.recheck(), change);
      Long generation = pod.metadata().getGeneration();
      PodStatus status =
          PodStatusView.of(
              new PodStatusView.Input(
                  pod.spec(),
                  generation == null ? 0 : generation,
                  object.isDeleting(),
                  resolution,
                  told,
                  failure,
                  sandbox,
                  id -> hooks.verdict(id, parts.probes()::verdict),
                  eviction,
                  ips(),
                  hostIp,
                  parts.notes().of(object.uid()),
                  before,
                  now));
      writer.status(object, status);
      return status;
    }

    private List<String> ips() {
      if (Boolean.TRUE.equals(pod.spec().getHostNetwork())) {
        return List.of(hostIp);
      }
      return sandbox.map(Observed.Sandbox::spec).stream()
          .flatMap(s -> s.networks().stream())
          .flatMap(n -> n.addresses().stream())
          .map(Lease::ip)
          .toList();
    }

    private Optional<Instant> renewal() {
      return resolution instanceof Resolution.Resolved(var wanted)
          ? wanted.renewal()
          : Optional.empty();
    }

    private Outcome outcome(PodPlan plan, Optional<Failure> failure) {
      boolean unfinished =
          plan.actions().stream().anyMatch(a -> !(a instanceof PodAction.StopContainers));
      if (failure.isPresent() || unfinished) {
        return new Outcome.Retry();
      }
      if (plan.recheck().isEmpty()) {
        sandbox.ifPresent(seen -> settled.put(object.uid(), seen));
      }
      return Stream.of(plan.recheck(), evictions.next(object.uid()), renewal())
          .flatMap(Optional::stream)
          .min(Comparator.naturalOrder())
          .map(next -> Outcome.again(Duration.between(parts.clock().instant(), next)))
          .orElse(Outcome.DONE);
    }
  }
}
