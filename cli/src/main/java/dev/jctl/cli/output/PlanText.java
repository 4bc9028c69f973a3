package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A plan for people. Pure. */
public final class PlanText {
  /** How an action is marked, and in which ANSI colour. */
  private record Mark(String sign, int colour) {}

  private static final int GREEN = 32;
  private static final int YELLOW = 33;
  private static final int RED = 31;
  private static final int PLAIN = 0;
  private static final int MAX_VALUE = 100;

  private final boolean coloured;
  private final List<String> lines = new ArrayList<>();
  private final Map<String, Integer> counts = new LinkedHashMap<>();

  private PlanText(boolean coloured) {
    this.coloured = coloured;
    List.of("create", "in place", "roll", "restart", "recreate", "delete", "none")
        .forEach(action -> counts.put(action, 0));
  }

  public static List<String> plain(JsonNode plan) {
    return new PlanText(false).of(plan);
  }

  public static List<String> coloured(JsonNode plan) {
    return new PlanText(true).of(plan);
  }

  /** Whether anything would be done. */
  public static boolean changes(JsonNode plan) {
    for (JsonNode item : plan.path("items")) {
      if (!item.path("action").asText("").equals("none")) {
        return true;
      }
    }
    return false;
  }

  private List<String> of(JsonNode plan) {
    plan.path("items").forEach(this::item);
    lines.add(
        String.format(
            "Plan: %d to create, %d in place, %d to roll, %d to restart, %d to recreate, %d to"
                + " delete, %d unchanged.",
            counts.values().toArray()));
    return lines;
  }

  private void item(JsonNode item) {
    String action = item.path("action").asText("");
    counts.merge(action, 1, Integer::sum);
    Mark mark = mark(action);
    String shown = action.equals("none") ? "unchanged" : action;
    lines.add(colour(mark.sign() + " " + name(item.path("object")) + " " + shown, mark.colour()));
    for (JsonNode change : item.path("changes")) {
      lines.add("    " + change(change));
    }
    note("because of", item.path("because"));
    if (!action.equals("none")) {
      note("waits for", item.path("waitsFor"));
    }
    if (item.has("unavailable")) {
      lines.add("    away " + item.path("unavailable").asText(""));
    }
    if (item.has("syscalls")) {
      syscalls(item.path("syscalls"));
    }
  }

  private void syscalls(JsonNode syscalls) {
    for (String line :
        UnifiedDiff.of(
            "system calls before",
            "system calls after",
            text(syscalls.path("before")),
            text(syscalls.path("after")))) {
      int colour = line.startsWith("+") ? GREEN : line.startsWith("-") ? RED : PLAIN;
      lines.add("    " + colour(line, colour));
    }
  }

  private static String text(JsonNode texts) {
    List<String> all = new ArrayList<>();
    texts.forEach(line -> all.add(line.asText("")));
    return String.join("\n", all);
  }

  private static Mark mark(String action) {
    return switch (action) {
      case "create" -> new Mark("+", GREEN);
      case "in place", "roll" -> new Mark("~", YELLOW);
      case "restart", "recreate" -> new Mark("!", RED);
      case "delete" -> new Mark("-", RED);
      default -> new Mark(" ", PLAIN);
    };
  }

  private String colour(String text, int colour) {
    return coloured && colour != PLAIN ? "\u001b[" + colour + "m" + text + "\u001b[0m" : text;
  }

  private static String name(JsonNode object) {
    String name = object.path("name").asText("");
    String namespace = object.path("namespace").asText("default");
    String qualified =
        ResourceKind.of(object.path("apiVersion").asText(""), object.path("kind").asText(""))
            .map(kind -> ResourceTable.qualifiedName(kind, name))
            .orElse(object.path("kind").asText("") + "/" + name);
    return namespace.equals("default") ? qualified : qualified + " in " + namespace;
  }

  private static String change(JsonNode change) {
    String values =
        change.has("before") || change.has("after")
            ? ": " + value(change.path("before")) + " -> " + value(change.path("after"))
            : " changes";
    return change.path("path").asText("")
        + values
        + (change.path("forces").asBoolean(false) ? "  (forces it)" : "");
  }

  private static String value(JsonNode value) {
    String text = value.isMissingNode() ? "(none)" : Json.compact(value);
    return text.length() <= MAX_VALUE ? text : text.substring(0, MAX_VALUE) + "…";
  }

  private void note(String what, JsonNode refs) {
    List<String> names = new ArrayList<>();
    refs.forEach(ref -> names.add(ref.asText("")));
    if (!names.isEmpty()) {
      lines.add("    " + what + " " + String.join(", ", names));
    }
  }
}
