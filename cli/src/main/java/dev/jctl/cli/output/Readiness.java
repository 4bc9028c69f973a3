package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Optional;

/**
 * How far an object is.
 *
 * @param status a word: Running, Ready, Pulling, CrashLoopBackOff
 * @param message a sentence on what it waits for or what went wrong; may be empty
 */
public record Readiness(State state, String status, String message) {
  static final String PAUSED = "Paused";

  public enum State {
    READY,
    WAITING,
    /** Will not become ready by itself. */
    FAILED
  }

  public static Readiness of(JsonNode object) {
    JsonNode status = object.path("status");
    String word = word(object);
    Optional<JsonNode> ready = condition(object, "Ready");
    String message = ready.map(c -> c.path("message").asText("")).orElse("");
    if (object.path("metadata").hasNonNull("deletionTimestamp")) {
      return new Readiness(State.WAITING, "Terminating", message);
    }
    if (hasNoReadiness(object)) {
      return new Readiness(State.READY, word.isEmpty() ? "Active" : word, "");
    }
    Optional<Readiness> workload = WorkloadReadiness.of(object);
    if (workload.isPresent()) {
      return workload.get();
    }
    if (isBehind(object)) {
      String why =
          condition(object, "jctl.dev/Change")
              .filter(Readiness::isFalse)
              .or(() -> ready.filter(Readiness::isFalse))
              .map(c -> c.path("message").asText(""))
              .filter(text -> !text.isEmpty())
              .orElse("waits for the controller");
      return new Readiness(State.WAITING, word.isEmpty() ? "Pending" : word, why);
    }
    String phase = status.path("phase").asText("");
    if (phase.equals("Succeeded")) {
      return new Readiness(State.READY, word, "");
    }
    if (phase.equals("Failed") && runs(object)) {
      return new Readiness(State.FAILED, word, message);
    }
    // one that is paused is as it was declared to be
    boolean isReady =
        ready.filter(c -> c.path("status").asText("").equals("True")).isPresent()
            || (runs(object) && isPaused(object));
    return new Readiness(isReady ? State.READY : State.WAITING, word, isReady ? "" : message);
  }

  public static Optional<JsonNode> condition(JsonNode object, String type) {
    for (JsonNode c : object.path("status").path("conditions")) {
      if (c.path("type").asText("").equalsIgnoreCase(type)) {
        return Optional.of(c);
      }
    }
    return Optional.empty();
  }

  private static boolean isFalse(JsonNode condition) {
    return condition.path("status").asText("").equals("False");
  }

  /** A Pod or Container whose processes stand still. */
  public static boolean isPaused(JsonNode object) {
    return condition(object, "Ready")
        .filter(ready -> ready.path("reason").asText().equals(PAUSED))
        .isPresent();
  }

  /** The status column: what a person wants to know first. */
  public static String word(JsonNode object) {
    if (object.path("metadata").hasNonNull("deletionTimestamp")) {
      return "Terminating";
    }
    if (object.path("kind").asText("").equals("Pod")) {
      return PodStatusWord.of(object);
    }
    Optional<Readiness> workload = WorkloadReadiness.of(object);
    if (workload.isPresent()) {
      return workload.get().status();
    }
    if (object.path("kind").asText("").equals("Node")) {
      return nodeWord(object);
    }
    if (hasNoStatus(object)) {
      return "Ready";
    }
    if (object.path("kind").asText("").equals("Service")) {
      return condition(object, "Ready").map(c -> c.path("reason").asText("")).orElse("Pending");
    }
    String phase = object.path("status").path("phase").asText("");
    if (phase.equals("Pending") || phase.equals("Failed")) {
      return condition(object, "Ready")
          .filter(c -> !c.path("status").asText("").equals("True"))
          .map(c -> c.path("reason").asText(""))
          .filter(reason -> !reason.isEmpty())
          .orElse(phase);
    }
    return phase.isEmpty() ? "Pending" : phase;
  }

  private static boolean hasNoReadiness(JsonNode object) {
    return object.path("kind").asText("").equals("Namespace") || hasNoStatus(object);
  }

  static boolean hasNoStatus(JsonNode object) {
    return ResourceKind.of(object.path("apiVersion").asText(""), object.path("kind").asText(""))
        .filter(kind -> !kind.hasStatus())
        .isPresent();
  }

  /** As kubectl has it. */
  private static String nodeWord(JsonNode node) {
    boolean ready =
        condition(node, "Ready")
            .filter(c -> c.path("status").asText("").equals("True"))
            .isPresent();
    boolean cordoned = node.at("/spec/unschedulable").asBoolean();
    return (ready ? "Ready" : "NotReady") + (cordoned ? ",SchedulingDisabled" : "");
  }

  private static boolean runs(JsonNode object) {
    String kind = object.path("kind").asText("");
    return kind.equals("Pod") || kind.equals("Container");
  }

  /** The status is about an earlier spec. */
  private static boolean isBehind(JsonNode object) {
    JsonNode observed = object.path("status").path("observedGeneration");
    return observed.isNumber()
        && observed.asLong() < object.path("metadata").path("generation").asLong(0);
  }
}
