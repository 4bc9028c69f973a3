package dev.jctl.controller.pod;

import dev.jctl.controller.drift.PodDrift;
import dev.jctl.controller.pod.Resolution.Waiting;
import dev.jctl.controller.probe.ProbeVerdict;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.Drift;
import dev.jctl.shim.spec.Observed;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is seen of a Pod → its status, as the kubelet writes it. Pure. */
final class PodStatusView {
  /** Condition that says how the last change of the spec was applied. */
  static final String CHANGE = "jctl.dev/Change";

  private static final String PAUSED = "Paused";

  /**
   * @param plan made from the same observation: it has nothing more to do now
   * @param failure what went wrong in this pass, or null
   * @param eviction why it is to end for good
   * @param ips of the Pod, in order
   * @param drift what was found changed on the machine, the latest first
   * @param before the status so far, or null
   */
  record Input(
      PodSpec spec,
      long generation,
      boolean deleting,
      Resolution resolution,
      PodPlan plan,
      @Nullable Failure failure,
      Optional<Observed.Sandbox> sandbox,
      Function<String, ProbeVerdict> verdicts,
      Optional<String> eviction,
      List<String> ips,
      String hostIp,
      List<Drift> drift,
      @Nullable PodStatus before,
      Instant now) {}

  /** {@code container}: whose start failed; null when it was no single container. */
  record Failure(@Nullable String container, Waiting why) {}

  private final Input in;
  private final Map<String, Attempt> newest;

  private PodStatusView(Input in) {
    this.in = in;
    this.newest = Attempt.newest(in.sandbox().map(Observed.Sandbox::containers).orElse(List.of()));
  }

  static PodStatus of(Input in) {
    return new PodStatusView(in).status();
  }

  static boolean isTerminal(@Nullable PodStatus status) {
    return status != null
        && ("Succeeded".equals(status.getPhase()) || "Failed".equals(status.getPhase()));
  }

  private PodStatus status() {
    PodStatus before = in.before();
    PodStatus status = new PodStatus();
    status.setObservedGeneration(heldBack().isPresent() ? met() : in.generation());
    status.setInitContainerStatuses(containers(DesiredPods.initContainers(in.spec()), true));
    status.setContainerStatuses(containers(in.spec().getContainers(), false));
    status.setEphemeralContainerStatuses(ephemeral());
    status.setPhase(phase(status));
    setReason(status);
    status.setQosClass(Limits.qosClass(in.spec().getContainers()));
    status.setHostIP(in.hostIp());
    HostIP host = new HostIP();
    host.setIp(in.hostIp());
    status.setHostIPs(List.of(host));
    status.setStartTime(
        before == null || before.getStartTime() == null
            ? Times.text(in.now())
            : before.getStartTime());
    setIps(status);
    status.setConditions(conditions(status));
    return status;
  }

  /** Why what runs goes on though the spec is another by now. */
  private Optional<Waiting> heldBack() {
    if (newest.isEmpty() || met() >= in.generation()) {
      return Optional.empty();
    }
    return in.resolution() instanceof Resolution.Awaiting awaiting && !awaiting.causes().isEmpty()
        ? Optional.of(awaiting.first())
        : Optional.ofNullable(in.failure()).filter(this::leavesAllRunning).map(Failure::why);
  }

  /** Of a change in place. */
  private boolean leavesAllRunning(Failure failure) {
    return newest.entrySet().stream()
        .filter(c -> failure.container() == null || failure.container().equals(c.getKey()))
        .allMatch(c -> c.getValue().isRunning());
  }

  /** The generation that runs; of a Pod of which nothing was told yet, the newest. */
  private long met() {
    PodStatus before = in.before();
    return before == null || before.getObservedGeneration() == null
        ? in.generation()
        : before.getObservedGeneration();
  }

  private void setIps(PodStatus status) {
    if (in.sandbox().isEmpty() || in.ips().isEmpty()) {
      return;
    }
    status.setPodIP(in.ips().getFirst());
    status.setPodIPs(
        in.ips().stream()
            .map(
                ip -> {
                  PodIP podIp = new PodIP();
                  podIp.setIp(ip);
                  return podIp;
                })
            .toList());
  }

  // --- containers

  private List<ContainerStatus> containers(List<Container> containers, boolean init) {
    List<ContainerStatus> statuses = new ArrayList<>();
    for (Container c : containers) {
      Attempt attempt = newest.get(c.getName());
      statuses.add(attempt == null ? absent(c, init) : present(c, attempt, init));
    }
    return statuses;
  }

  /** None of them is ever ready: nobody waits for them. */
  private List<ContainerStatus> ephemeral() {
    List<ContainerStatus> statuses = new ArrayList<>();
    for (Container c : EphemeralContainers.of(in.spec())) {
      Attempt attempt = newest.get(c.getName());
      ContainerStatus former = former(c.getName());
      ContainerStatus status;
      if (attempt != null) {
        status = present(c, attempt, false);
      } else if (former != null && former.getContainerID() != null) {
        status = gone(former);
      } else {
        status = absent(c, false);
      }
      status.setReady(false);
      statuses.add(status);
    }
    return statuses;
  }

  /** It is not started again: how it ended is kept, if anybody saw that. */
  private ContainerStatus gone(ContainerStatus former) {
    if (former.getState().getTerminated() == null) {
      ContainerStateTerminated lost = new ContainerStateTerminated();
      lost.setContainerID(former.getContainerID());
      lost.setExitCode(137);
      lost.setReason("ContainerStatusUnknown");
      lost.setMessage("It ended with the sandbox, or with the machine");
      lost.setFinishedAt(Times.text(in.now()));
      former.setState(terminated(lost));
    }
    return former;
  }

  private ContainerStatus absent(Container c, boolean init) {
    ContainerStatus former = former(c.getName());
    if (former != null && isTerminal(in.before())) {
      return former;
    }
    ContainerStatus status = named(c);
    status.setReady(false);
    status.setStarted(false);
    status.setRestartCount(0);
    if (former != null) {
      // The only memory of the attempts there were, until there is a next one.
      status.setRestartCount(former.getRestartCount());
      status.setContainerID(former.getContainerID());
      status.setLastState(lastState(former));
    }
    status.setState(waiting(why(c.getName(), init)));
    return status;
  }

  private static ContainerState lastState(ContainerStatus former) {
    boolean ended = former.getState() != null && former.getState().getTerminated() != null;
    return ended
        ? former.getState()
        : Objects.requireNonNullElseGet(former.getLastState(), ContainerState::new);
  }

  private @Nullable ContainerStatus former(String name) {
    PodStatus before = in.before();
    if (before == null) {
      return null;
    }
    List<ContainerStatus> all = new ArrayList<>(before.getContainerStatuses());
    all.addAll(before.getInitContainerStatuses());
    all.addAll(before.getEphemeralContainerStatuses());
    return all.stream().filter(s -> name.equals(s.getName())).findFirst().orElse(null);
  }

  private Waiting why(String name, boolean init) {
    Failure failure = in.failure();
    if (failure != null && (failure.container() == null || failure.container().equals(name))) {
      return failure.why();
    }
    Waiting planned = in.plan().waiting().get(name);
    if (planned != null) {
      return planned;
    }
    if (in.resolution() instanceof Resolution.Awaiting awaiting) {
      return awaiting.first();
    }
    boolean hasInit = !DesiredPods.initContainers(in.spec()).isEmpty();
    return new Waiting(hasInit && !init ? "PodInitializing" : "ContainerCreating", "");
  }

  private ContainerStatus present(Container c, Attempt attempt, boolean init) {
    ContainerStatus status = named(c);
    status.setContainerID("jctl://" + attempt.id());
    status.setImageID(attempt.label(PodNames.IMAGE_ID));
    status.setRestartCount(attempt.number());
    ProbeVerdict verdict = in.verdicts().apply(attempt.id());
    boolean runs = attempt.isRunning() && !isOutdated(attempt);
    status.setStarted(runs && verdict.started());
    boolean ready = verdict.ready() && !attempt.isPaused();
    status.setReady(runs ? ready : init && exitedWell(attempt));
    status.setLastState(terminated(attempt.lastExit()));
    status.setState(state(c, attempt, status, init));
    return status;
  }

  /** It still runs, but in a form that is no longer wanted. */
  private boolean isOutdated(Attempt attempt) {
    if (!(in.resolution() instanceof Resolution.Resolved resolved)) {
      return false;
    }
    DesiredPod pod = resolved.pod();
    boolean sandboxChanged =
        in.sandbox()
            .map(s -> !Parts.changed(s.spec().labels(), pod.sandbox().labels()).isEmpty())
            .orElse(false);
    return sandboxChanged
        || pod.containers().stream()
            .filter(c -> c.name().equals(attempt.name()))
            .map(c -> Parts.changed(attempt.observed().spec().labels(), c.template().labels()))
            .anyMatch(changed -> !changed.isEmpty());
  }

  private static boolean exitedWell(Attempt attempt) {
    return attempt.exit().map(e -> e.exitCode() == 0).orElse(false);
  }

  private ContainerState state(Container c, Attempt attempt, ContainerStatus status, boolean init) {
    return switch (attempt.observed().state()) {
      case Observed.State.Created created -> waiting(why(c.getName(), init));
      case Observed.State.Running running -> running(running.startedAt());
      case Observed.State.Exited exited -> {
        ContainerState ended = terminated(attempt.terminated(exited));
        if (!in.plan().waiting().containsKey(c.getName()) && !failed(c.getName())) {
          yield ended;
        }
        status.setLastState(ended);
        yield waiting(why(c.getName(), init));
      }
    };
  }

  private boolean failed(String container) {
    Failure failure = in.failure();
    return failure != null && container.equals(failure.container());
  }

  private static ContainerStatus named(Container c) {
    ContainerStatus status = new ContainerStatus();
    status.setName(c.getName());
    status.setImage(c.getImage());
    status.setImageID("");
    status.setLastState(new ContainerState());
    return status;
  }

  private static ContainerState waiting(Waiting why) {
    ContainerStateWaiting waiting = new ContainerStateWaiting();
    waiting.setReason(why.reason());
    if (!why.message().isEmpty()) {
      waiting.setMessage(why.message());
    }
    ContainerState state = new ContainerState();
    state.setWaiting(waiting);
    return state;
  }

  private static ContainerState running(Instant since) {
    ContainerStateRunning running = new ContainerStateRunning();
    running.setStartedAt(Times.text(since));
    ContainerState state = new ContainerState();
    state.setRunning(running);
    return state;
  }

  private static ContainerState terminated(@Nullable ContainerStateTerminated terminated) {
    ContainerState state = new ContainerState();
    if (terminated != null) {
      state.setTerminated(terminated);
    }
    return state;
  }

  // --- the Pod

  private String phase(PodStatus status) {
    PodStatus before = in.before();
    if (isTerminal(before)) {
      return Objects.requireNonNull(before).getPhase();
    }
    if (in.eviction().isPresent()) {
      return newest.values().stream().anyMatch(Attempt::isRunning) ? "Running" : "Failed";
    }
    if (in.resolution() instanceof Resolution.Resolved resolved && !in.deleting()) {
      Optional<String> ended = Endings.phase(resolved.pod(), newest);
      if (ended.isPresent()) {
        return ended.get();
      }
    }
    return initialized(status) && allBegun(status) ? "Running" : "Pending";
  }

  /** Told from when it is decided on, as kubelet does. */
  private void setReason(PodStatus status) {
    PodStatus before = in.before();
    if (before != null && isTerminal(before)) {
      status.setReason(before.getReason());
      status.setMessage(before.getMessage());
      return;
    }
    in.eviction()
        .ifPresent(
            why -> {
              status.setReason(Evictions.REASON);
              status.setMessage(why);
            });
  }

  private static boolean allBegun(PodStatus status) {
    return status.getContainerStatuses().stream()
        .allMatch(
            c ->
                c.getState().getRunning() != null
                    || c.getState().getTerminated() != null
                    || c.getLastState().getTerminated() != null);
  }

  private boolean initialized(PodStatus status) {
    boolean mainsBegun =
        in.spec().getContainers().stream().anyMatch(c -> newest.containsKey(c.getName()));
    return mainsBegun
        || status.getInitContainerStatuses().stream()
            .allMatch(c -> c.getReady() || Boolean.TRUE.equals(c.getStarted()));
  }

  private List<PodCondition> conditions(PodStatus status) {
    boolean ended = isTerminal(status);
    boolean initialized = initialized(status);
    List<String> notReady =
        status.getContainerStatuses().stream()
            .filter(c -> !Boolean.TRUE.equals(c.getReady()))
            .map(ContainerStatus::getName)
            .toList();
    boolean ready = notReady.isEmpty() && initialized && !ended;
    String reason = ready ? "" : notReadyReason(status, ended);
    String message = ready ? "" : notReadyMessage(status, notReady);
    List<PodCondition> conditions = new ArrayList<>();
    conditions.add(condition("PodScheduled", true, "", ""));
    conditions.add(
        condition(
            "Initialized", initialized, initialized ? "" : reason, initialized ? "" : message));
    conditions.add(condition("ContainersReady", ready, reason, message));
    conditions.add(condition("Ready", ready, reason, message));
    change().ifPresent(conditions::add);
    drift().ifPresent(conditions::add);
    return conditions;
  }

  private String notReadyReason(PodStatus status, boolean ended) {
    if (ended) {
      return "Succeeded".equals(status.getPhase()) ? "PodCompleted" : "PodFailed";
    }
    if (in.deleting()) {
      return "Terminating";
    }
    if (isPaused()) {
      return PAUSED;
    }
    return firstWaiting(status).map(ContainerStateWaiting::getReason).orElse("ContainersNotReady");
  }

  private boolean isPaused() {
    return newest.values().stream().anyMatch(Attempt::isPaused);
  }

  private String notReadyMessage(PodStatus status, List<String> notReady) {
    if (isPaused()) {
      return "its processes stand still, as it is declared to be paused";
    }
    Optional<String> why =
        firstWaiting(status)
            .map(ContainerStateWaiting::getMessage)
            .or(() -> firstProbeFailure(notReady));
    return why.orElse("containers with unready status: [" + String.join(" ", notReady) + "]");
  }

  private static Optional<ContainerStateWaiting> firstWaiting(PodStatus status) {
    List<ContainerStatus> all = new ArrayList<>(status.getInitContainerStatuses());
    all.addAll(status.getContainerStatuses());
    return all.stream()
        .map(c -> c.getState().getWaiting())
        .filter(Objects::nonNull)
        .filter(w -> !"PodInitializing".equals(w.getReason()))
        .findFirst();
  }

  private Optional<String> firstProbeFailure(List<String> names) {
    for (String name : names) {
      Attempt attempt = newest.get(name);
      if (attempt != null && attempt.isRunning()) {
        String message = in.verdicts().apply(attempt.id()).message();
        if (!message.isEmpty()) {
          return Optional.of("container " + name + " is not ready: " + message);
        }
      }
    }
    return Optional.empty();
  }

  private Optional<PodCondition> change() {
    Optional<Waiting> held = heldBack();
    if (held.isPresent()) {
      String message = held.get().message() + "; what ran before goes on";
      return Optional.of(condition(CHANGE, false, held.get().reason(), message));
    }
    PodPlan.Change change = in.plan().change();
    if (change == null) {
      return formerCondition(CHANGE).filter(c -> "True".equals(c.getStatus()));
    }
    String fields = String.join(", ", change.fields());
    return Optional.of(
        switch (change) {
          case PodPlan.Change.InPlace c -> condition(CHANGE, true, "InPlace", fields);
          case PodPlan.Change.Recreated c -> condition(CHANGE, true, "Recreated", fields);
        });
  }

  /**
   * Repaired, it is told on; what was only reported goes when it is not so any more, and comes
   * first until then.
   */
  private Optional<PodCondition> drift() {
    if (in.drift().isEmpty()) {
      return formerCondition(PodDrift.CONDITION).filter(c -> "False".equals(c.getStatus()));
    }
    Drift last =
        in.drift().stream()
            .filter(drift -> !drift.repaired())
            .findFirst()
            .orElse(in.drift().getFirst());
    PodCondition condition =
        condition(
            PodDrift.CONDITION, !last.repaired(), PodDrift.reason(last), PodDrift.message(last));
    condition.setLastTransitionTime(last.seen());
    return Optional.of(condition);
  }

  private Optional<PodCondition> formerCondition(String type) {
    PodStatus before = in.before();
    return before == null
        ? Optional.empty()
        : before.getConditions().stream().filter(c -> type.equals(c.getType())).findFirst();
  }

  private PodCondition condition(String type, boolean holds, String reason, String message) {
    PodCondition condition = new PodCondition();
    condition.setType(type);
    condition.setStatus(holds ? "True" : "False");
    if (!reason.isEmpty()) {
      condition.setReason(reason);
    }
    if (!message.isEmpty()) {
      condition.setMessage(message);
    }
    String since =
        formerCondition(type)
            .filter(c -> condition.getStatus().equals(c.getStatus()))
            .map(PodCondition::getLastTransitionTime)
            .orElseGet(() -> Times.text(in.now()));
    condition.setLastTransitionTime(since);
    return condition;
  }
}
