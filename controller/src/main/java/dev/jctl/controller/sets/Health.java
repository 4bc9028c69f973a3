package dev.jctl.controller.sets;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Optional;

/**
 * How well a member does what it was applied for. Pure.
 *
 * @param reason one word
 * @param message a sentence that a person can act on; may be empty
 */
public record Health(State state, String reason, String message) {
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
    return !kind.hasStatus() || kind == ResourceKind.NAMESPACE || kind == ResourceKind.SERVICE;
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
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        return Optional.of(condition);
      }
    }
    return Optional.empty();
  }
}
