package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Our kinds as CustomResourceDefinitions, so that their objects can be kept in a cluster of
 * Kubernetes too. A structural schema is stricter than OpenAPI: what it does not know is left out.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/">Custom
 *     resource definitions</a>
 */
public final class CustomResources {
  private static final String GROUP = "jctl.dev";

  private CustomResources() {}

  public static List<ResourceKind> kinds() {
    return Stream.of(ResourceKind.values()).filter(kind -> kind.group().equals(GROUP)).toList();
  }

  public static ObjectNode definition(ResourceKind kind) {
    ObjectNode crd = JsonNodeFactory.instance.objectNode();
    crd.put("apiVersion", "apiextensions.k8s.io/v1").put("kind", "CustomResourceDefinition");
    crd.putObject("metadata").put("name", kind.plural() + "." + GROUP);
    ObjectNode spec = crd.putObject("spec").put("group", GROUP);
    ObjectNode names = spec.putObject("names");
    names.put("kind", kind.kind()).put("listKind", kind.kind() + "List");
    names.put("plural", kind.plural()).put("singular", kind.singular());
    kind.shortNames().forEach(names.putArray("shortNames")::add);
    names.putArray("categories").add("jctl");
    spec.put("scope", kind.namespaced() ? "Namespaced" : "Cluster");
    ObjectNode version = spec.putArray("versions").addObject().put("name", kind.version());
    version.put("served", true).put("storage", true);
    version.putObject("schema").set("openAPIV3Schema", structural(kind));
    if (kind.hasStatus()) {
      version.putObject("subresources").putObject("status");
    }
    column(version, "Phase", "string", ".status.phase");
    column(version, "Age", "date", ".metadata.creationTimestamp");
    return crd;
  }

  private static void column(ObjectNode version, String name, String type, String path) {
    version
        .withArray("additionalPrinterColumns")
        .addObject()
        .put("name", name)
        .put("type", type)
        .put("jsonPath", path);
  }

  private static ObjectNode structural(ResourceKind kind) {
    ObjectNode schema = OpenApiSchemas.of(kind);
    adapt(schema);
    ObjectNode properties = schema.withObject("/properties");
    // apiVersion, kind and metadata are checked by the server itself
    properties.replace("apiVersion", typed("string"));
    properties.replace("kind", typed("string"));
    properties.replace("metadata", typed("object"));
    ArrayNode required = schema.putArray("required");
    if (Schemas.of(kind).properties().containsKey("spec")
        && !properties.path("spec").has("default")) {
      required.add("spec");
    }
    return schema;
  }

  private static ObjectNode typed(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }

  private static void adapt(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(List.of("x-kubernetes-patch-strategy", "x-kubernetes-patch-merge-key"));
      if (object.has("x-kubernetes-list-map-keys")) {
        requireKeys(object);
      }
    }
    node.forEach(CustomResources::adapt);
  }

  /** Items are told apart by keys, so these are required unless they have a default. */
  private static void requireKeys(ObjectNode list) {
    if (!(list.path("items") instanceof ObjectNode items)) {
      return;
    }
    Set<String> required = new TreeSet<>();
    items.path("required").forEach(name -> required.add(name.asText()));
    for (JsonNode key : list.path("x-kubernetes-list-map-keys")) {
      if (!items.path("properties").path(key.asText()).has("default")) {
        required.add(key.asText());
      }
    }
    items.remove("required");
    required.forEach(items.putArray("required")::add);
    if (required.isEmpty()) {
      items.remove("required");
    }
  }
}
