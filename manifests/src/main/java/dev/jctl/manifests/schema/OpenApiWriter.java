package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.Schema.Property;
import java.util.Map;
import java.util.Optional;

/**
 * Writes schemas as OpenAPI v3. Pure but for the {@link #components} that it gathers: types that
 * have a name are written there once, and referred to.
 */
final class OpenApiWriter {
  /** What is known of a type of objects, by its properties, beside them. */
  interface Types {
    /** For one that has no name: written wherever it is. */
    Types NAMELESS =
        new Types() {
          @Override
          public Optional<String> name(Map<String, Property> type) {
            return Optional.empty();
          }

          @Override
          public String doc(Map<String, Property> type) {
            return "";
          }

          @Override
          public String doc(Map<String, Property> type, String field) {
            return "";
          }
        };

    Optional<String> name(Map<String, Property> type);

    /** Of one that has a name; empty: there is none. */
    String doc(Map<String, Property> type);

    /** Of a field whose schema has no description; empty: there is none. */
    String doc(Map<String, Property> type, String field);
  }

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Types types;
  private final ObjectNode components = JSON.objectNode();

  OpenApiWriter(Types types) {
    this.types = types;
  }

  /** What was referred to until now, by name. */
  ObjectNode components() {
    return components;
  }

  ObjectNode write(Schema schema) {
    ObjectNode node = JSON.objectNode();
    describe(node, schema.description());
    switch (schema) {
      case Schema.ObjectSchema s -> object(s.properties(), node);
      case Schema.MapSchema s ->
          node.put("type", "object").set("additionalProperties", write(s.values()));
      case Schema.ListSchema s -> list(s, node);
      case Schema.ScalarSchema s -> scalar(s, node);
      case Schema.AnySchema s ->
          node.put("type", "object").put("x-kubernetes-preserve-unknown-fields", true);
    }
    return node;
  }

  private static void describe(ObjectNode node, String doc) {
    if (!doc.isEmpty()) {
      node.put("description", doc);
    }
  }

  private void object(Map<String, Property> properties, ObjectNode node) {
    Optional<String> name = types.name(properties);
    if (name.isEmpty()) {
      properties(properties, node);
      return;
    }
    // beside a $ref nothing else would count
    node.putArray("allOf").addObject().put("$ref", "#/components/schemas/" + name.get());
    if (!components.has(name.get())) {
      ObjectNode component = components.putObject(name.get());
      describe(component, types.doc(properties));
      properties(properties, component);
    }
  }

  private void properties(Map<String, Property> properties, ObjectNode node) {
    node.put("type", "object");
    ObjectNode fields = node.putObject("properties");
    properties.forEach(
        (name, property) -> {
          ObjectNode field = fields.putObject(name);
          describe(field, types.doc(properties, name));
          field.setAll(write(property.schema()));
          if (property.defaultValue() != null) {
            field.set("default", property.defaultValue());
          }
          if (property.required()) {
            node.withArray("required").add(name);
          }
        });
  }

  private void list(Schema.ListSchema s, ObjectNode node) {
    node.put("type", "array").set("items", write(s.items()));
    switch (s.type()) {
      case ATOMIC -> node.put("x-kubernetes-list-type", "atomic");
      case SET -> node.put("x-kubernetes-list-type", "set");
      case MAP -> {
        node.put("x-kubernetes-list-type", "map");
        s.mapKeys().forEach(node.putArray("x-kubernetes-list-map-keys")::add);
        node.put("x-kubernetes-patch-strategy", "merge");
        node.put("x-kubernetes-patch-merge-key", s.mapKeys().getFirst());
      }
    }
  }

  private static void scalar(Schema.ScalarSchema s, ObjectNode node) {
    switch (s.type()) {
      case STRING, QUANTITY -> node.put("type", "string");
      case DATE_TIME -> node.put("type", "string").put("format", "date-time");
      case INTEGER -> node.put("type", "integer").put("format", "int64");
      case NUMBER -> node.put("type", "number");
      case BOOLEAN -> node.put("type", "boolean");
      case INT_OR_STRING -> node.put(OpenApiSchemas.INT_OR_STRING, true);
    }
    if (!s.allowed().isEmpty()) {
      s.allowed().forEach(node.putArray("enum")::add);
    }
    if (s.minimum() != null) {
      node.put("minimum", s.minimum());
    }
    if (s.maximum() != null) {
      node.put("maximum", s.maximum());
    }
  }
}
