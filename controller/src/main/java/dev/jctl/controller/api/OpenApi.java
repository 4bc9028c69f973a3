package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.OpenApiSchemas;
import java.util.List;
import java.util.stream.Stream;

/**
 * OpenAPI v3 of a group, made of the schemas of its kinds: what kubectl needs for apply, create,
 * replace, edit and explain. Pure. Of the operations it names only those that kubectl looks at.
 */
final class OpenApi {
  static final String GROUP_VERSION_KIND = "x-kubernetes-group-version-kind";
  static final List<String> PATCHES =
      List.of(
          "application/apply-patch+yaml",
          "application/json-patch+json",
          "application/merge-patch+json",
          "application/strategic-merge-patch+json");
  static final List<String> PARAMETERS =
      List.of("dryRun", "fieldManager", "fieldValidation", "force");

  private OpenApi() {}

  /** Where the document of each group is: of {@code /openapi/v3}. */
  static ObjectNode index() {
    ObjectNode index = ResourceCodec.MAPPER.createObjectNode();
    ObjectNode paths = index.putObject("paths");
    Stream.concat(Stream.of(""), Discovery.kindGroups().stream())
        .map(OpenApi::root)
        .forEach(
            path ->
                paths.putObject(path.substring(1)).put("serverRelativeURL", "/openapi/v3" + path));
    return index;
  }

  private static String root(String group) {
    return group.isEmpty() ? "/api/v1" : "/apis/" + group + "/v1";
  }

  static ObjectNode document(String group) {
    ObjectNode document = ResourceCodec.MAPPER.createObjectNode().put("openapi", "3.0.0");
    document.putObject("info").put("title", "jctl").put("version", "v1");
    ObjectNode paths = document.putObject("paths");
    ObjectNode schemas = document.putObject("components").putObject("schemas");
    for (ResourceKind kind : ResourceKind.values()) {
      if (kind.group().equals(group)) {
        describe(kind, paths.putObject(itemPath(kind)));
        OpenApiSchemas.Described described = OpenApiSchemas.described(kind);
        schemas.set(schemaName(kind), ofKind(kind, described.schema()));
        schemas.setAll(described.components());
      }
    }
    return document;
  }

  /** The same, with what says so. */
  static ObjectNode ofKind(ResourceKind kind, ObjectNode schema) {
    schema.putArray(GROUP_VERSION_KIND).add(groupVersionKind(kind));
    return schema;
  }

  static String itemPath(ResourceKind kind) {
    return root(kind.group())
        + (kind.namespaced() ? "/namespaces/{namespace}/" : "/")
        + kind.plural()
        + "/{name}";
  }

  static String schemaName(ResourceKind kind) {
    String first = kind.group().isEmpty() ? "core" : kind.group().split("\\.", 2)[0];
    String prefix =
        kind.group().equals(ApiTarget.GROUP) ? "dev.jctl." : "io.k8s.api." + first + ".";
    return prefix + kind.version() + "." + kind.kind();
  }

  static ObjectNode groupVersionKind(ResourceKind kind) {
    return ResourceCodec.MAPPER
        .createObjectNode()
        .put("group", kind.group())
        .put("version", "v1")
        .put("kind", kind.kind());
  }

  private static void describe(ResourceKind kind, ObjectNode path) {
    ObjectNode get = path.putObject("get");
    get.set(GROUP_VERSION_KIND, groupVersionKind(kind));
    response(kind, get);
    ObjectNode patch = path.putObject("patch");
    patch.set(GROUP_VERSION_KIND, groupVersionKind(kind));
    ArrayNode parameters = patch.putArray("parameters");
    for (String name : PARAMETERS) {
      parameters
          .addObject()
          .put("name", name)
          .put("in", "query")
          .putObject("schema")
          .put("type", type(name));
    }
    ObjectNode bodies = patch.putObject("requestBody").putObject("content");
    PATCHES.forEach(type -> bodies.putObject(type).putObject("schema").put("type", "object"));
    response(kind, patch);
  }

  /** Of one of the parameters. */
  static String type(String parameter) {
    return parameter.equals("force") ? "boolean" : "string";
  }

  private static void response(ResourceKind kind, ObjectNode operation) {
    operation
        .putObject("responses")
        .putObject("200")
        .put("description", "OK")
        .putObject("content")
        .putObject(ApiReply.JSON)
        .putObject("schema")
        .put("$ref", "#/components/schemas/" + schemaName(kind));
  }
}
