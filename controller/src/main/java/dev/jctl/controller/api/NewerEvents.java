package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.ResourceKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code events.k8s.io/v1}: the Events of {@code v1} with other names for their fields. A request
 * is turned into one of {@code v1}, and the answer back. Pure.
 */
final class NewerEvents {
  static final String GROUP = "events.k8s.io";
  private static final String API_VERSION = GROUP + "/v1";

  /** There even when it is not known, and the client for Java wants it there. */
  private static final String TIME = "eventTime";

  /** There → in {@code v1}. */
  private static final Map<String, String> FIELDS =
      Map.of(
          "regarding", "involvedObject",
          "note", "message",
          "reportingController", "reportingComponent",
          "deprecatedSource", "source",
          "deprecatedFirstTimestamp", "firstTimestamp",
          "deprecatedLastTimestamp", "lastTimestamp",
          "deprecatedCount", "count");

  private static final Map<String, String> NEWER = inverse();

  private NewerEvents() {}

  private static Map<String, String> inverse() {
    Map<String, String> newer = new LinkedHashMap<>();
    FIELDS.forEach((there, here) -> newer.put(here, there));
    return Map.copyOf(newer);
  }

  static ApiRequest toCore(ApiRequest request) {
    Map<String, List<String>> query = new LinkedHashMap<>(request.query().values());
    query.computeIfPresent(
        "fieldSelector", (name, values) -> values.stream().map(NewerEvents::coreSelector).toList());
    ApiRequest asking = request.asking(new Query(query));
    if (!List.of("POST", "PUT", "PATCH").contains(request.method())) {
      return asking;
    }
    if (request.contentType().equals("application/json-patch+json")) {
      throw RequestBodies.unsupported("application/merge-patch+json, " + ObjectWrites.APPLY_PATCH);
    }
    // its fields are known by name, so that any document of it is one of the other
    byte[] body =
        ResourceCodec.bytes(
            renamed(RequestBodies.object(request.withoutPatchType()), FIELDS, "v1"));
    return asking.saying(body);
  }

  private static String coreSelector(String selector) {
    return selector
        .replaceAll("\\bregarding\\.", "involvedObject.")
        .replaceAll("\\breportingController\\b", "reportingComponent");
  }

  static ApiReply fromCore(ApiReply reply) {
    return switch (reply) {
      case ApiReply.Whole whole when whole.contentType().equals(ApiReply.JSON) ->
          new ApiReply.Whole(
              whole.status(),
              whole.contentType(),
              newer(whole.body()),
              whole.warnings(),
              whole.written());
      case ApiReply.Whole whole -> whole;
      case ApiReply.Pieces pieces -> ApiReply.json(newer(pieces.joined()));
      case ApiReply.Headed headed -> headed;
      case ApiReply.Tagged tagged -> tagged;
      case ApiReply.Streamed streamed ->
          new ApiReply.Streamed(
              streamed.contentType(),
              sink -> streamed.body().writeTo(sink.through(NewerEvents::newerLines)));
    };
  }

  private static byte[] newer(byte[] json) {
    return ResourceCodec.bytes(newer(tree(json)));
  }

  /** An Event, or a list of them; anything else is as it was. */
  private static ObjectNode newer(ObjectNode tree) {
    String kind = tree.path("kind").asText();
    if (kind.equals("Event")) {
      return newerEvent(tree);
    }
    if (kind.equals("EventList")) {
      ArrayNode items = ResourceCodec.MAPPER.createArrayNode();
      tree.path("items").forEach(item -> items.add(newerEvent(item)));
      return tree.put("apiVersion", API_VERSION).set("items", items);
    }
    return tree;
  }

  /** Each line is an event of a watch. */
  private static byte[] newerLines(byte[] lines) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(lines.length);
    int start = 0;
    for (int i = 0; i < lines.length; i++) {
      if (lines[i] == '\n') {
        ObjectNode line = tree(java.util.Arrays.copyOfRange(lines, start, i));
        if (line.path("object") instanceof ObjectNode object) {
          line.set("object", newer(object));
        }
        out.writeBytes(ResourceCodec.bytes(line));
        out.write('\n');
        start = i + 1;
      }
    }
    return out.toByteArray();
  }

  private static ObjectNode newerEvent(JsonNode event) {
    ObjectNode newer = renamed(event, NEWER, API_VERSION);
    return newer.has(TIME) ? newer : newer.putNull(TIME);
  }

  private static ObjectNode renamed(JsonNode event, Map<String, String> names, String version) {
    ObjectNode renamed = ResourceCodec.MAPPER.createObjectNode();
    event
        .properties()
        .forEach(f -> renamed.set(names.getOrDefault(f.getKey(), f.getKey()), f.getValue()));
    renamed.put("apiVersion", version).put("kind", ResourceKind.EVENT.kind());
    return renamed;
  }

  private static ObjectNode tree(byte[] json) {
    try {
      return (ObjectNode) ResourceCodec.MAPPER.readTree(json);
    } catch (IOException e) {
      throw ApiException.badRequest("not JSON: " + e.getMessage());
    }
  }
}
