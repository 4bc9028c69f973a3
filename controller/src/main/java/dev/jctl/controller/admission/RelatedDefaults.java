package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;

/** Defaults that follow from other fields, as Kubernetes fills them in. */
final class RelatedDefaults {
  private static final String SHARE = "25%";

  private RelatedDefaults() {}

  static void fillIn(ResourceKind kind, ObjectNode candidate) {
    switch (kind) {
      case SERVICE -> candidate.path("spec").path("ports").forEach(RelatedDefaults::targetPort);
      case DEPLOYMENT -> rollingUpdate(candidate.path("spec").path("strategy"));
      default -> {}
    }
  }

  /** A Service's port leads to the same number, unless another is said. */
  private static void targetPort(JsonNode port) {
    if (port instanceof ObjectNode object && port.has("port") && !port.hasNonNull("targetPort")) {
      object.set("targetPort", port.get("port"));
    }
  }

  private static void rollingUpdate(JsonNode strategy) {
    if (!(strategy instanceof ObjectNode object)
        || !strategy.path("type").asText().equals("RollingUpdate")
        || strategy.has("rollingUpdate")) {
      return;
    }
    object.putObject("rollingUpdate").put("maxUnavailable", SHARE).put("maxSurge", SHARE);
  }
}
