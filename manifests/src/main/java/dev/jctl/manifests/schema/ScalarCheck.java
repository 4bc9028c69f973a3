package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.schema.Schema.ScalarSchema;
import java.time.Month;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** One value against the schema of one value. */
final class ScalarCheck {
  private static final String PLAIN_TIME = "0000-00-00T00:00:00Z";

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
    return isPlainTime(text) || isAnyTime(text);
  }

  /**
   * The form that Kubernetes writes, {@code 2006-01-02T15:04:05Z}: told without the cost of
   * parsing, as each object has several. Others may be times as well.
   */
  private static boolean isPlainTime(String text) {
    return text.length() == PLAIN_TIME.length()
        && matches(text)
        && within(text, 5, 1, 12)
        && within(text, 8, 1, daysOfMonth(text))
        && within(text, 11, 0, 23)
        && within(text, 14, 0, 59)
        && within(text, 17, 0, 59);
  }

  private static boolean matches(String text) {
    for (int i = 0; i < PLAIN_TIME.length(); i++) {
      char expected = PLAIN_TIME.charAt(i);
      char c = text.charAt(i);
      if (expected == '0' ? c < '0' || c > '9' : c != expected) {
        return false;
      }
    }
    return true;
  }

  private static int daysOfMonth(String text) {
    int year = number(text, 0) * 100 + number(text, 2);
    return Month.of(number(text, 5)).length(Year.isLeap(year));
  }

  private static boolean within(String text, int at, int least, int most) {
    int number = number(text, at);
    return least <= number && number <= most;
  }

  /** Of two digits. */
  private static int number(String text, int at) {
    return (text.charAt(at) - '0') * 10 + text.charAt(at + 1) - '0';
  }

  private static boolean isAnyTime(String text) {
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
