package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** JSON Patch, RFC 6902. */
public final class JsonPatch {
  private static final int MAX_OPERATIONS = 10_000;

  private JsonPatch() {}

  /**
   * {@code target} is not changed.
   *
   * @throws PatchException naming the operation that fails
   */
  public static JsonNode apply(JsonNode target, JsonNode patch) {
    if (!(patch instanceof ArrayNode operations)) {
      throw new PatchException("a JSON patch is a list of operations");
    }
    if (operations.size() > MAX_OPERATIONS) {
      throw new PatchException("a JSON patch has at most " + MAX_OPERATIONS + " operations");
    }
    // one level above, so that the root has a parent like everything else
    ObjectNode holder = Trees.object();
    holder.set("", target.deepCopy());
    for (JsonNode operation : operations) {
      run(holder, operation);
    }
    return holder.path("");
  }

  private static void run(ObjectNode holder, JsonNode operation) {
    List<String> path = pointer(operation, "path");
    switch (operation.path("op").asText()) {
      case "add" -> add(holder, path, value(operation));
      case "remove" -> remove(holder, path);
      case "replace" -> {
        remove(holder, path);
        add(holder, path, value(operation));
      }
      case "move" -> add(holder, path, remove(holder, pointer(operation, "from")));
      case "copy" -> add(holder, path, at(holder, pointer(operation, "from")).deepCopy());
      case "test" -> test(holder, path, value(operation));
      default -> throw new PatchException("unknown operation: " + operation);
    }
  }

  private static JsonNode value(JsonNode operation) {
    JsonNode value = operation.get("value");
    if (value == null) {
      throw new PatchException("value is missing: " + operation);
    }
    return value.deepCopy();
  }

  private static List<String> pointer(JsonNode operation, String field) {
    JsonNode text = operation.path(field);
    if (!text.isTextual() || !(text.asText().isEmpty() || text.asText().startsWith("/"))) {
      throw new PatchException(field + " is not a JSON pointer: " + operation);
    }
    List<String> steps = new ArrayList<>();
    for (String step : text.asText().split("/", -1)) {
      steps.add(step.replace("~1", "/").replace("~0", "~"));
    }
    return steps;
  }

  private static JsonNode parent(JsonNode holder, List<String> path) {
    return at(holder, path.subList(0, path.size() - 1));
  }

  private static JsonNode at(JsonNode holder, List<String> path) {
    JsonNode node = holder;
    for (String step : path) {
      node = node instanceof ArrayNode array ? node.get(index(array, step, path)) : node.get(step);
      if (node == null) {
        throw missing(path);
      }
    }
    return node;
  }

  private static void add(JsonNode holder, List<String> path, JsonNode value) {
    switch (parent(holder, path)) {
      case ObjectNode object -> object.set(path.getLast(), value);
      case ArrayNode array when path.getLast().equals("-") -> array.add(value);
      case ArrayNode array -> {
        int index = index(array, path.getLast(), path);
        if (index > array.size()) {
          throw missing(path);
        }
        array.insert(index, value);
      }
      default -> throw missing(path);
    }
  }

  private static JsonNode remove(JsonNode holder, List<String> path) {
    JsonNode removed =
        switch (parent(holder, path)) {
          case ObjectNode object -> object.remove(path.getLast());
          case ArrayNode array -> array.remove(index(array, path.getLast(), path));
          default -> null;
        };
    if (removed == null) {
      throw missing(path);
    }
    return removed;
  }

  private static void test(JsonNode holder, List<String> path, JsonNode expected) {
    JsonNode found = at(holder, path);
    if (!Trees.same(found, expected)) {
      throw new PatchException(
          "test failed at "
              + String.join("/", path)
              + ": expected "
              + expected
              + ", found "
              + found);
    }
  }

  private static int index(ArrayNode array, String step, List<String> path) {
    if (!step.matches("0|[1-9][0-9]{0,8}")) {
      throw new PatchException(
          String.join("/", path) + ": " + step + " is no index of a list of " + array.size());
    }
    return Integer.parseInt(step);
  }

  private static PatchException missing(List<String> path) {
    return new PatchException("there is nothing at " + String.join("/", path));
  }
}
