package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** metav1.LabelSelector. Pure. */
public final class LabelMatch {
  private LabelMatch() {}

  /** One that asks for nothing selects all. */
  public static boolean selects(JsonNode selector, JsonNode labels) {
    return hasAll(selector.path("matchLabels"), labels)
        && selector
            .path("matchExpressions")
            .valueStream()
            .allMatch(e -> matchesExpression(e, labels));
  }

  public static boolean hasAll(JsonNode wanted, JsonNode labels) {
    for (Map.Entry<String, JsonNode> label : wanted.properties()) {
      if (!labels.path(label.getKey()).equals(label.getValue())) {
        return false;
      }
    }
    return true;
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
