package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.schema.Schema.ScalarSchema;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** One value against the schema of one value. */
final class ScalarCheck {
  private ScalarCheck() {}

  static Optional<FieldError> check(String path, ScalarSchema schema, JsonNode node) {
    if (!hasType(schema.type(), node)) {
      return Optional.of(Types.mismatch(path, Types.expected(schema), node));
    }
    if (node.isTextual()) {
      return text(path, schema, node.textValue());
    }
    return node.isIntegralNumber() ? range(path, schema, node) : Optional.empty();
  }

  private static boolean hasType(Schema.ScalarType type, JsonNode node) {
    return switch (type) {
      case STRING, DATE_TIME -> node.isTextual();
      case INTEGER -> node.isIntegralNumber();
      case NUMBER -> node.isNumber();
      case BOOLEAN -> node.isBoolean();
      case INT_OR_STRING -> node.isTextual() || node.isIntegralNumber();
      case QUANTITY -> node.isTextual() || node.isNumber();
    };
  }

  private static Optional<FieldError> text(String path, ScalarSchema schema, String text) {
    if (!schema.allowed().isEmpty() && !schema.allowed().contains(text)) {
      String message = "unsupported value \"" + Types.shortened(text) + "\": expected ";
      String hint = NearestName.hint(text, schema.allowed());
      return error(path, FieldError.Type.NOT_SUPPORTED, message + Types.expected(schema) + hint);
    }
    return switch (schema.type()) {
      case QUANTITY -> Quantities.isQuantity(text) ? Optional.empty() : invalid(path, schema, text);
      case DATE_TIME -> isTime(text) ? Optional.empty() : invalid(path, schema, text);
      case STRING, INTEGER, NUMBER, BOOLEAN, INT_OR_STRING -> Optional.empty();
    };
  }

  private static Optional<FieldError> invalid(String path, ScalarSchema schema, String text) {
    String message = "invalid value \"" + Types.shortened(text) + "\": expected ";
    return error(path, FieldError.Type.INVALID, message + Types.expected(schema));
  }

  private static Optional<FieldError> range(String path, ScalarSchema schema, JsonNode node) {
    boolean within =
        node.canConvertToLong()
            && (schema.minimum() == null || node.longValue() >= schema.minimum())
            && (schema.maximum() == null || node.longValue() <= schema.maximum());
    if (within || schema.type() == Schema.ScalarType.QUANTITY) {
      return Optional.empty();
    }
    return error(
        path,
        FieldError.Type.INVALID,
        node.asText() + " is out of range: expected " + range(schema));
  }

  private static String range(ScalarSchema schema) {
    if (schema.minimum() != null && schema.maximum() != null) {
      return schema.minimum() + " to " + schema.maximum();
    }
    return schema.minimum() != null
        ? "at least " + schema.minimum()
        : "at most " + (schema.maximum() != null ? schema.maximum() : Long.MAX_VALUE);
  }

  private static boolean isTime(String text) {
    try {
      OffsetDateTime.parse(text);
      return true;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private static Optional<FieldError> error(String path, FieldError.Type type, String message) {
    return Optional.of(new FieldError(path, type, message));
  }
}
