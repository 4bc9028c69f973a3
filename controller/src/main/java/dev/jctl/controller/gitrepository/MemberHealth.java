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
    if (!kind.hasStatus() || kind == ResourceKind.NAMESPACE) {
      return Optional.empty();
    }
    JsonNode status = object.tree().path("status");
    JsonNode observed = status.path("observedGeneration");
    if (observed.isNumber()
        && observed.asLong() < object.tree().at("/metadata/generation").asLong()) {
      return Optional.of("not looked at yet");
    }
    if (status.path("phase").asText().equals("Succeeded")) {
      return Optional.empty();
    }
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        return condition.path("status").asText().equals("True")
            ? Optional.empty()
            : Optional.of(words(condition));
      }
    }
    return Optional.of("no status yet");
  }

  private static String words(JsonNode condition) {
    String message = condition.path("message").asText();
    return condition.path("reason").asText("NotReady") + (message.isEmpty() ? "" : ": " + message);
  }
}
