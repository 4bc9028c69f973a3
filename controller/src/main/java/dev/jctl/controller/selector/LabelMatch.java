package dev.jctl.controller.selector;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** metav1.LabelSelector: whether labels fit it. Pure. */
public final class LabelMatch {
  private LabelMatch() {}

  /** A selector that asks for nothing selects all. */
  public static boolean matches(JsonNode selector, JsonNode labels) {
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
