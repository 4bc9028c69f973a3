package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.output.Readiness.State;
import java.util.Optional;

/** How far a kind in apps or batch is: these have no condition Ready. Pure. */
final class WorkloadReadiness {
  private WorkloadReadiness() {}

  /** Empty for other kinds. */
  static Optional<Readiness> of(JsonNode object) {
    return switch (object.path("kind").asText("")) {
      case "Deployment" -> Optional.of(replicated(object, "Progressing"));
      case "ReplicaSet" -> Optional.of(replicated(object, "ReplicaFailure"));
      case "Job" -> Optional.of(job(object));
      case "CronJob" -> Optional.of(new Readiness(State.READY, "Active", ""));
      default -> Optional.empty();
    };
  }

  private static Readiness replicated(JsonNode object, String telling) {
    int wanted = object.at("/spec/replicas").asInt(1);
    JsonNode status = object.path("status");
    boolean deployment = object.path("kind").asText("").equals("Deployment");
    boolean all =
        !isBehind(object)
            && status.path("availableReplicas").asInt(0) >= wanted
            && status.path("replicas").asInt(0) == wanted
            && (!deployment || status.path("updatedReplicas").asInt(0) == wanted);
    if (all) {
      return new Readiness(State.READY, "Available", "");
    }
    Optional<JsonNode> told = Readiness.condition(object, telling);
    String reason = told.map(c -> c.path("reason").asText("")).orElse("");
    String message =
        status.path("availableReplicas").asInt(0) + " of " + wanted + " Pods are available";
    return reason.equals("ProgressDeadlineExceeded")
        ? new Readiness(State.FAILED, reason, message)
        : new Readiness(State.WAITING, "Progressing", message);
  }

  /** A Job is done when its work is. */
  private static Readiness job(JsonNode job) {
    if (holds(job, "Complete")) {
      return new Readiness(State.READY, "Complete", "");
    }
    if (holds(job, "Failed")) {
      String message =
          Readiness.condition(job, "Failed").map(c -> c.path("message").asText("")).orElse("");
      return new Readiness(State.FAILED, "Failed", message);
    }
    return new Readiness(
        State.WAITING,
        holds(job, "Suspended") ? "Suspended" : "Running",
        job.at("/status/active").asInt(0) + " Pods run");
  }

  private static boolean holds(JsonNode object, String type) {
    return Readiness.condition(object, type)
        .filter(c -> c.path("status").asText("").equals("True"))
        .isPresent();
  }

  private static boolean isBehind(JsonNode object) {
    return object.at("/status/observedGeneration").asLong(0)
        < object.at("/metadata/generation").asLong(0);
  }
}
