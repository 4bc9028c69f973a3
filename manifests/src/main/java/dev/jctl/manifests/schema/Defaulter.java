package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.Schema.AnySchema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.Schema.ScalarSchema;

/** Fills in defaults. */
public final class Defaulter {
  private Defaulter() {}

  /**
   * Changes {@code tree}: fields that are absent or null get their default, in every object that is
   * there or is itself a default. Doing it again changes nothing. Parts of another type than the
   * schema's are left alone.
   */
  public static void apply(Schema schema, ObjectNode tree) {
    fill(schema, tree);
  }

  private static void fill(Schema schema, JsonNode node) {
    switch (schema) {
      case ObjectSchema s when node instanceof ObjectNode object -> object(s, object);
      case MapSchema s when node.isObject() -> node.forEach(value -> fill(s.values(), value));
      case ListSchema s when node.isArray() -> node.forEach(item -> fill(s.items(), item));
      case ObjectSchema s -> {}
      case MapSchema s -> {}
      case ListSchema s -> {}
      case ScalarSchema s -> {}
      case AnySchema s -> {}
    }
  }

  private static void object(ObjectSchema schema, ObjectNode object) {
    schema
        .properties()
        .forEach(
            (name, property) -> {
              if (property.defaultValue() != null && !object.hasNonNull(name)) {
                object.set(name, property.defaultValue().deepCopy());
              }
              JsonNode value = object.get(name);
              if (value != null) {
                fill(property.schema(), value);
              }
            });
  }
}
