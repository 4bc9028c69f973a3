package dev.jctl.controller.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.status.Times;
import dev.jctl.shim.spec.Observed;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One container of the runtime as an attempt to run a container of the Pod. Pure. */
record Attempt(Observed.Container observed) {
  String id() {
    return observed.spec().id();
  }

  int number() {
    return observed.spec().attempt();
  }

  String name() {
    return label(PodNames.CONTAINER_NAME);
  }

  String label(String key) {
    return observed.spec().labels().getOrDefault(key, "");
  }

  /** Exits in a row before this one that came too soon. */
  int crashesBefore() {
    String text = label(PodNames.CRASHES);
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  boolean isRunning() {
    return observed.state() instanceof Observed.State.Running;
  }

  boolean isPaused() {
    return observed.state() instanceof Observed.State.Running running && running.paused();
  }

  Optional<Observed.State.Exited> exit() {
    return observed.state() instanceof Observed.State.Exited exited
        ? Optional.of(exited)
        : Optional.empty();
  }

  /** The newest attempt of each container, by name. */
  static Map<String, Attempt> newest(List<Observed.Container> containers) {
    Map<String, Attempt> newest = new HashMap<>();
    containers.stream()
        .map(Attempt::new)
        .sorted(Comparator.comparingInt(Attempt::number))
        .forEach(a -> newest.put(a.name(), a));
    return newest;
  }

  ContainerStateTerminated terminated(Observed.State.Exited exit) {
    ContainerStateTerminated t = new ContainerStateTerminated();
    t.setContainerID("jctl://" + id());
    t.setExitCode(exit.exitCode());
    if (exit.signal() != 0) {
      t.setSignal(exit.signal());
    }
    t.setReason(exit.reason());
    if (!exit.message().isEmpty()) {
      t.setMessage(exit.message());
    }
    Instant started = exit.startedAt();
    t.setStartedAt(Times.text(started == null ? exit.finishedAt() : started));
    t.setFinishedAt(Times.text(exit.finishedAt()));
    return t;
  }

  /** For {@link PodNames#LAST_EXIT} of the next attempt. */
  String exitText() {
    return exit().map(e -> encode(terminated(e))).orElseGet(() -> label(PodNames.LAST_EXIT));
  }

  private static String encode(ContainerStateTerminated t) {
    try {
      return ResourceCodec.MAPPER.writeValueAsString(t);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot encode an exit", e);
    }
  }

  @Nullable ContainerStateTerminated lastExit() {
    String text = label(PodNames.LAST_EXIT);
    if (text.isEmpty()) {
      return null;
    }
    try {
      return ResourceCodec.MAPPER.readValue(text, ContainerStateTerminated.class);
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
