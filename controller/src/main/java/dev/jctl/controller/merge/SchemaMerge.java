package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import java.util.ArrayDeque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lays what is applied over what there is, and takes out what was given up. */
final class SchemaMerge {
  private SchemaMerge() {}

  /** {@code applied} wins; fields and items it does not name stay. Arguments are not changed. */
  static JsonNode merge(Schema schema, @Nullable JsonNode live, JsonNode applied) {
    if (live instanceof ObjectNode old
        && applied instanceof ObjectNode object
        && Elements.isStructured(schema)) {
      return mergeFields(schema, old, object);
    }
    if (live instanceof ArrayNode old
        && applied instanceof ArrayNode array
        && schema instanceof ListSchema list
        && Elements.isMergedList(schema)) {
      return mergeItems(list, Elements.items(list, old), Elements.items(list, array));
    }
    return applied.deepCopy();
  }

  private static ObjectNode mergeFields(Schema schema, ObjectNode live, ObjectNode applied) {
    ObjectNode merged = live.deepCopy();
    for (Map.Entry<String, JsonNode> field : applied.properties()) {
      String name = field.getKey();
      merged.set(name, merge(Elements.fieldSchema(schema, name), live.get(name), field.getValue()));
    }
    return merged;
  }

  /**
   * In the order of {@code applied}; items that only {@code live} has keep their places between
   * those that both have, as far as these are in the same order.
   */
  private static ArrayNode mergeItems(
      ListSchema list, Map<String, JsonNode> live, Map<String, JsonNode> applied) {
    ArrayNode merged = Trees.array();
    ArrayDeque<String> old = new ArrayDeque<>(live.keySet());
    ArrayDeque<String> shared = new ArrayDeque<>(applied.keySet());
    shared.removeIf(key -> !live.containsKey(key));
    for (Map.Entry<String, JsonNode> item : applied.entrySet()) {
      String key = item.getKey();
      takeUpTo(shared.peek(), old, live, applied, merged);
      merged.add(merge(list.items(), live.get(key), item.getValue()));
      if (key.equals(shared.peek())) {
        shared.remove();
        old.remove(key);
      }
    }
    takeUpTo(null, old, live, applied, merged);
    return merged;
  }

  private static void takeUpTo(
      @Nullable String key,
      ArrayDeque<String> old,
      Map<String, JsonNode> live,
      Map<String, JsonNode> applied,
      ArrayNode merged) {
    while (!old.isEmpty() && !old.element().equals(key)) {
      String next = old.remove();
      if (!applied.containsKey(next)) {
        merged.add(live.get(next));
      }
    }
  }

  /**
   * Takes out the fields in {@code gone}. An object in which nobody owns anything any more goes as
   * a whole, with the defaults that were filled in beside what was owned; and a list item whose
   * owners all gave it up goes even when someone owns a field in it.
   *
   * @param kept what someone still owns
   */
  static void remove(Schema schema, ObjectNode object, FieldSet gone, FieldSet kept) {
    // an object without metadata is none
    FieldSet rooted =
        kept.child("f:metadata").isEmpty() ? kept.with("f:metadata", FieldSet.LEAF) : kept;
    removeFields(schema, object, gone, rooted);
  }

  private static void removeFields(Schema schema, ObjectNode object, FieldSet gone, FieldSet kept) {
    gone.children()
        .forEach(
            (element, below) -> {
              String name = Elements.fieldName(element);
              JsonNode value = object.get(name);
              if (kept.child(element).isEmpty()) {
                object.remove(name);
              } else if (value != null) {
                removeBelow(Elements.fieldSchema(schema, name), value, below, kept.child(element));
              }
            });
  }

  private static void removeBelow(Schema schema, JsonNode value, FieldSet gone, FieldSet kept) {
    if (value instanceof ObjectNode object && Elements.isStructured(schema)) {
      removeFields(schema, object, gone, kept);
    } else if (value instanceof ArrayNode array
        && schema instanceof ListSchema list
        && Elements.isMergedList(schema)) {
      removeItems(list, array, gone, kept);
    }
  }

  private static void removeItems(ListSchema list, ArrayNode array, FieldSet gone, FieldSet kept) {
    Map<String, JsonNode> items = Elements.items(list, array);
    array.removeAll();
    items.forEach(
        (element, item) -> {
          FieldSet itemGone = gone.child(element);
          FieldSet itemKept = kept.child(element);
          if (!itemGone.member() || itemKept.member()) {
            removeBelow(list.items(), item, itemGone, itemKept);
            array.add(item);
          }
        });
  }
}
