package dev.jctl.controller.gitrepository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.Annotations;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Two versions of an object → the fields that differ, never what is in them. Pure. */
final class TreeChanges {
  private static final int MAX_FIELDS = 20;
  private static final Set<String> SERVERS_OWN =
      Set.of("status", "metadata.managedFields", "metadata.resourceVersion", "metadata.generation");

  private TreeChanges() {}

  /** Paths such as {@code spec.env[1].value}, the first few. */
  static List<String> between(JsonNode before, JsonNode after) {
    List<String> paths = new ArrayList<>();
    compare("", before, after, paths);
    return paths.size() > MAX_FIELDS ? List.copyOf(paths.subList(0, MAX_FIELDS)) : paths;
  }

  private static void compare(String path, JsonNode before, JsonNode after, List<String> paths) {
    if (before.equals(after) || SERVERS_OWN.contains(path)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      Set<String> names = new TreeSet<>();
      before.fieldNames().forEachRemaining(names::add);
      after.fieldNames().forEachRemaining(names::add);
      names.remove(Annotations.LAST_APPLIED);
      names.forEach(name -> compare(child(path, name), before.path(name), after.path(name), paths));
    } else if (before.isArray() && after.isArray() && before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(path + "[" + i + "]", before.get(i), after.get(i), paths);
      }
    } else {
      paths.add(path);
    }
  }

  private static String child(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
