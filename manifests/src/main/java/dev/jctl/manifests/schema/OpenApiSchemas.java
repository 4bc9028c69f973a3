package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Map;

/**
 * Schemas as OpenAPI v3 with Kubernetes' extensions ({@code x-kubernetes-list-type}, {@code
 * x-kubernetes-validations}, …). Pure.
 */
public final class OpenApiSchemas {
  public static final String INT_OR_STRING = "x-kubernetes-int-or-string";

  private OpenApiSchemas() {}

  /** Of whole objects, with the rules of {@link CelRules}. */
  public static ObjectNode of(ResourceKind kind) {
    ObjectNode schema = of(Schemas.of(kind));
    CelRules.addTo(kind, schema);
    return schema;
  }

  static ObjectNode of(Schema schema) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (!schema.description().isEmpty()) {
      node.put("description", schema.description());
    }
    switch (schema) {
      case Schema.ObjectSchema s -> object(s.properties(), node);
      case Schema.MapSchema s ->
          node.put("type", "object").set("additionalProperties", of(s.values()));
      case Schema.ListSchema s -> list(s, node);
      case Schema.ScalarSchema s -> scalar(s, node);
      case Schema.AnySchema s ->
          node.put("type", "object").put("x-kubernetes-preserve-unknown-fields", true);
    }
    return node;
  }

  private static void object(Map<String, Schema.Property> properties, ObjectNode node) {
    node.put("type", "object");
    ObjectNode fields = node.putObject("properties");
    properties.forEach(
        (name, property) -> {
          ObjectNode field = of(property.schema());
          if (property.defaultValue() != null) {
            field.set("default", property.defaultValue());
          }
          fields.set(name, field);
          if (property.required()) {
            node.withArray("required").add(name);
          }
        });
  }

  private static void list(Schema.ListSchema s, ObjectNode node) {
    node.put("type", "array").set("items", of(s.items()));
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
      case INT_OR_STRING -> node.put(INT_OR_STRING, true);
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
