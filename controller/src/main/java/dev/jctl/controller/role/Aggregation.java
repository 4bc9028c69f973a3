package dev.jctl.controller.role;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules of a ClusterRole that has those of others. Pure. */
final class Aggregation {
  private Aggregation() {}

  static boolean isAggregating(JsonNode role) {
    return role.path("aggregationRule").isObject();
  }

  /** {@code others}: all ClusterRoles by name; itself is passed over. Each rule is there once. */
  static ArrayNode rules(JsonNode role, List<? extends JsonNode> others) {
    Set<JsonNode> rules = new LinkedHashSet<>();
    for (JsonNode other : others) {
      boolean itself = other.at("/metadata/name").equals(role.at("/metadata/name"));
      if (!itself && isSelected(role, other.at("/metadata/labels"))) {
        other.path("rules").forEach(rules::add);
      }
    }
    return JsonNodeFactory.instance.arrayNode().addAll(rules);
  }

  private static boolean isSelected(JsonNode role, JsonNode labels) {
    return role.path("aggregationRule")
        .path("clusterRoleSelectors")
        .valueStream()
        .anyMatch(selector -> matches(selector, labels));
  }

  /** metav1.LabelSelector: one that asks for nothing selects all. */
  static boolean matches(JsonNode selector, JsonNode labels) {
    for (Map.Entry<String, JsonNode> label : selector.path("matchLabels").properties()) {
      if (!labels.path(label.getKey()).equals(label.getValue())) {
        return false;
      }
    }
    return selector
        .path("matchExpressions")
        .valueStream()
        .allMatch(e -> matchesExpression(e, labels));
  }

  private static boolean matchesExpression(JsonNode expression, JsonNode labels) {
    JsonNode value = labels.path(expression.path("key").asText());
    boolean named = expression.path("values").valueStream().anyMatch(value::equals);
    return switch (expression.path("operator").asText()) {
      case "In" -> named;
      case "NotIn" -> !named;
      case "Exists" -> value.isTextual();
      case "DoesNotExist" -> !value.isTextual();
      default -> false;
    };
  }
}
