package dev.jctl.controller.role;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.jctl.controller.resources.LabelMatch;
import java.util.LinkedHashSet;
import java.util.List;
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
        .anyMatch(selector -> LabelMatch.selects(selector, labels));
  }
}
