package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.protobuf.SwaggerMessage;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.OpenApiSchemas;
import java.util.List;

/**
 * OpenAPI v2 of all kinds, for clients that do not know v3 (kubectl before 1.27). Pure. The schemas
 * are those of {@link OpenApi}, without what only people read.
 */
final class OpenApiV2 {
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
      ObjectNode path = paths.putObject(OpenApi.itemPath(kind));
      operation(kind, path.putObject("get"));
      patch(kind, path.putObject("patch"));
      ObjectNode schema = OpenApi.ofKind(kind, OpenApiSchemas.of(kind));
      adapt(schema);
      definitions.set(OpenApi.schemaName(kind), schema);
    }
    return document;
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
