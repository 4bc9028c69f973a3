package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Base64Text;
import dev.jctl.manifests.schema.Ages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An object in full for a person: `jctl describe`. */
public final class Description {
  private static final Set<String> SHOWN_APART = Set.of("conditions");

  private Description() {}

  public static List<String> of(JsonNode object, List<JsonNode> events, Instant now) {
    List<String> lines = new ArrayList<>();
    JsonNode metadata = object.path("metadata");
    field("Name:", metadata.path("name").asText(""), lines);
    if (metadata.hasNonNull("namespace")) {
      field("Namespace:", metadata.path("namespace").asText(), lines);
    }
    map("Labels:", metadata.path("labels"), lines);
    map("Annotations:", metadata.path("annotations"), lines);
    field(
        "Kind:",
        object.path("apiVersion").asText("") + " " + object.path("kind").asText(""),
        lines);
    if (!Readiness.hasNoStatus(object)) {
      field("Status:", Readiness.word(object), lines);
    }
    field("Created:", metadata.path("creationTimestamp").asText(""), lines);
    for (JsonNode owner : metadata.path("ownerReferences")) {
      field(
          "Owned By:", owner.path("kind").asText("") + "/" + owner.path("name").asText(""), lines);
    }
    tree("Spec", object.path("spec"), "", lines);
    tree("Status", object.path("status"), "", lines);
    data(object, lines);
    conditions(object.path("status").path("conditions"), lines);
    events(events, now, lines);
    return lines;
  }

  private static void field(String name, String value, List<String> lines) {
    lines.add(String.format("%-14s%s", name, value));
  }

  private static void map(String name, JsonNode values, List<String> lines) {
    if (values.isEmpty()) {
      field(name, "<none>", lines);
    }
    String head = name;
    for (Map.Entry<String, JsonNode> e : values.properties()) {
      field(head, e.getKey() + "=" + e.getValue().asText(), lines);
      head = "";
    }
  }

  private static void tree(String name, JsonNode value, String margin, List<String> lines) {
    if (value.isMissingNode() || value.isNull()) {
      return;
    }
    if (!value.isContainerNode()) {
      lines.add(margin + name + ": " + value.asText());
      return;
    }
    if (value.isArray() && scalars(value)) {
      lines.add(margin + name + ": " + dev.jctl.manifests.json.Json.compact(value));
      return;
    }
    lines.add(margin + name + ":");
    String inner = margin + "  ";
    if (value.isArray()) {
      for (JsonNode item : value) {
        items(item, inner, lines);
      }
    } else {
      for (Map.Entry<String, JsonNode> e : value.properties()) {
        if (!SHOWN_APART.contains(e.getKey())) {
          tree(e.getKey(), e.getValue(), inner, lines);
        }
      }
    }
  }

  private static boolean scalars(JsonNode list) {
    for (JsonNode item : list) {
      if (item.isContainerNode()) {
        return false;
      }
    }
    return true;
  }

  private static void items(JsonNode item, String margin, List<String> lines) {
    int first = lines.size();
    for (Map.Entry<String, JsonNode> e : item.properties()) {
      tree(e.getKey(), e.getValue(), margin + "  ", lines);
    }
    if (lines.size() > first) {
      lines.set(first, margin + "- " + lines.get(first).substring(margin.length() + 2));
    }
  }

  /** Of a Secret and of bytes, only how many there are. */
  private static void data(JsonNode object, List<String> lines) {
    boolean secret = object.path("kind").asText("").equals("Secret");
    if (secret) {
      field("Type:", object.path("type").asText(""), lines);
    }
    for (Map.Entry<String, JsonNode> entry : object.path("data").properties()) {
      if (secret) {
        bytes(entry, lines);
      } else {
        lines.add(entry.getKey() + ":");
        entry.getValue().asText().lines().forEach(line -> lines.add("  " + line));
      }
    }
    object.path("binaryData").properties().forEach(entry -> bytes(entry, lines));
  }

  private static void bytes(Map.Entry<String, JsonNode> entry, List<String> lines) {
    int count = Base64Text.decode(entry.getValue().asText()).map(b -> b.length).orElse(0);
    lines.add(entry.getKey() + ": " + count + " bytes");
  }

  private static void conditions(JsonNode conditions, List<String> lines) {
    if (conditions.isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode c : conditions) {
      rows.add(
          List.of(
              c.path("type").asText(""),
              c.path("status").asText(""),
              c.path("reason").asText(""),
              c.path("message").asText("")));
    }
    lines.add("Conditions:");
    new Table(List.of("Type", "Status", "Reason", "Message"), rows)
        .lines()
        .forEach(l -> lines.add("  " + l));
  }

  private static void events(List<JsonNode> events, Instant now, List<String> lines) {
    if (events.isEmpty()) {
      field("Events:", "<none>", lines);
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode e : events) {
      int count = e.path("count").asInt(1);
      String age = Ages.since(ResourceTable.lastSeen(e), now);
      rows.add(
          List.of(
              e.path("type").asText(""),
              e.path("reason").asText(""),
              count > 1
                  ? age
                      + " (x"
                      + count
                      + " over "
                      + Ages.since(e.path("firstTimestamp").asText(""), now)
                      + ")"
                  : age,
              e.path("message").asText("")));
    }
    lines.add("Events:");
    new Table(List.of("Type", "Reason", "Age", "Message"), rows)
        .lines()
        .forEach(l -> lines.add("  " + l));
  }
}
