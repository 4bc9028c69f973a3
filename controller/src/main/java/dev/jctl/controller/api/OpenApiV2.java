package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.protobuf.SwaggerMessage;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.OpenApiSchemas;
import java.util.List;

/**
 * OpenAPI v2 of all kinds, for clients that do not know v3 (kubectl before 1.27), or that know of
 * each path what it says (kubernetes-client of npm). Pure. The schemas are those of {@link
 * OpenApi}, without what only people read.
 */
final class OpenApiV2 {
  private static final String PATCH = "patch";

  private OpenApiV2() {}

  static ApiReply reply(ApiRequest request) {
    ObjectNode document = document();
    return SwaggerMessage.isAccepted(request.accept())
        ? new ApiReply.Whole(200, SwaggerMessage.MEDIA_TYPE, SwaggerMessage.of(document), List.of())
        : ApiReply.json(200, document);
  }

  static ObjectNode document() {
    ObjectNode document = ResourceCodec.MAPPER.createObjectNode().put("swagger", "2.0");
    document.putObject("info").put("title", "jctl").put("version", "v1");
    ObjectNode paths = document.putObject("paths");
    ObjectNode definitions = document.putObject("definitions");
    for (ResourceKind kind : ResourceKind.values()) {
      String item = OpenApi.itemPath(kind);
      operations(kind, List.of("get", "post", "delete"), paths.putObject(collectionOf(item)));
      operations(kind, List.of("get", "put", "delete", PATCH), paths.putObject(item));
      if (kind.hasStatus()) {
        operations(kind, List.of("get", "put", PATCH), paths.putObject(item + "/status"));
      }
      ObjectNode schema = OpenApi.ofKind(kind, OpenApiSchemas.of(kind));
      adapt(schema);
      definitions.set(OpenApi.schemaName(kind), schema);
    }
    return document;
  }

  private static String collectionOf(String item) {
    return item.substring(0, item.lastIndexOf('/'));
  }

  private static void operations(ResourceKind kind, List<String> methods, ObjectNode path) {
    for (String method : methods) {
      if (method.equals(PATCH)) {
        patch(kind, path.putObject(method));
      } else {
        operation(kind, path.putObject(method));
      }
    }
  }

  private static void operation(ResourceKind kind, ObjectNode operation) {
    operation.putArray("produces").add(ApiReply.JSON);
    operation.putObject("responses").putObject("200").put("description", "OK");
    operation.set(OpenApi.GROUP_VERSION_KIND, OpenApi.groupVersionKind(kind));
  }

  private static void patch(ResourceKind kind, ObjectNode patch) {
    operation(kind, patch);
    OpenApi.PATCHES.forEach(patch.putArray("consumes")::add);
    for (String name : OpenApi.PARAMETERS) {
      patch
          .withArray("parameters")
          .addObject()
          .put("name", name)
          .put("in", "query")
          .put("type", OpenApi.type(name));
    }
  }

  /** Where v3 leaves the type open, v2 has a format. */
  private static void adapt(JsonNode node) {
    if (node instanceof ObjectNode object && object.has(OpenApiSchemas.INT_OR_STRING)) {
      object.remove(OpenApiSchemas.INT_OR_STRING);
      object.put("type", "string").put("format", "int-or-string");
    }
    node.forEach(OpenApiV2::adapt);
  }
}
