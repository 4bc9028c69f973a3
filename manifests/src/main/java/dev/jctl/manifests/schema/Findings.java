package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Collects what rules find. Rules look only at values of the right type; others are the schema's to
 * report.
 */
final class Findings {
  private final List<FieldError> errors = new ArrayList<>();

  List<FieldError> errors() {
    return List.copyOf(errors);
  }

  void add(String path, FieldError.Type type, String message) {
    errors.add(new FieldError(path, type, message));
  }

  void invalid(String path, String value, String expected) {
    String shown = Types.shortened(value);
    add(path, FieldError.Type.INVALID, "invalid value \"" + shown + "\": expected " + expected);
  }

  /**
   * Whether nothing before it has the same key.
   *
   * @param what it has, for the message
   * @param seen the paths of those before by their keys; it is added
   */
  boolean unique(String path, String what, String key, Map<String, String> seen) {
    String first = seen.putIfAbsent(key, path);
    if (first != null) {
      add(
          path,
          FieldError.Type.DUPLICATE,
          "duplicate: " + first + " already has " + what + "; give it another");
    }
    return first == null;
  }

  void absolutePath(String path, JsonNode object, String field) {
    text(object, field)
        .filter(p -> !isAbsolute(p))
        .ifPresent(
            p ->
                invalid(
                    FieldPath.child(path, field), p, "an absolute path such as /data, without .."));
  }

  private static boolean isAbsolute(String path) {
    return path.startsWith("/")
        && path.indexOf('\0') < 0
        && !path.equals("/..")
        && !path.contains("/../")
        && !path.endsWith("/..");
  }

  static Optional<String> text(JsonNode object, String field) {
    JsonNode node = object.path(field);
    return node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
  }

  /** All fields that are there. */
  static List<String> present(JsonNode object) {
    return object
        .propertyStream()
        .filter(field -> !field.getValue().isNull())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Those of the fields that are there. */
  static List<String> present(JsonNode object, List<String> fields) {
    return fields.stream().filter(object::hasNonNull).toList();
  }

  /** The paths and objects of a list. */
  static List<Item> items(String path, JsonNode object, String field) {
    List<Item> items = new ArrayList<>();
    String list = FieldPath.child(path, field);
    JsonNode array = object.path(field);
    for (int i = 0; array.isArray() && i < array.size(); i++) {
      items.add(new Item(FieldPath.index(list, i), array.get(i)));
    }
    return items;
  }

  record Item(String path, JsonNode node) {
    String path(String field) {
      return FieldPath.child(path, field);
    }
  }
}
