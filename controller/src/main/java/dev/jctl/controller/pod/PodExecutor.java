package dev.jctl.controller.pod;

import dev.jctl.controller.drift.DriftNotes;
import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.pod.PodStatusView.Failure;
import dev.jctl.controller.pod.Resolution.Waiting;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.ContainerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries a Pod's actions out, in order, up to the first that fails. Decides nothing. */
final class PodExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(PodExecutor.class);

  private static final Duration SOON = Duration.ofMillis(20);

  /** Logs of that many earlier attempts stay. */
  private static final int KEPT_LOGS = 5;

  /** Of a Pod that does not say. */
  static final long DEFAULT_GRACE_SECONDS = 30;

  private static final String LOG_SUFFIX = ".log";

  private final ContainerRuntime runtime;
  private final PublishedPorts ports;
  private final WrittenFiles files;
  private final Stops stops;
  private final LifecycleHooks hooks;
  private final EventRecorder events;
  private final ObjectWriter writer;
  private final Path logs;
  private final DriftNotes notes;
  private final InstantSource clock;

  PodExecutor(
      ContainerRuntime runtime,
      PublishedPorts ports,
      WrittenFiles files,
      Stops stops,
      LifecycleHooks hooks,
      EventRecorder events,
      ObjectWriter writer,
      Path logs,
      DriftNotes notes,
      InstantSource clock) {
    this.runtime = runtime;
    this.ports = ports;
    this.files = files;
    this.stops = stops;
    this.hooks = hooks;
    this.events = events;
    this.writer = writer;
    this.logs = logs;
    this.notes = notes;
    this.clock = clock;
  }

  /** Empty when all went well, else the first failure. */
  Optional<Failure> execute(StoredObject pod, PodPlan plan, Consumer<Duration> lookAgain) {
    Optional<Failure> first = Optional.empty();
    for (PodStep step : plan.steps()) {
      Optional<Failure> failure =
          switch (step) {
            case PodStep.RunFirst(var create, var run) -> runFirst(pod, create, run, lookAgain);
            case PodAction action -> attempt(pod, action, lookAgain);
          };
      first = first.or(() -> failure);
      if (failure.isPresent() && !(step instanceof PodAction.Repair)) {
        return first;
      }
    }
    return first;
  }

  private Optional<Failure> attempt(
      StoredObject pod, PodAction action, Consumer<Duration> lookAgain) {
    try {
      execute(pod, action, lookAgain);
      return Optional.empty();
    } catch (RuntimeFailure e) {
      return Optional.of(failed(pod, action, e));
    }
  }

  /** Told apart: what fails of the container is its failure, else it is the sandbox's. */
  private Optional<Failure> runFirst(
      StoredObject pod,
      PodAction.CreateSandbox create,
      PodAction.RunContainer run,
      Consumer<Duration> lookAgain) {
    try {
      pruneLogs(run.spec());
      Optional<RuntimeFailure> failure = runtime.runFirst(create.spec(), run.spec());
      if (failure.isEmpty()) {
        started(pod, run.name(), run.spec().id(), lookAgain);
      }
      return failure.map(e -> failed(pod, run, e));
    } catch (RuntimeFailure e) {
      return Optional.of(failed(pod, create, e));
    }
  }

  private Failure failed(StoredObject pod, PodAction action, RuntimeFailure e) {
    Failure failure = new Failure(container(action), new Waiting(reason(action, e), text(e)));
    events.warning(pod, failure.why().reason(), failure.why().message());
    return failure;
  }

  private static String text(RuntimeFailure e) {
    return String.valueOf(e.getMessage());
  }

  private static @Nullable String container(PodAction action) {
    return switch (action) {
      case PodAction.RunContainer a -> a.name();
      case PodAction.StartContainer a -> a.name();
      case PodAction.UpdateResources a -> a.name();
      default -> null;
    };
  }

  private static String reason(PodAction action, RuntimeFailure e) {
    return switch (e.reason()) {
      case PORT_TAKEN -> "PortTaken";
      case COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE -> "RunContainerError";
      case NO_SPACE -> "NoSpace";
      case UNAVAILABLE -> "RuntimeUnavailable";
      default -> other(action, e);
    };
  }

  private static String other(PodAction action, RuntimeFailure e) {
    return switch (action) {
      case PodAction.RunContainer a -> "RunContainerError";
      case PodAction.StartContainer a -> "RunContainerError";
      case PodAction.PublishPorts a when e.reason() == RuntimeFailure.Reason.UNSUPPORTED ->
          "KernelModuleMissing";
      case PodAction.PublishPorts a when e.reason() == RuntimeFailure.Reason.NOT_FOUND ->
          "HostAddressMissing";
      default -> "RuntimeError";
    };
  }

  private void execute(StoredObject pod, PodAction action, Consumer<Duration> lookAgain) {
    switch (action) {
      case PodAction.EnsureEmptyDir a -> runtime.ensureVolume(a.volume());
      case PodAction.RepairEmptyDir a -> {
        files.repair(a.volume());
        mountedAgain(pod, a);
      }
      case PodAction.WriteFiles a -> {
        if (files.write(a.content())) {
          mountedAgain(pod, new PodAction.RepairEmptyDir(a.content().volume()));
        }
      }
      case PodAction.CreateSandbox a -> runtime.createSandbox(a.spec());
      case PodAction.UpdateSandbox a -> {
        runtime.updateSandbox(a.spec());
        events.normal(pod, "SandboxUpdated", "Changed in place: " + String.join(", ", a.fields()));
        // addresses that it had until now are given back then
        lookAgain.accept(SOON);
      }
      case PodAction.RepairSandbox a -> {
        runtime.repairSandbox(a.sandboxId());
        events.warning(
            pod, "SandboxRepaired", "Repaired what had changed: " + String.join(", ", a.drift()));
        repaired(pod, a);
      }
      case PodAction.RemoveSandbox a -> removeSandbox(pod, a);
      case PodAction.PublishPorts a -> ports.publish(a.sandboxId(), a.ports());
      case PodAction.RunContainer a -> {
        pruneLogs(a.spec());
        runtime.runContainer(a.spec());
        started(pod, a.name(), a.spec().id(), lookAgain);
      }
      case PodAction.StartContainer a -> {
        runtime.startContainer(a.containerId());
        started(pod, a.name(), a.containerId(), lookAgain);
      }
      case PodAction.StopContainers a -> {
        events.normal(pod, "Killing", "Stopping containers: " + a.why());
        Duration grace = Duration.ofSeconds(a.graceSeconds());
        a.containerIds().forEach(id -> stop(pod, id, grace, lookAgain));
      }
      case PodAction.PauseContainer a -> {
        runtime.pauseContainer(a.containerId());
        events.normal(pod, "Paused", "Paused container " + a.name());
      }
      case PodAction.ResumeContainer a -> {
        runtime.resumeContainer(a.containerId());
        events.normal(pod, "Resumed", "Resumed container " + a.name());
      }
      case PodAction.RemoveContainer a -> runtime.removeContainer(a.containerId());
      case PodAction.UpdateResources a -> {
        runtime.updateResources(a.containerId(), a.resources());
        events.normal(pod, "Resized", "Changed the limits of container " + a.name() + " in place");
      }
      case PodAction.TellConfig a -> {
        runtime.signalContainer(a.containerId(), a.signal().number());
        writer.update(pod, tree -> ToldConfig.write(tree, a));
        events.normal(
            pod,
            "ConfigChanged",
            "Sent %s to container %s, as its configuration changed"
                .formatted(a.signal().name(), a.name()));
      }
      case PodAction.RepairMounts a -> {
        runtime.repairMounts(a.containerId());
        events.warning(
            pod, "MountsRepaired", "Mounted again: " + String.join(", ", a.destinations()));
        repaired(pod, a);
      }
      case PodAction.RemoveLeftovers a -> removeLeftovers(pod, a);
      case PodAction.Vacate a -> {
        runtime.removeSandbox(a.sandboxId());
        ports.removed(a.sandboxId());
        a.volumeIds().forEach(files::remove);
      }
      case PodAction.Release a -> writer.dropFinalizer(pod, Finalizers.POD);
    }
  }

  private void mountedAgain(StoredObject pod, PodAction.RepairEmptyDir repair) {
    events.warning(
        pod, "VolumeRepaired", "Mounted volume %s again".formatted(repair.volume().id()));
    repaired(pod, repair);
  }

  private void repaired(StoredObject pod, PodAction.Repair repair) {
    notes.add(pod.uid(), Drifts.repaired(repair.field(), repair.drift(), clock.instant()));
  }

  private void started(
      StoredObject pod, String container, String containerId, Consumer<Duration> lookAgain) {
    events.normal(pod, "Started", "Started container " + container);
    hooks.started(
        pod,
        container,
        containerId,
        () -> stop(pod, containerId, grace(pod), lookAgain),
        () -> lookAgain.accept(Duration.ZERO));
  }

  private static Duration grace(StoredObject pod) {
    Long seconds = pod.as(Resource.Pod.class).spec().getTerminationGracePeriodSeconds();
    return Duration.ofSeconds(Objects.requireNonNullElse(seconds, DEFAULT_GRACE_SECONDS));
  }

  private void stop(
      StoredObject pod, String containerId, Duration grace, Consumer<Duration> lookAgain) {
    stops.stop(containerId, grace, left -> hooks.beforeStop(pod, containerId, left), lookAgain);
  }

  private void removeSandbox(StoredObject pod, PodAction.RemoveSandbox a) {
    runtime.removeSandbox(a.sandboxId());
    ports.removed(a.sandboxId());
    if (!pod.isDeleting()) {
      events.normal(pod, "SandboxChanged", "The sandbox is made anew: " + a.why());
    }
  }

  private void removeLeftovers(StoredObject pod, PodAction.RemoveLeftovers a) {
    a.volumeIds().forEach(files::remove);
    Path directory = PodNames.podLogs(logs, pod.ref().namespace(), pod.ref().name(), pod.uid());
    // one of each container, also of those that the spec does not name any more
    try (Stream<Path> containers = Files.list(directory)) {
      containers.map(Path::toString).forEach(runtime::removeLogs);
    } catch (NoSuchFileException e) {
      LOG.debug("no logs in {}", directory);
    } catch (IOException e) {
      LOG.warn("logs in {} stay: {}", directory, e.toString());
    }
  }

  // What is not removed now is removed with the Pod.
  private static void pruneLogs(ContainerSpec spec) {
    int oldest = spec.attempt() - KEPT_LOGS;
    if (oldest < 0) {
      return;
    }
    try {
      Files.deleteIfExists(Path.of(spec.logDirectory()).resolve(oldest + LOG_SUFFIX));
    } catch (IOException e) {
      LOG.debug("log {} of {} stays: {}", oldest, spec.logDirectory(), e.toString());
    }
  }
}
