package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.FieldPath;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.Schema.Property;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Fields that the schema does not know. */
public final class UnknownFields {
  private UnknownFields() {}

  /** Takes them out of {@code tree} and returns their paths. */
  public static List<String> prune(Schema schema, ObjectNode tree) {
    List<String> pruned = new ArrayList<>();
    prune("", schema, tree, pruned);
    return pruned;
  }

  /** Whether there are any, which costs less than to tell which. */
  public static boolean areIn(Schema schema, JsonNode node) {
    return switch (schema) {
      case ObjectSchema s when node.isObject() -> areInFields(s, node);
      case MapSchema s when node.isObject() -> areInValues(s.values(), node);
      case ListSchema s when node.isArray() -> areInValues(s.items(), node);
      case ObjectSchema s -> false;
      case MapSchema s -> false;
      case ListSchema s -> false;
      case Schema.ScalarSchema s -> false;
      case Schema.AnySchema s -> false;
    };
  }

  private static boolean areInFields(ObjectSchema schema, JsonNode object) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      Property property = schema.properties().get(field.getKey());
      if (property == null || areIn(property.schema(), field.getValue())) {
        return true;
      }
    }
    return false;
  }

  private static boolean areInValues(Schema schema, JsonNode values) {
    for (JsonNode value : values) {
      if (areIn(schema, value)) {
        return true;
      }
    }
    return false;
  }

  private static void prune(String path, Schema schema, JsonNode node, List<String> pruned) {
    switch (schema) {
      case ObjectSchema s when node instanceof ObjectNode object -> fields(path, s, object, pruned);
      case MapSchema s when node.isObject() ->
          node.properties()
              .forEach(
                  e -> prune(FieldPath.child(path, e.getKey()), s.values(), e.getValue(), pruned));
      case ListSchema s when node.isArray() -> {
        for (int i = 0; i < node.size(); i++) {
          prune(FieldPath.index(path, i), s.items(), node.get(i), pruned);
        }
      }
      case ObjectSchema s -> {}
      case MapSchema s -> {}
      case ListSchema s -> {}
      case Schema.ScalarSchema s -> {}
      case Schema.AnySchema s -> {}
    }
  }

  private static void fields(
      String path, ObjectSchema schema, ObjectNode object, List<String> pruned) {
    for (Iterator<Map.Entry<String, JsonNode>> i = object.properties().iterator(); i.hasNext(); ) {
      Map.Entry<String, JsonNode> field = i.next();
      String child = FieldPath.child(path, field.getKey());
      Property property = schema.properties().get(field.getKey());
      if (property == null) {
        pruned.add(child);
        i.remove();
      } else {
        prune(child, property.schema(), field.getValue(), pruned);
      }
    }
  }
}
