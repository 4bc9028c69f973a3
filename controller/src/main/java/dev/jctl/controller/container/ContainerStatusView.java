package dev.jctl.controller.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.drift.PodDrift;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.manifests.model.ContainerStatus;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.Resource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How its Pod is → the status of a Container. Pure. */
final class ContainerStatusView {
  private static final String CHANGE = "jctl.dev/Change";
  private static final String PAUSED = "Paused";
  private static final Set<String> ORDINARY = Set.of("ContainerCreating", "PodInitializing");

  private final Resource.Container container;
  private final boolean deleting;
  private final Instant now;

  ContainerStatusView(StoredObject container, Instant now) {
    this.container = container.as(Resource.Container.class);
    this.deleting = container.isDeleting();
    this.now = now;
  }

  /** {@code replaced}: fields for which the Pod is being made anew. */
  ContainerStatus withoutPod(List<String> replaced) {
    String change = replaced.isEmpty() ? lastChange() : "Recreated: " + String.join(", ", replaced);
    Seen ready =
        deleting
            ? new Seen("Ready", false, "Terminating", "The Pod is being removed")
            : replaced.isEmpty()
                ? new Seen("Ready", false, "Pending", "The Pod is being made")
                : new Seen("Ready", false, "Recreating", "The Pod is made anew: " + change);
    return new ContainerStatus(
        observed(false),
        deleting ? "Terminating" : "Pending",
        container.metadata().getName(),
        null,
        null,
        null,
        0,
        false,
        change,
        List.of(),
        lastDrift(),
        conditions(ready));
  }

  ContainerStatus refused(String message) {
    return new ContainerStatus(
        generation(),
        "Failed",
        null,
        null,
        null,
        null,
        null,
        false,
        lastChange(),
        List.of(),
        lastDrift(),
        conditions(new Seen("Ready", false, "PodExists", message)));
  }

  /**
   * @param upToDate the Pod's spec is what the Container asks for
   * @param noted drift of the Pod, of which its own status has only the last
   */
  ContainerStatus of(StoredObject pod, boolean upToDate, List<Drift> noted) {
    JsonNode status = pod.tree().path("status");
    JsonNode main = status.path("containerStatuses").path(0);
    JsonNode state = main.path("state");
    boolean seen =
        upToDate
            && status.path("observedGeneration").asLong(-1)
                >= pod.tree().path("metadata").path("generation").asLong(0);
    return new ContainerStatus(
        observed(seen),
        phase(pod, state),
        pod.ref().name(),
        text(main.path("containerID")),
        text(main.path("imageID")),
        startedAt(state),
        main.path("restartCount").asInt(0),
        main.path("ready").asBoolean(false),
        upToDate ? change(status).orElseGet(this::lastChange) : lastChange(),
        networks(pod),
        Drifts.recent(
            lastDrift(), Stream.concat(noted.stream(), PodDrift.of(status).stream()).toList()),
        conditions(ready(pod, seen)));
  }

  private String phase(StoredObject pod, JsonNode state) {
    if (deleting || pod.isDeleting()) {
      return "Terminating";
    }
    Optional<String> paused =
        condition(pod.tree().path("status"), "Ready")
            .map(c -> c.path("reason").asText())
            .filter(PAUSED::equals);
    if (paused.isPresent()) {
      return PAUSED;
    }
    String waiting = state.path("waiting").path("reason").asText();
    return waiting.isEmpty() || ORDINARY.contains(waiting)
        ? pod.tree().path("status").path("phase").asText("Pending")
        : waiting;
  }

  private static @Nullable String startedAt(JsonNode state) {
    String running = text(state.path("running").path("startedAt"));
    return running != null ? running : text(state.path("terminated").path("startedAt"));
  }

  private static @Nullable String text(JsonNode node) {
    return node.asText().isEmpty() ? null : node.asText();
  }

  private static List<ContainerStatus.NetworkAddress> networks(StoredObject pod) {
    if (!pod.tree().path("status").hasNonNull("podIP")) {
      return List.of();
    }
    return Lease.of(pod.tree()).stream()
        .map(
            l ->
                new ContainerStatus.NetworkAddress(
                    l.network(), Lease.ip(l.addresses().getFirst()), null))
        .toList();
  }

  private static Optional<JsonNode> condition(JsonNode status, String type) {
    for (JsonNode c : status.path("conditions")) {
      if (type.equals(c.path("type").asText())) {
        return Optional.of(c);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> change(JsonNode podStatus) {
    return condition(podStatus, CHANGE)
        .filter(c -> "True".equals(c.path("status").asText()))
        .map(c -> c.path("reason").asText() + ": " + c.path("message").asText());
  }

  private Seen ready(StoredObject pod, boolean seen) {
    if (deleting || pod.isDeleting()) {
      return new Seen("Ready", false, "Terminating", "The Pod is being removed");
    }
    Optional<JsonNode> podReady =
        condition(pod.tree().path("status"), CHANGE)
            .filter(c -> !seen && "False".equals(c.path("status").asText()))
            .or(() -> condition(pod.tree().path("status"), "Ready"));
    boolean holds =
        seen && podReady.map(c -> "True".equals(c.path("status").asText())).orElse(false);
    if (holds) {
      boolean probed = container.spec().readinessProbe() != null;
      return probed
          ? new Seen("Ready", true, "ProbeSucceeded", "The readiness probe succeeds")
          : new Seen("Ready", true, "Running", "The container runs");
    }
    JsonNode failed = failed(pod.tree().path("status"));
    if (!failed.isMissingNode()) {
      return new Seen(
          "Ready",
          false,
          failed.path("reason").asText("Error"),
          "The container ended with exit code " + failed.path("exitCode").asInt());
    }
    String reason = podReady.map(c -> c.path("reason").asText()).orElse("");
    String message = podReady.map(c -> c.path("message").asText()).orElse("");
    return new Seen(
        "Ready",
        false,
        reason.isEmpty() ? "Pending" : reason,
        message.isEmpty() ? "The Pod is not ready yet" : message);
  }

  /** How its process ended, where it is not started again: the Pod's condition does not say. */
  private static JsonNode failed(JsonNode podStatus) {
    return "Failed".equals(podStatus.path("phase").asText())
        ? podStatus.at("/containerStatuses/0/state/terminated")
        : MissingNode.getInstance();
  }

  private @Nullable String lastChange() {
    ContainerStatus before = container.status();
    return before == null ? null : before.lastChange();
  }

  private @Nullable List<Drift> lastDrift() {
    ContainerStatus before = container.status();
    return before == null ? null : before.drift();
  }

  private @Nullable Long observed(boolean seen) {
    ContainerStatus before = container.status();
    return seen ? Long.valueOf(generation()) : before == null ? null : before.observedGeneration();
  }

  private long generation() {
    Long generation = container.metadata().getGeneration();
    return generation == null ? 0 : generation;
  }

  private List<io.fabric8.kubernetes.api.model.Condition> conditions(Seen ready) {
    ContainerStatus before = container.status();
    return Conditions.of(
        before == null ? null : before.conditions(), generation(), now, List.of(ready));
  }
}
