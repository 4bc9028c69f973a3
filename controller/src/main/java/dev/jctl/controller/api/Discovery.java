package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.ServerVersion;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What there is, in discovery's older form, which every client takes. */
final class Discovery {
  private static final String VERSION = "v1";

  private static final List<String> OTHERS = List.of(NewerEvents.GROUP, MetricsApi.GROUP);

  /** In the order in which a kind that is in several would be looked for. */
  private static final List<String> GROUPS =
      Stream.of(kindGroups(), Review.groups(), absentGroups(), OTHERS)
          .flatMap(List::stream)
          .distinct()
          .toList();

  private static final List<String> OBJECT_VERBS =
      List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

  private Discovery() {}

  /** All but the core one. */
  static List<String> namedGroups() {
    return GROUPS;
  }

  /** Groups of kinds that are stored, other than the core one. */
  static List<String> kindGroups() {
    return Stream.of(ResourceKind.values())
        .map(ResourceKind::group)
        .filter(group -> !group.isEmpty())
        .distinct()
        .toList();
  }

  private static List<String> absentGroups() {
    return Stream.of(AbsentKind.values())
        .map(AbsentKind::group)
        .filter(group -> !group.isEmpty())
        .toList();
  }

  /** Of a group other than the core one; empty when there is no such group. */
  static Optional<String> versionOf(String group) {
    if (!GROUPS.contains(group)) {
      return Optional.empty();
    }
    return Optional.of(group.equals(MetricsApi.GROUP) ? MetricsApi.VERSION : VERSION);
  }

  /** All fields of {@code version.Info}: clients may insist on each. There is no Go in it. */
  static ObjectNode version() {
    return object()
        .put("major", ServerVersion.MAJOR)
        .put("minor", ServerVersion.MINOR)
        .put("gitVersion", ServerVersion.GIT)
        .put("gitCommit", "")
        .put("gitTreeState", "")
        .put("buildDate", "1970-01-01T00:00:00Z")
        .put("goVersion", "")
        .put("compiler", "")
        .put("platform", "linux/" + System.getProperty("os.arch"));
  }

  static ObjectNode coreVersions() {
    ObjectNode versions = object().put("kind", "APIVersions");
    versions.putArray("versions").add(VERSION);
    versions.putArray("serverAddressByClientCIDRs");
    return versions;
  }

  static ObjectNode groups() {
    ObjectNode list = object().put("kind", "APIGroupList").put("apiVersion", VERSION);
    ArrayNode groups = list.putArray("groups");
    GROUPS.forEach(group -> groups.add(groupEntry(group)));
    return list;
  }

  static ObjectNode group(String name) {
    ObjectNode group = object().put("kind", "APIGroup").put("apiVersion", VERSION);
    group.setAll(groupEntry(name));
    return group;
  }

  private static ObjectNode groupEntry(String name) {
    ObjectNode group = object().put("name", name);
    group.putArray("versions").add(groupVersion(name));
    group.set("preferredVersion", groupVersion(name));
    return group;
  }

  private static ObjectNode groupVersion(String name) {
    String version = versionOf(name).orElse(VERSION);
    return object().put("groupVersion", name + "/" + version).put("version", version);
  }

  static ObjectNode resources(String group) {
    ObjectNode list = object().put("kind", "APIResourceList").put("apiVersion", VERSION);
    list.put(
        "groupVersion", group.isEmpty() ? VERSION : group + "/" + versionOf(group).orElse(VERSION));
    ArrayNode resources = list.putArray("resources");
    for (ResourceKind kind : ResourceKind.values()) {
      if (kind.group().equals(group)) {
        addKind(resources, kind);
      }
    }
    for (Review review : Review.of(group)) {
      resources
          .addObject()
          .put("name", review.resource())
          .put("singularName", "")
          .put("namespaced", review.namespaced())
          .put("kind", review.kind())
          .putArray("verbs")
          .add("create");
    }
    AbsentKind.of(group).forEach(kind -> addAbsent(resources, kind));
    if (group.equals(NewerEvents.GROUP)) {
      addKind(resources, ResourceKind.EVENT);
    }
    if (group.equals(MetricsApi.GROUP)) {
      addMetrics(resources, ResourceKind.NODE);
      addMetrics(resources, ResourceKind.POD);
    }
    return list;
  }

  private static void addAbsent(ArrayNode resources, AbsentKind kind) {
    ObjectNode entry = resources.addObject().put("name", kind.plural());
    entry.put("singularName", kind.kind().toLowerCase(Locale.ROOT));
    entry.put("namespaced", kind.namespaced()).put("kind", kind.kind());
    entry.putArray("shortNames").add(kind.shortName());
    AbsentKind.VERBS.forEach(entry.putArray("verbs")::add);
  }

  private static void addMetrics(ArrayNode resources, ResourceKind kind) {
    entry(resources, kind, kind.plural(), List.of("get", "list"))
        .put("kind", kind.kind() + "Metrics");
  }

  private static void addKind(ArrayNode resources, ResourceKind kind) {
    ObjectNode entry = entry(resources, kind, kind.plural(), OBJECT_VERBS);
    entry.put("singularName", kind.singular());
    kind.shortNames().forEach(entry.putArray("shortNames")::add);
    if (kind.group().equals(ApiTarget.GROUP)) {
      entry.putArray("categories").add("all").add("jctl");
    }
    if (kind.hasStatus()) {
      entry(resources, kind, kind.plural() + "/status", List.of("get", "patch", "update"));
    }
    if (kind.hasScale()) {
      entry(resources, kind, kind.plural() + "/scale", List.of("get", "patch", "update"))
          .put("kind", "Scale")
          .put("group", "autoscaling")
          .put("version", VERSION);
      entry.putArray("categories").add("all");
    }
    if (kind == ResourceKind.JOB || kind == ResourceKind.CRON_JOB) {
      entry.putArray("categories").add("all");
    }
    if (kind == ResourceKind.IMAGE) {
      entry(resources, kind, "images/push", List.of("create"));
      entry(resources, kind, "images/archive", List.of("get"));
      entry(resources, kind, "images/buildlog", List.of("get"));
      entry(resources, kind, "images/manifest", List.of("get"));
      entry(resources, kind, "images/config", List.of("get"));
    }
    if (kind == ResourceKind.SERVICE_ACCOUNT) {
      entry(resources, kind, "serviceaccounts/token", List.of("create"))
          .put("kind", "TokenRequest")
          .put("group", "authentication.k8s.io")
          .put("version", VERSION);
    }
    if (kind == ResourceKind.POD) {
      entry.putArray("categories").add("all");
      entry(resources, kind, "pods/log", List.of("get"));
      entry(resources, kind, "pods/ephemeralcontainers", List.of("get", "patch", "update"));
      entry(resources, kind, "pods/eviction", List.of("create"))
          .put("kind", "Eviction")
          .put("group", "policy")
          .put("version", VERSION);
      entry(resources, kind, "pods/exec", List.of("create", "get"));
      entry(resources, kind, "pods/attach", List.of("create", "get"));
      entry(resources, kind, "pods/portforward", List.of("create", "get"));
    }
  }

  private static ObjectNode entry(
      ArrayNode resources, ResourceKind kind, String name, List<String> verbs) {
    ObjectNode entry = resources.addObject().put("name", name).put("singularName", "");
    entry.put("namespaced", kind.namespaced()).put("kind", kind.kind());
    verbs.forEach(entry.putArray("verbs")::add);
    return entry;
  }

  private static ObjectNode object() {
    return ResourceCodec.MAPPER.createObjectNode();
  }
}
