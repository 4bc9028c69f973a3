package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.ListType;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.Schema.Property;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The steps of a field path, and what schema says of where they lead. */
final class Elements {
  /** For fields that no schema describes: they are taken as a whole. */
  static final Schema UNKNOWN = new Schema.AnySchema("");

  private Elements() {}

  static String field(String name) {
    return "f:" + name;
  }

  static String fieldName(String element) {
    return element.substring(2);
  }

  /** The schema of a field of an object or a map. */
  static Schema fieldSchema(Schema schema, String name) {
    if (schema instanceof ObjectSchema object) {
      Property property = object.properties().get(name);
      return property == null ? UNKNOWN : property.schema();
    }
    return schema instanceof MapSchema map ? map.values() : UNKNOWN;
  }

  /** Whether it is merged field by field. */
  static boolean isStructured(Schema schema) {
    return schema instanceof ObjectSchema || schema instanceof MapSchema;
  }

  static boolean isMergedList(Schema schema) {
    return schema instanceof ListSchema list && list.type() != ListType.ATOMIC;
  }

  /** The items of a set or map list by their elements, in order. Of equal ones the last counts. */
  static Map<String, JsonNode> items(ListSchema list, ArrayNode items) {
    Map<String, JsonNode> byElement = new LinkedHashMap<>();
    for (JsonNode item : items) {
      byElement.put(item(list, item), item);
    }
    return byElement;
  }

  private static String item(ListSchema list, JsonNode item) {
    return list.type() == ListType.MAP ? "k:" + keys(list, item) : "v:" + item;
  }

  private static ObjectNode keys(ListSchema list, JsonNode item) {
    TreeMap<String, JsonNode> keys = new TreeMap<>();
    for (String name : list.mapKeys()) {
      JsonNode value = item.hasNonNull(name) ? item.get(name) : defaultOf(list.items(), name);
      if (value != null) {
        keys.put(name, value);
      }
    }
    ObjectNode object = Trees.object();
    object.setAll(keys);
    return object;
  }

  private static @Nullable JsonNode defaultOf(Schema items, String name) {
    return items instanceof ObjectSchema object && object.properties().containsKey(name)
        ? object.properties().get(name).defaultValue()
        : null;
  }

  static String display(String element) {
    String rest = element.substring(Math.min(2, element.length()));
    if (element.startsWith("f:")) {
      return "." + rest;
    }
    if (element.startsWith("k:")) {
      return "[" + displayKeys(rest) + "]";
    }
    return "[" + (element.startsWith("v:") ? "=" : "") + rest + "]";
  }

  private static String displayKeys(String json) {
    return json.length() < 2
        ? json
        : java.util.Arrays.stream(json.substring(1, json.length() - 1).split(",(?=\")", -1))
            .map(pair -> pair.replaceFirst("^\"([^\"]*)\":", "$1="))
            .collect(Collectors.joining(","));
  }
}
