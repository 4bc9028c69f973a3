package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.Schema.AnySchema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.ListType;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.Schema.Property;
import dev.jctl.manifests.schema.Schema.ScalarSchema;
import dev.jctl.manifests.schema.Schema.ScalarType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The form in which schemas are stored: {@code {"types": [the properties of each object type],
 * "root": n}}. An object is written once and referred to by its number, in the file as in memory; a
 * type comes after all that it refers to.
 */
final class SchemaJson {
  private SchemaJson() {}

  static ObjectNode write(ObjectSchema root) {
    Writer writer = new Writer();
    int number = writer.number(root);
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.set("types", JsonNodeFactory.instance.arrayNode().addAll(writer.types));
    return file.put("root", number);
  }

  static ObjectSchema read(JsonNode file) {
    Reader reader = new Reader();
    for (JsonNode type : file.path("types")) {
      reader.types.add(reader.properties(type));
    }
    return new ObjectSchema("", reader.types.get(file.path("root").intValue()));
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static final class Writer {
    private final Map<Map<String, Property>, Integer> numbers = new HashMap<>();
    private final List<JsonNode> types = new ArrayList<>();

    int number(ObjectSchema object) {
      Integer known = numbers.get(object.properties());
      if (known != null) {
        return known;
      }
      ObjectNode fields = JsonNodeFactory.instance.objectNode();
      object.properties().forEach((name, property) -> fields.set(name, property(property)));
      types.add(fields);
      numbers.put(object.properties(), types.size() - 1);
      return types.size() - 1;
    }

    private ObjectNode property(Property property) {
      ObjectNode node = schema(property.schema());
      if (property.required()) {
        node.put("required", true);
      }
      if (property.defaultValue() != null) {
        node.set("default", property.defaultValue());
      }
      return node;
    }

    private ObjectNode schema(Schema schema) {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      switch (schema) {
        case ObjectSchema s -> node.put("ref", number(s));
        case MapSchema s -> node.set("values", schema(s.values()));
        case ListSchema s -> list(s, node);
        case ScalarSchema s -> scalar(s, node);
        case AnySchema s -> node.put("any", true);
      }
      if (!schema.description().isEmpty()) {
        node.put("doc", schema.description());
      }
      return node;
    }

    private void list(ListSchema s, ObjectNode node) {
      node.set("items", schema(s.items()));
      if (s.type() != ListType.ATOMIC) {
        node.put("list", text(s.type()));
      }
      if (!s.mapKeys().isEmpty()) {
        s.mapKeys().forEach(node.withArray("keys")::add);
      }
    }

    private static void scalar(ScalarSchema s, ObjectNode node) {
      node.put("type", text(s.type()));
      if (!s.allowed().isEmpty()) {
        s.allowed().forEach(node.withArray("allowed")::add);
      }
      if (s.minimum() != null) {
        node.put("min", s.minimum());
      }
      if (s.maximum() != null) {
        node.put("max", s.maximum());
      }
    }
  }

  private static final class Reader {
    private final List<Map<String, Property>> types = new ArrayList<>();

    Map<String, Property> properties(JsonNode fields) {
      Map<String, Property> properties = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> field : fields.properties()) {
        JsonNode node = field.getValue();
        Property property =
            new Property(schema(node), node.path("required").asBoolean(), node.get("default"));
        properties.put(field.getKey(), property);
      }
      return Collections.unmodifiableMap(properties);
    }

    private Schema schema(JsonNode node) {
      String doc = node.path("doc").asText();
      if (node.has("ref")) {
        return new ObjectSchema(doc, types.get(node.path("ref").intValue()));
      }
      if (node.has("values")) {
        return new MapSchema(doc, schema(node.path("values")));
      }
      if (node.has("items")) {
        return list(node, doc);
      }
      return node.has("any") ? new AnySchema(doc) : scalar(node, doc);
    }

    private ListSchema list(JsonNode node, String doc) {
      ListType type = ListType.valueOf(node.path("list").asText("atomic").toUpperCase(Locale.ROOT));
      return new ListSchema(doc, schema(node.path("items")), type, texts(node.path("keys")));
    }

    private static ScalarSchema scalar(JsonNode node, String doc) {
      ScalarType type = ScalarType.valueOf(node.path("type").asText().toUpperCase(Locale.ROOT));
      return new ScalarSchema(
          doc, type, texts(node.path("allowed")), bound(node, "min"), bound(node, "max"));
    }

    private static @Nullable Long bound(JsonNode node, String name) {
      JsonNode bound = node.get(name);
      return bound == null ? null : bound.longValue();
    }

    private static List<String> texts(JsonNode array) {
      return array.valueStream().map(JsonNode::asText).toList();
    }
  }
}
