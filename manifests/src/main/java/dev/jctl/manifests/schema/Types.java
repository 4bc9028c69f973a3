package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.schema.Schema.AnySchema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.Schema.ScalarSchema;
import java.util.List;

/** How types and values are spoken of in messages. */
final class Types {
  private static final int SHOWN = 40;

  private Types() {}

  /** What a field of the schema wants: {@code a string}. */
  static String expected(Schema schema) {
    return switch (schema) {
      case ObjectSchema s -> "an object";
      case MapSchema s -> "a map";
      case ListSchema s -> "a list";
      case AnySchema s -> "a value";
      case ScalarSchema s -> s.allowed().isEmpty() ? expected(s.type()) : oneOf(s.allowed());
    };
  }

  private static String oneOf(List<String> values) {
    List<String> shown = values.stream().map(v -> v.isEmpty() ? "\"\"" : v).toList();
    return (shown.size() == 1 ? "" : "one of ") + String.join(", ", shown);
  }

  static String expected(Schema.ScalarType type) {
    return switch (type) {
      case STRING -> "a string";
      case INTEGER -> "an integer";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case INT_OR_STRING -> "an integer or a string";
      case QUANTITY -> "a quantity such as 500m or 64Mi";
      case DATE_TIME -> "a time such as 2026-01-31T12:00:00Z";
    };
  }

  /** What a value is: {@code the number 8080}. */
  static String actual(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "a list";
      case NULL -> "null";
      case NUMBER -> "the number " + node.asText();
      case BOOLEAN -> "the boolean " + node.asText();
      default -> "the string \"" + shortened(node.asText()) + "\"";
    };
  }

  static FieldError mismatch(String path, String expected, JsonNode node) {
    String message = "expected " + expected + ", found " + actual(node) + advice(expected, node);
    return new FieldError(path, FieldError.Type.WRONG_TYPE, message);
  }

  private static String advice(String expected, JsonNode node) {
    if (expected.equals("a string") && (node.isNumber() || node.isBoolean())) {
      return "; put it in quotes";
    }
    if (expected.equals("a list") && !node.isArray()) {
      return "; start each item with \"- \", or write [item, item]";
    }
    boolean number = expected.equals("an integer") || expected.equals("a number");
    if (node.isTextual() && (number || expected.equals("true or false"))) {
      return "; remove the quotes, or give another value";
    }
    return "";
  }

  static String shortened(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }
}
