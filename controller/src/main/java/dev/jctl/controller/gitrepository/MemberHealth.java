package dev.jctl.controller.gitrepository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.Optional;

/** Whether the objects of a commit do what they are for. Pure. */
final class MemberHealth {
  private MemberHealth() {}

  /** Those that do not, in words. */
  static List<String> notReady(List<StoredObject> members) {
    return members.stream()
        .map(o -> problem(o).map(p -> o.ref() + ": " + p))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<String> problem(StoredObject object) {
    ResourceKind kind = object.ref().kind();
    if (!kind.hasStatus() || kind == ResourceKind.NAMESPACE || kind == ResourceKind.CRON_JOB) {
      return Optional.empty();
    }
    JsonNode status = object.tree().path("status");
    JsonNode observed = status.path("observedGeneration");
    if (observed.isNumber()
        && observed.asLong() < object.tree().at("/metadata/generation").asLong()) {
      return Optional.of("not looked at yet");
    }
    return switch (kind) {
      case DEPLOYMENT, REPLICA_SET -> replicas(kind, object.tree());
      case JOB -> unless(status, "Failed", "False");
      default ->
          status.path("phase").asText().equals("Succeeded")
              ? Optional.empty()
              : unless(status, "Ready", "True");
    };
  }

  /** A Deployment's are of the newest template, too. */
  private static Optional<String> replicas(ResourceKind kind, JsonNode object) {
    int wanted = object.at("/spec/replicas").asInt(1);
    JsonNode status = object.path("status");
    int ready = status.path("readyReplicas").asInt();
    int updated = kind == ResourceKind.DEPLOYMENT ? status.path("updatedReplicas").asInt() : wanted;
    return ready >= wanted && updated >= wanted
        ? Optional.empty()
        : Optional.of("%d of %d ready, %d updated".formatted(ready, wanted, updated));
  }

  /** {@code wanted}: what the condition has to be; a Job that says nothing has not failed. */
  private static Optional<String> unless(JsonNode status, String type, String wanted) {
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("status").asText().equals(wanted)
            ? Optional.empty()
            : Optional.of(words(condition));
      }
    }
    return wanted.equals("False") ? Optional.empty() : Optional.of("no status yet");
  }

  private static String words(JsonNode condition) {
    String message = condition.path("message").asText();
    return condition.path("reason").asText("NotReady") + (message.isEmpty() ? "" : ": " + message);
  }
}
