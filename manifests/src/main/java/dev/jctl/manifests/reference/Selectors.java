package dev.jctl.manifests.reference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Selectors by labels, as text. */
public final class Selectors {
  private static final Map<String, String> WORDS = Map.of("In", "in", "NotIn", "notin");

  private Selectors() {}

  /** metav1.LabelSelector in the form of a query; empty for one that selects all. */
  public static String text(JsonNode selector) {
    Stream<String> labels =
        selector.path("matchLabels").properties().stream()
            .map(label -> label.getKey() + "=" + label.getValue().asText());
    Stream<String> expressions =
        selector.path("matchExpressions").valueStream().map(Selectors::expression);
    return Stream.concat(labels, expressions).collect(Collectors.joining(","));
  }

  private static String expression(JsonNode expression) {
    String key = expression.path("key").asText();
    String values =
        expression
            .path("values")
            .valueStream()
            .map(JsonNode::asText)
            .collect(Collectors.joining(",", "(", ")"));
    return switch (expression.path("operator").asText()) {
      case "Exists" -> key;
      case "DoesNotExist" -> "!" + key;
      default ->
          key + " " + WORDS.getOrDefault(expression.path("operator").asText(), "in") + " " + values;
    };
  }
}
