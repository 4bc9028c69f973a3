package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.ListType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Strategic merge patch: a merge patch that merges lists by the key their schema names, with the
 * directives {@code $patch}, {@code $retainKeys}, {@code $setElementOrder/…} and {@code
 * $deleteFromPrimitiveList/…}.
 *
 * @see <a
 *     href="https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md">Kubernetes</a>
 */
public final class StrategicMergePatch {
  private static final String PATCH = "$patch";
  private static final String RETAIN_KEYS = "$retainKeys";
  private static final String ORDER = "$setElementOrder/";
  private static final String DELETE_VALUES = "$deleteFromPrimitiveList/";

  private StrategicMergePatch() {}

  /**
   * {@code target} is not changed.
   *
   * @throws PatchException for a directive that is malformed
   */
  public static ObjectNode apply(Schema schema, ObjectNode target, ObjectNode patch) {
    return switch (patch.path(PATCH).asText("merge")) {
      case "merge" -> mergeFields(schema, target, patch);
      case "replace" -> withoutDirectives(patch);
      case "delete" -> Trees.object();
      default -> throw new PatchException("unknown $patch: " + patch.get(PATCH));
    };
  }

  private static ObjectNode mergeFields(Schema schema, ObjectNode target, ObjectNode patch) {
    ObjectNode merged = target.deepCopy();
    retainKeys(merged, patch.get(RETAIN_KEYS));
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      String name = field.getKey();
      if (name.startsWith(DELETE_VALUES)) {
        deleteValues(merged.path(name.substring(DELETE_VALUES.length())), field.getValue());
      } else if (!name.startsWith("$")) {
        mergeField(schema, merged, name, field.getValue());
      }
    }
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      if (field.getKey().startsWith(ORDER)) {
        String name = field.getKey().substring(ORDER.length());
        order(schema, target.path(name), patch.path(name), merged, name, field.getValue());
      }
    }
    return merged;
  }

  private static void mergeField(Schema schema, ObjectNode merged, String name, JsonNode value) {
    Schema fieldSchema = Elements.fieldSchema(schema, name);
    JsonNode old = merged.get(name);
    switch (value) {
      case JsonNode v when v.isNull() -> merged.remove(name);
      case ObjectNode object -> {
        ObjectNode target = old instanceof ObjectNode present ? present : Trees.object();
        merged.set(name, apply(fieldSchema, target, object));
      }
      case ArrayNode array when fieldSchema instanceof ListSchema list -> {
        ArrayNode target = old instanceof ArrayNode present ? present : Trees.array();
        merged.set(name, mergeList(list, target, array));
      }
      default -> merged.set(name, value.deepCopy());
    }
  }

  private static ArrayNode mergeList(ListSchema list, ArrayNode target, ArrayNode patch) {
    return switch (list.type()) {
      case ATOMIC -> replaced(patch);
      case SET -> union(target, patch);
      case MAP -> mergeItems(list, target, patch);
    };
  }

  private static ArrayNode replaced(ArrayNode patch) {
    ArrayNode items = Trees.array();
    patch.forEach(item -> items.add(item instanceof ObjectNode o ? withoutDirectives(o) : item));
    return items;
  }

  private static ArrayNode union(ArrayNode target, ArrayNode patch) {
    ArrayNode all = target.deepCopy();
    for (JsonNode value : patch) {
      if (!contains(all, value)) {
        all.add(value);
      }
    }
    return woven(all, texts(patch), texts(target), JsonNode::toString);
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::toString).toList();
  }

  private static ArrayNode mergeItems(ListSchema list, ArrayNode target, ArrayNode patch) {
    if (replacesAll(patch)) {
      return replaced(withoutReplaceMarks(patch));
    }
    String key = list.mapKeys().getFirst();
    List<JsonNode> items = new ArrayList<>();
    target.forEach(items::add);
    for (JsonNode item : patch) {
      if (!(item instanceof ObjectNode object) || !object.hasNonNull(key)) {
        throw new PatchException("list item without its merge key \"" + key + "\": " + item);
      }
      mergeItem(list, items, key, object);
    }
    ArrayNode merged = Trees.array();
    merged.addAll(items);
    return woven(merged, keys(key, patch), keys(key, target), item -> item.path(key).asText());
  }

  private static List<String> keys(String key, JsonNode list) {
    return list.valueStream().map(item -> item.path(key).asText()).toList();
  }

  private static void mergeItem(
      ListSchema list, List<JsonNode> items, String key, ObjectNode patch) {
    String id = patch.path(key).asText();
    if (patch.path(PATCH).asText().equals("delete")) {
      items.removeIf(item -> item.path(key).asText().equals(id));
      return;
    }
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof ObjectNode old && old.path(key).asText().equals(id)) {
        items.set(i, apply(list.items(), old, patch));
        return;
      }
    }
    items.add(apply(list.items(), Trees.object(), patch));
  }

  /** {@code [{$patch: replace}, …]}: the rest of the patch is the whole list. */
  private static boolean replacesAll(ArrayNode patch) {
    for (JsonNode item : patch) {
      if (isReplaceMark(item)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isReplaceMark(JsonNode item) {
    return item.size() == 1 && item.path(PATCH).asText().equals("replace");
  }

  private static ArrayNode withoutReplaceMarks(ArrayNode patch) {
    ArrayNode items = Trees.array();
    patch.forEach(
        item -> {
          if (!isReplaceMark(item)) {
            items.add(item);
          }
        });
    return items;
  }

  private static ObjectNode withoutDirectives(ObjectNode patch) {
    ObjectNode plain = patch.deepCopy();
    plain.remove(
        patch.properties().stream()
            .map(Map.Entry::getKey)
            .filter(name -> name.startsWith("$"))
            .toList());
    return plain;
  }

  private static void retainKeys(ObjectNode merged, @Nullable JsonNode keys) {
    if (keys != null) {
      Set<String> names = new HashSet<>();
      keys.forEach(name -> names.add(name.asText()));
      merged.retain(names);
    }
  }

  private static void deleteValues(JsonNode list, JsonNode values) {
    if (list instanceof ArrayNode array) {
      List<JsonNode> kept = new ArrayList<>();
      array.forEach(
          item -> {
            if (!contains(values, item)) {
              kept.add(item);
            }
          });
      array.removeAll();
      array.addAll(kept);
    }
  }

  private static boolean contains(JsonNode list, JsonNode value) {
    for (JsonNode item : list) {
      if (Trees.same(item, value)) {
        return true;
      }
    }
    return false;
  }

  private static void order(
      Schema schema,
      JsonNode target,
      JsonNode patch,
      ObjectNode merged,
      String name,
      JsonNode order) {
    List<String> wanted = identities(schema, name, order);
    requireOrder(identities(schema, name, undeleted(patch)), wanted, name);
    if (merged.get(name) instanceof ArrayNode array) {
      List<String> before = identities(schema, name, target);
      merged.set(name, woven(array, wanted, before, item -> identity(schema, name, item)));
    }
  }

  private static List<String> identities(Schema schema, String name, JsonNode list) {
    return list.valueStream().map(item -> identity(schema, name, item)).toList();
  }

  private static JsonNode undeleted(JsonNode patch) {
    ArrayNode left = Trees.array();
    patch.forEach(
        item -> {
          if (!item.has(PATCH)) {
            left.add(item);
          }
        });
    return left;
  }

  private static void requireOrder(List<String> patched, List<String> wanted, String name) {
    Iterator<String> left = patched.iterator();
    String next = left.hasNext() ? left.next() : null;
    for (String item : wanted) {
      if (item.equals(next)) {
        next = left.hasNext() ? left.next() : null;
      }
    }
    if (next != null) {
      throw new PatchException(
          "the order of " + patched + " doesn't match " + ORDER + name + ": " + wanted);
    }
  }

  /**
   * What is {@code wanted} comes in that order, the rest in the order in which it was {@code
   * before}, and one of the rest ahead of what it was ahead of before.
   */
  private static ArrayNode woven(
      ArrayNode items,
      List<String> wanted,
      List<String> before,
      Function<JsonNode, String> identity) {
    List<JsonNode> named = new ArrayList<>();
    ArrayDeque<JsonNode> others = new ArrayDeque<>();
    for (JsonNode item : items) {
      if (wanted.contains(identity.apply(item))) {
        named.add(item);
      } else {
        others.add(item);
      }
    }
    named.sort(Comparator.comparingInt(item -> wanted.indexOf(identity.apply(item))));
    ArrayNode woven = Trees.array();
    for (JsonNode item : named) {
      int place = before.indexOf(identity.apply(item));
      while (!others.isEmpty() && before.indexOf(identity.apply(others.element())) < place) {
        woven.add(others.remove());
      }
      woven.add(item);
    }
    others.forEach(woven::add);
    return woven;
  }

  private static String identity(Schema schema, String name, JsonNode item) {
    return Elements.fieldSchema(schema, name) instanceof ListSchema list
            && list.type() == ListType.MAP
        ? item.path(list.mapKeys().getFirst()).asText()
        : item.toString();
  }
}
