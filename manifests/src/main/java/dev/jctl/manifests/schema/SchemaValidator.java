package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.ListType;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.Schema.Property;
import dev.jctl.manifests.schema.Schema.ScalarSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds a tree against a schema. As in Kubernetes, a null field counts as absent, and a field that
 * has a default may be absent.
 */
public final class SchemaValidator {
  private final List<FieldError> errors = new ArrayList<>();

  private SchemaValidator() {}

  /** All that is wrong, in the order of the tree. */
  public static List<FieldError> validate(Schema schema, JsonNode tree) {
    SchemaValidator validator = new SchemaValidator();
    validator.check("", schema, tree);
    return List.copyOf(validator.errors);
  }

  private void check(String path, Schema schema, JsonNode node) {
    if (schema instanceof ObjectSchema object) {
      object(path, object, node);
    } else if (schema instanceof MapSchema map) {
      map(path, map, node);
    } else if (schema instanceof ListSchema list) {
      list(path, list, node);
    } else if (schema instanceof ScalarSchema scalar) {
      ScalarCheck.check(path, scalar, node).ifPresent(errors::add);
    }
  }

  private void object(String path, ObjectSchema schema, JsonNode node) {
    if (!node.isObject()) {
      wrongType(path, "an object", node);
      return;
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String child = FieldPath.child(path, field.getKey());
      Property property = schema.properties().get(field.getKey());
      if (property == null) {
        unknown(child, field.getKey(), schema);
      } else if (!field.getValue().isNull()) {
        check(child, property.schema(), field.getValue());
      }
    }
    required(path, schema, node);
  }

  private void unknown(String path, String name, ObjectSchema schema) {
    String hint = NearestName.hint(name, schema.properties().keySet());
    error(path, FieldError.Type.UNKNOWN_FIELD, "unknown field \"" + path + "\"" + hint);
  }

  private void required(String path, ObjectSchema schema, JsonNode node) {
    schema
        .properties()
        .forEach(
            (name, property) -> {
              if (property.required()
                  && property.defaultValue() == null
                  && !node.hasNonNull(name)) {
                error(
                    FieldPath.child(path, name),
                    FieldError.Type.REQUIRED,
                    "required field is missing; give it " + Types.expected(property.schema()));
              }
            });
  }

  private void map(String path, MapSchema schema, JsonNode node) {
    if (!node.isObject()) {
      wrongType(path, Types.expected(schema), node);
      return;
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      check(FieldPath.child(path, entry.getKey()), schema.values(), entry.getValue());
    }
  }

  private void list(String path, ListSchema schema, JsonNode node) {
    if (!node.isArray()) {
      wrongType(path, Types.expected(schema), node);
      return;
    }
    Map<Object, String> seen = new HashMap<>();
    for (int i = 0; i < node.size(); i++) {
      String item = FieldPath.index(path, i);
      check(item, schema.items(), node.get(i));
      if (schema.type() == ListType.SET) {
        unique(item, "value " + node.get(i), node.get(i), seen);
      } else if (schema.type() == ListType.MAP && node.get(i).isObject()) {
        identified(item, schema, node.get(i), seen);
      }
    }
  }

  /** Items of a list of type map are told apart by their keys, defaults counted in. */
  private void identified(String path, ListSchema schema, JsonNode item, Map<Object, String> seen) {
    List<JsonNode> identity = new ArrayList<>();
    List<String> words = new ArrayList<>();
    for (String key : schema.mapKeys()) {
      JsonNode value = item.hasNonNull(key) ? item.get(key) : defaultOf(schema.items(), key);
      if (value.isMissingNode()) {
        return;
      }
      identity.add(value);
      words.add(key + " " + value);
    }
    unique(path, String.join(", ", words), identity, seen);
  }

  private static JsonNode defaultOf(Schema items, String key) {
    Property property = items instanceof ObjectSchema object ? object.properties().get(key) : null;
    return property == null || property.defaultValue() == null
        ? MissingNode.getInstance()
        : property.defaultValue();
  }

  private void unique(String path, String what, Object identity, Map<Object, String> seen) {
    String first = seen.putIfAbsent(identity, path);
    if (first != null) {
      error(
          path,
          FieldError.Type.DUPLICATE,
          "duplicate: " + first + " already has " + what + "; remove one");
    }
  }

  private void wrongType(String path, String expected, JsonNode node) {
    errors.add(Types.mismatch(path, expected, node));
  }

  private void error(String path, FieldError.Type type, String message) {
    errors.add(new FieldError(path, type, message));
  }
}
