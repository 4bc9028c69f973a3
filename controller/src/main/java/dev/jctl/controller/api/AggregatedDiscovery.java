package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What there is, in discovery's newer form, made of the older one: all groups with all resources in
 * one answer.
 */
final class AggregatedDiscovery {
  private static final String GROUP = "apidiscovery.k8s.io";
  private static final String LIST = "APIGroupDiscoveryList";
  private static final Set<String> VERSIONS = Set.of("v2", "v2beta1");

  private AggregatedDiscovery() {}

  /** In the version that is accepted first; empty when the older form is. */
  static Optional<ApiReply> reply(String accept, List<String> groups) {
    for (String type : accept.split(",", -1)) {
      Map<String, String> parameters = parameters(type);
      String version = parameters.getOrDefault("v", "");
      if (LIST.equals(parameters.get("as"))
          && GROUP.equals(parameters.get("g"))
          && VERSIONS.contains(version)) {
        return Optional.of(
            ApiReply.tagged(
                "application/json;g=" + GROUP + ";v=" + version + ";as=" + LIST,
                ResourceCodec.bytes(list(version, groups))));
      }
      if (parameters.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Map<String, String> parameters(String type) {
    return Arrays.stream(type.split(";", -1))
        .skip(1)
        .map(parameter -> parameter.strip().split("=", 2))
        .filter(parts -> parts.length == 2)
        .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1], (first, later) -> first));
  }

  private static ObjectNode list(String version, List<String> groups) {
    ObjectNode list = ResourceCodec.MAPPER.createObjectNode().put("kind", LIST);
    list.put("apiVersion", GROUP + "/" + version).putObject("metadata");
    groups.forEach(group -> list.withArray("items").add(item(group)));
    return list;
  }

  private static ObjectNode item(String group) {
    ObjectNode item = ResourceCodec.MAPPER.createObjectNode();
    ObjectNode metadata = item.putObject("metadata");
    if (!group.isEmpty()) {
      metadata.put("name", group);
    }
    String version = Discovery.versionOf(group).orElse("v1");
    ObjectNode entry = item.putArray("versions").addObject().put("version", version);
    Map<String, ObjectNode> resources = new LinkedHashMap<>();
    for (JsonNode resource : Discovery.resources(group).path("resources")) {
      add(group, version, resource, resources);
    }
    resources.values().forEach(entry.putArray("resources")::add);
    entry.put("freshness", "Current");
    return item;
  }

  private static void add(
      String group, String version, JsonNode resource, Map<String, ObjectNode> resources) {
    String[] name = resource.path("name").asText().split("/", 2);
    ObjectNode entry = ResourceCodec.MAPPER.createObjectNode();
    entry.put(name.length == 2 ? "subresource" : "resource", name[name.length - 1]);
    entry
        .putObject("responseKind")
        .put("group", resource.path("group").asText(group))
        .put("version", resource.path("version").asText(version))
        .put("kind", resource.path("kind").asText());
    ObjectNode parent = resources.get(name[0]);
    if (name.length == 2 && parent != null) {
      entry.set("verbs", resource.get("verbs"));
      parent.withArray("subresources").add(entry);
      return;
    }
    entry.put("scope", resource.path("namespaced").asBoolean() ? "Namespaced" : "Cluster");
    String singular = resource.path("singularName").asText("");
    entry.put("singularResource", singular.isEmpty() ? name[0] : singular);
    for (String field : List.of("verbs", "shortNames", "categories")) {
      if (!resource.path(field).isEmpty()) {
        entry.set(field, resource.get(field));
      }
    }
    resources.put(name[0], entry);
  }
}
