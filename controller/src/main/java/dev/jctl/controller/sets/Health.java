package dev.jctl.controller.sets;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.Optional;

/**
 * How well a member does what it was applied for. Pure.
 *
 * @param reason one word
 * @param message a sentence that a person can act on; may be empty
 */
public record Health(State state, String reason, String message) {
  /**
   * How long what is Ready has to stay so to count as healthy: what ends at once is Ready for a
   * moment again and again, and whoever runs a new image shows a moment later what it is.
   */
  public static final Duration SETTLED = Duration.ofSeconds(2);

  public enum State {
    READY,
    WAITING,
    /** Nothing but a change of it will help. */
    FAILED
  }

  private static final Health MISSING =
      new Health(State.WAITING, "Missing", "There is no such object");
  private static final Health UNSEEN =
      new Health(State.WAITING, "Pending", "Its reconciler has not seen it yet");
  private static final Health READY = new Health(State.READY, "Ready", "");

  public boolean isReady() {
    return state == State.READY;
  }

  public boolean isMissing() {
    return equals(MISSING);
  }

  /** Empty: somebody has deleted it. */
  public static Health of(Optional<StoredObject> member) {
    return member.map(Health::of).orElse(MISSING);
  }

  public static Health of(StoredObject member) {
    if (member.isDeleting()) {
      return new Health(State.WAITING, "Terminating", "It is being deleted");
    }
    if (hasNoReadiness(member.ref().kind())) {
      return READY;
    }
    return switch (member.ref().kind()) {
      case DEPLOYMENT, REPLICA_SET -> replicated(member);
      case JOB -> job(member.tree().path("status"));
      default -> conditioned(member);
    };
  }

  /** apps/v1: as {@code kubectl rollout status} has it. */
  private static Health replicated(StoredObject member) {
    JsonNode tree = member.tree();
    JsonNode status = tree.path("status");
    int wanted = tree.path("spec").path("replicas").asInt(1);
    int available = status.path("availableReplicas").asInt(0);
    boolean updated =
        member.ref().kind() != ResourceKind.DEPLOYMENT
            || status.path("updatedReplicas").asInt(0) == wanted;
    boolean seen =
        status.path("observedGeneration").asLong(0)
            >= tree.path("metadata").path("generation").asLong(0);
    return seen && updated && available >= wanted && status.path("replicas").asInt(0) == wanted
        ? READY
        : new Health(
            State.WAITING, "Progressing", available + " of " + wanted + " Pods are available");
  }

  /** batch/v1: it is done when its work is. */
  private static Health job(JsonNode status) {
    if (holds(status, "Complete")) {
      return READY;
    }
    return holds(status, "Failed")
        ? new Health(State.FAILED, "Failed", "The Job has failed")
        : new Health(State.WAITING, "Running", "The Job is not done yet");
  }

  private static Health conditioned(StoredObject member) {
    JsonNode status = member.tree().path("status");
    long generation = member.tree().path("metadata").path("generation").asLong();
    if (status.path("observedGeneration").asLong(generation) < generation || status.isEmpty()) {
      // what keeps it from being as it shall be may be told already
      return ready(status)
          .filter(c -> c.path("status").asText().equals("False"))
          .map(c -> unready(member, status, status.path("phase").asText()))
          .orElse(UNSEEN);
    }
    String phase = status.path("phase").asText();
    if (phase.equals("Succeeded")) {
      return READY;
    }
    return ready(status)
        .filter(c -> c.path("status").asText().equals("True"))
        .map(c -> READY)
        .orElseGet(() -> unready(member, status, phase));
  }

  private static boolean hasNoReadiness(ResourceKind kind) {
    return !kind.hasStatus()
        || kind == ResourceKind.NAMESPACE
        || kind == ResourceKind.SERVICE
        || kind == ResourceKind.CRON_JOB;
  }

  private static Health unready(StoredObject member, JsonNode status, String phase) {
    boolean ended =
        phase.equals("Failed")
            && (member.ref().kind() == ResourceKind.POD
                || member.ref().kind() == ResourceKind.CONTAINER);
    Optional<JsonNode> ready = ready(status);
    return new Health(
        ended ? State.FAILED : State.WAITING,
        ready.map(c -> c.path("reason").asText()).filter(r -> !r.isEmpty()).orElse("Pending"),
        ready.map(c -> c.path("message").asText()).orElse(""));
  }

  private static Optional<JsonNode> ready(JsonNode status) {
    return condition(status, "Ready");
  }

  private static boolean holds(JsonNode status, String type) {
    return condition(status, type)
        .filter(c -> c.path("status").asText().equals("True"))
        .isPresent();
  }

  private static Optional<JsonNode> condition(JsonNode status, String type) {
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return Optional.of(condition);
      }
    }
    return Optional.empty();
  }
}
