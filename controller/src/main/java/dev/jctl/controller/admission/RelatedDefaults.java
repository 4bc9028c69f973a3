package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
      case NETWORK_POLICY -> policyTypes(candidate.path("spec"));
      default -> {}
    }
  }

  /** A Service's port leads to the same number, unless another is said. */
  private static void targetPort(JsonNode port) {
    if (port instanceof ObjectNode object && port.has("port") && !port.hasNonNull("targetPort")) {
      object.set("targetPort", port.get("port"));
    }
  }

  /** A policy is about what comes in, and about what goes out when it has rules for that. */
  private static void policyTypes(JsonNode spec) {
    if (!(spec instanceof ObjectNode object) || !spec.path("policyTypes").isEmpty()) {
      return;
    }
    ArrayNode types = object.putArray("policyTypes").add("Ingress");
    if (!spec.path("egress").isEmpty()) {
      types.add("Egress");
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
