package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What JSON trees mean, whatever Java type holds a number. */
public final class Trees {
  private static final Comparator<JsonNode> BY_VALUE = Trees::compare;

  private Trees() {}

  /**
   * A private copy in which an absent field is really absent: object fields that are null are
   * dropped, at every depth.
   */
  public static ObjectNode withoutNulls(ObjectNode tree) {
    ObjectNode copy = object();
    for (Map.Entry<String, JsonNode> field : tree.properties()) {
      if (!field.getValue().isNull()) {
        copy.set(field.getKey(), copied(field.getValue()));
      }
    }
    return copy;
  }

  private static JsonNode copied(JsonNode node) {
    if (node instanceof ObjectNode object) {
      return withoutNulls(object);
    }
    if (node instanceof ArrayNode array) {
      ArrayNode copy = new ArrayNode(JsonNodeFactory.instance, array.size());
      array.forEach(item -> copy.add(copied(item)));
      return copy;
    }
    return node;
  }

  /** Equal as JSON: {@code 5} as int is {@code 5} as long; order of fields does not count. */
  public static boolean same(@Nullable JsonNode a, @Nullable JsonNode b) {
    if (a == null || b == null) {
      return a == null && b == null;
    }
    return a.equals(BY_VALUE, b);
  }

  private static int compare(JsonNode a, JsonNode b) {
    if (a.equals(b)) {
      return 0;
    }
    if (a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue());
    }
    return 1;
  }

  /** The object at that field; made when absent. */
  public static ObjectNode objectAt(ObjectNode parent, String field) {
    return parent.get(field) instanceof ObjectNode present ? present : parent.putObject(field);
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }
}
