package dev.jctl.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.json.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * Objects of one collection at one revision. Each has its {@code apiVersion} and {@code kind},
 * which lists leave out.
 */
public record Listing(String revision, List<JsonNode> items) {
  public Listing {
    items = List.copyOf(items);
  }

  static Listing empty() {
    return new Listing("", List.of());
  }

  Listing and(JsonNode page) {
    String kind = page.path("kind").asText("");
    String itemKind = kind.endsWith("List") ? kind.substring(0, kind.length() - 4) : "";
    List<JsonNode> all = new ArrayList<>(items);
    for (JsonNode item : page.path("items")) {
      all.add(typed(item, page.path("apiVersion").asText(""), itemKind));
    }
    String first =
        revision.isEmpty() ? page.path("metadata").path("resourceVersion").asText("0") : revision;
    return new Listing(first, all);
  }

  private static JsonNode typed(JsonNode item, String apiVersion, String kind) {
    if (item.hasNonNull("kind") || kind.isEmpty()) {
      return item;
    }
    ObjectNode typed = Json.object().put("apiVersion", apiVersion).put("kind", kind);
    return typed.setAll((ObjectNode) item);
  }
}
