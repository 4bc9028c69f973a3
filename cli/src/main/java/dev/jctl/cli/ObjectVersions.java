package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.output.FieldChanges;
import dev.jctl.cli.output.Table;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.schema.Ages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The versions of an object, newest first. */
record ObjectVersions(List<Version> versions) {
  private static final int MAX_FIELDS = 4;

  /** {@code object}: empty when it was deleted at that revision. */
  record Version(String revision, String time, JsonNode object) {}

  static ObjectVersions of(JsonNode history) {
    List<Version> versions = new ArrayList<>();
    for (JsonNode item : history.path("items")) {
      JsonNode object = item.path("object");
      versions.add(
          new Version(
              item.path("revision").asText(""),
              item.path("time").asText(""),
              object.isObject() ? object : Json.object()));
    }
    return new ObjectVersions(versions);
  }

  /** {@code statuses}: whether versions count of which only the status is another. */
  Table table(boolean statuses, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < versions.size(); i++) {
      Version version = versions.get(i);
      String change = i + 1 < versions.size() ? change(versions.get(i + 1), version) : "the oldest";
      if (statuses || !change.isEmpty()) {
        rows.add(
            List.of(
                version.revision(),
                version.time().isEmpty() ? "" : Ages.since(version.time(), now),
                generation(version),
                change.isEmpty() ? "status" : change));
      }
    }
    return new Table(List.of("REVISION", "AGE", "GENERATION", "CHANGE"), rows);
  }

  private static String generation(Version version) {
    return version.object().path("metadata").path("generation").asText("");
  }

  private static String change(Version before, Version after) {
    if (after.object().isEmpty()) {
      return "deleted";
    }
    if (before.object().isEmpty()) {
      return "created";
    }
    List<String> paths =
        FieldChanges.between(Comparison.strip(before.object()), Comparison.strip(after.object()))
            .stream()
            .map(FieldChanges.Change::path)
            .toList();
    return paths.size() <= MAX_FIELDS
        ? String.join(", ", paths)
        : String.join(", ", paths.subList(0, MAX_FIELDS)) + " and " + (paths.size() - MAX_FIELDS);
  }
}
