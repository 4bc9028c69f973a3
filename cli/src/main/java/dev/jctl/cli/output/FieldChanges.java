package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which fields differ between two trees. */
public final class FieldChanges {
  private FieldChanges() {}

  /** {@code path} as in {@code spec.ports[0].hostPort}; absent values are missing nodes. */
  public record Change(String path, JsonNode before, JsonNode after) {}

  public static List<Change> between(JsonNode before, JsonNode after) {
    List<Change> changes = new ArrayList<>();
    compare("", before, after, changes);
    return changes;
  }

  private static void compare(String path, JsonNode before, JsonNode after, List<Change> changes) {
    if (before.equals(after)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      for (String name : names(before, after)) {
        String inner = path.isEmpty() ? name : path + "." + name;
        compare(inner, before.path(name), after.path(name), changes);
      }
    } else if (before.isArray() && after.isArray() && before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(path + "[" + i + "]", before.path(i), after.path(i), changes);
      }
    } else {
      changes.add(new Change(path, before, after));
    }
  }

  private static Set<String> names(JsonNode a, JsonNode b) {
    Set<String> names = new LinkedHashSet<>();
    a.properties().stream().map(Map.Entry::getKey).forEach(names::add);
    b.properties().stream().map(Map.Entry::getKey).forEach(names::add);
    return names;
  }
}
