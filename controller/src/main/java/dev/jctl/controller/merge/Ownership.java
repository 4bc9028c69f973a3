package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which fields a value holds, and which differ between two. The rules are those of Kubernetes'
 * structured-merge-diff, so that {@code managedFields} mean the same to its clients.
 */
final class Ownership {
  private Ownership() {}

  /** All fields that {@code value} says something about. */
  static FieldSet of(Schema schema, JsonNode value) {
    if (value instanceof ObjectNode object && !object.isEmpty()) {
      return switch (schema) {
        case ObjectSchema s -> fields(s, object);
        case MapSchema s -> fields(s, object);
        default -> FieldSet.LEAF;
      };
    }
    // an empty list is owned itself, or applying it a second time would be a change
    if (value instanceof ArrayNode array && !array.isEmpty() && Elements.isMergedList(schema)) {
      return items((ListSchema) schema, array);
    }
    return FieldSet.LEAF;
  }

  private static FieldSet fields(Schema schema, ObjectNode object) {
    TreeMap<String, FieldSet> children = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      FieldSet below = of(Elements.fieldSchema(schema, field.getKey()), field.getValue());
      children.put(
          Elements.field(field.getKey()), schema instanceof MapSchema ? below.withMember() : below);
    }
    return FieldSet.of(false, children);
  }

  private static FieldSet items(ListSchema list, ArrayNode array) {
    TreeMap<String, FieldSet> children = new TreeMap<>();
    Elements.items(list, array)
        .forEach((element, item) -> children.put(element, of(list.items(), item).withMember()));
    return FieldSet.of(false, children);
  }

  /** The fields of {@code now} that {@code before} has not, or has with another value. */
  static FieldSet changed(Schema schema, @Nullable JsonNode before, JsonNode now) {
    if (before == null) {
      return of(schema, now);
    }
    if (before instanceof ObjectNode old
        && now instanceof ObjectNode object
        && !object.isEmpty()
        && Elements.isStructured(schema)) {
      return changedFields(schema, old, object);
    }
    if (before instanceof ArrayNode old
        && now instanceof ArrayNode array
        && schema instanceof ListSchema list
        && Elements.isMergedList(schema)) {
      return changedItems(list, old, array);
    }
    return Trees.same(before, now) ? FieldSet.EMPTY : of(schema, now);
  }

  private static FieldSet changedFields(Schema schema, ObjectNode before, ObjectNode now) {
    TreeMap<String, FieldSet> children = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : now.properties()) {
      String name = field.getKey();
      JsonNode old = before.get(name);
      FieldSet below = changed(Elements.fieldSchema(schema, name), old, field.getValue());
      if (old == null && schema instanceof MapSchema) {
        below = below.withMember();
      }
      if (!below.isEmpty()) {
        children.put(Elements.field(name), below);
      }
    }
    return FieldSet.of(false, children);
  }

  private static FieldSet changedItems(ListSchema list, ArrayNode before, ArrayNode now) {
    Map<String, JsonNode> old = Elements.items(list, before);
    TreeMap<String, FieldSet> children = new TreeMap<>();
    Elements.items(list, now)
        .forEach(
            (element, item) -> {
              FieldSet below = changed(list.items(), old.get(element), item);
              children.put(element, old.containsKey(element) ? below : below.withMember());
            });
    return FieldSet.of(false, children);
  }

  /**
   * What {@link #of} finds in {@code before} and not in {@code now}, without listing what is in
   * both.
   */
  static FieldSet removed(Schema schema, JsonNode before, JsonNode now) {
    if (before instanceof ObjectNode old
        && now instanceof ObjectNode object
        && !old.isEmpty()
        && !object.isEmpty()
        && Elements.isStructured(schema)) {
      return removedFields(schema, old, object);
    }
    return before.equals(now) ? FieldSet.EMPTY : of(schema, before).minus(of(schema, now));
  }

  private static FieldSet removedFields(Schema schema, ObjectNode before, ObjectNode now) {
    boolean members = schema instanceof MapSchema;
    TreeMap<String, FieldSet> children = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : before.properties()) {
      String name = field.getKey();
      Schema below = Elements.fieldSchema(schema, name);
      JsonNode left = now.get(name);
      FieldSet gone;
      if (left == null) {
        gone = of(below, field.getValue());
        gone = members ? gone.withMember() : gone;
      } else {
        gone = removed(below, field.getValue(), left);
        gone = members ? FieldSet.of(false, gone.children()) : gone;
      }
      if (!gone.isEmpty()) {
        children.put(Elements.field(name), gone);
      }
    }
    return FieldSet.of(false, children);
  }
}
