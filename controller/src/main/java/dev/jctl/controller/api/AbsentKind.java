package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Kinds of Kubernetes that are not to be had here, and of which there are none: lists of them are
 * empty and watches silent. Served because clients ask for them whatever they are used for: {@code
 * kubectl apply --prune} looks through sixteen kinds and gives up when one is unknown, and it and
 * Helm look for a CustomResourceDefinition of what OpenAPI does not have.
 */
enum AbsentKind {
  PERSISTENT_VOLUME("", "PersistentVolume", "persistentvolumes", "pv", false),
  REPLICATION_CONTROLLER("", "ReplicationController", "replicationcontrollers", "rc", true),
  DAEMON_SET("apps", "DaemonSet", "daemonsets", "ds", true),
  STATEFUL_SET("apps", "StatefulSet", "statefulsets", "sts", true),
  INGRESS("networking.k8s.io", "Ingress", "ingresses", "ing", true),
  CUSTOM_RESOURCE_DEFINITION(
      "apiextensions.k8s.io",
      "CustomResourceDefinition",
      "customresourcedefinitions",
      "crd",
      false);

  static final List<String> VERBS = List.of("get", "list", "watch");

  private final String group;
  private final String kind;
  private final String plural;
  private final String shortName;
  private final boolean namespaced;

  AbsentKind(String group, String kind, String plural, String shortName, boolean namespaced) {
    this.group = group;
    this.kind = kind;
    this.plural = plural;
    this.shortName = shortName;
    this.namespaced = namespaced;
  }

  String group() {
    return group;
  }

  String apiVersion() {
    return group.isEmpty() ? "v1" : group + "/v1";
  }

  String kind() {
    return kind;
  }

  String plural() {
    return plural;
  }

  String shortName() {
    return shortName;
  }

  boolean namespaced() {
    return namespaced;
  }

  static Stream<AbsentKind> of(String group) {
    return Stream.of(values()).filter(kind -> kind.group.equals(group));
  }

  /** {@code steps}: below the group's version. Of a single object, {@code name} is not empty. */
  static Optional<ApiTarget.Absent> parse(String group, List<String> steps) {
    boolean within = steps.size() >= 3 && steps.getFirst().equals("namespaces");
    List<String> own = within ? steps.subList(2, steps.size()) : steps;
    if (own.size() > 2) {
      return Optional.empty();
    }
    String name = own.size() == 2 ? own.getLast() : "";
    return of(group)
        .filter(kind -> kind.plural.equals(own.getFirst()))
        .filter(kind -> kind.namespaced ? within || name.isEmpty() : !within)
        .findFirst()
        .map(kind -> new ApiTarget.Absent(kind, name));
  }

  /** An empty list, in the form that is asked for. */
  ObjectNode list(Representation representation, long revision) {
    ObjectNode list = ResourceCodec.MAPPER.createObjectNode();
    switch (representation) {
      case OBJECTS -> list.put("kind", kind + "List").put("apiVersion", apiVersion());
      case METADATA ->
          list.put("kind", "PartialObjectMetadataList").put("apiVersion", Tables.META_V1);
      case TABLE -> list.put("kind", "Table").put("apiVersion", Tables.META_V1);
    }
    list.putObject("metadata").put("resourceVersion", Long.toString(Math.max(1, revision)));
    if (representation == Representation.TABLE) {
      list.putArray("columnDefinitions")
          .addObject()
          .put("name", "Name")
          .put("type", "string")
          .put("format", "name")
          .put("description", "")
          .put("priority", 0);
      list.putArray("rows");
    } else {
      list.putArray("items");
    }
    return list;
  }
}
