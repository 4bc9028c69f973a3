package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Ages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The columns of each kind's table. */
final class Columns {
  private Columns() {}

  /**
   * @param priority 1: only with {@code -o wide}
   * @param cell of an object, at a time
   */
  record Column(
      String name,
      String type,
      String format,
      int priority,
      BiFunction<JsonNode, Instant, JsonNode> cell) {}

  static List<Column> of(ResourceKind kind) {
    return switch (kind) {
      case IMAGE ->
          List.of(
              name(),
              text("Phase", o -> phase(o)),
              text("Source", Columns::imageSource),
              text("Size", o -> size(o.path("status").path("sizeBytes").asLong())),
              age(),
              wide("Image ID", o -> at(o, "status", "imageID")),
              wide("Platform", o -> at(o, "status", "platform")),
              wide("Layers", o -> at(o, "status", "layers")));
      case CONTAINER ->
          List.of(
              name(),
              text("Ready", o -> o.path("status").path("ready").asBoolean() ? "true" : "false"),
              text("Status", o -> phase(o)),
              number("Restarts", o -> o.path("status").path("restartCount").asInt()),
              text("Image", o -> at(o, "spec", "image")),
              age(),
              wide(
                  "IP",
                  o -> joined(o.path("status").path("networks"), n -> n.path("ip").asText(""))),
              wide("Ports", o -> ports(o.path("spec"))),
              wide("Last Change", o -> at(o, "status", "lastChange")));
      case NETWORK ->
          List.of(
              name(),
              text("Phase", o -> phase(o)),
              text("Subnets", o -> joined(o.path("status").path("subnets"), JsonNode::asText)),
              number("Attached", o -> o.path("status").path("attached").size()),
              age(),
              wide("Device", o -> at(o, "status", "device")),
              wide("Gateways", o -> joined(o.path("status").path("gateways"), JsonNode::asText)),
              wide("Last Drift", o -> o.at("/status/drift/0/seen").asText("")));
      case VOLUME ->
          List.of(
              name(),
              text("Phase", o -> phase(o)),
              text("Driver", o -> at(o, "spec", "driver")),
              text("Capacity", o -> at(o, "spec", "capacity")),
              text("Used By", o -> joined(o.path("status").path("usedBy"), JsonNode::asText)),
              age(),
              wide("Used", o -> at(o, "status", "used")),
              wide("Reclaim Policy", o -> at(o, "spec", "reclaimPolicy")),
              wide("Path", o -> at(o, "status", "path")));
      case PERSISTENT_VOLUME_CLAIM ->
          List.of(
              name(),
              text("Status", o -> phase(o)),
              text("Volume", o -> at(o, "spec", "volumeName")),
              text("Capacity", o -> o.at("/status/capacity/storage").asText()),
              text("Access Modes", o -> joined(o.at("/status/accessModes"), Columns::accessMode)),
              text("StorageClass", o -> at(o, "spec", "storageClassName")),
              age());
      case VOLUME_SNAPSHOT ->
          List.of(
              name(),
              text("Phase", o -> phase(o)),
              text("Volume", o -> at(o, "spec", "volume")),
              text("Size", o -> at(o, "status", "size")),
              text("Taken At", o -> at(o, "status", "takenAt")),
              age(),
              wide("Reclaim Policy", o -> at(o, "spec", "reclaimPolicy")),
              wide("Archive", o -> at(o, "spec", "archive")));
      case MANIFEST_SET ->
          List.of(
              name(),
              text("Phase", o -> phase(o)),
              text("Revision", o -> at(o, "status", "revision")),
              text("Ready", o -> at(o, "status", "ready") + "/" + at(o, "status", "objects")),
              age(),
              wide("Healthy", o -> at(o, "status", "healthyRevision")));
      case GIT_REPOSITORY ->
          List.of(
              name(),
              text("Phase", o -> phase(o)),
              text("Revision", o -> at(o, "status", "lastAppliedRevision")),
              text(
                  "Message",
                  o -> o.path("status").path("conditions").path(0).path("message").asText()),
              age(),
              wide("URL", o -> at(o, "spec", "url")),
              wide("Path", o -> at(o, "spec", "path")),
              wide("Objects", o -> at(o, "status", "objects")));
      case MANIFEST_SOURCE ->
          List.of(
              name(),
              text("Phase", o -> phase(o)),
              text("Revision", o -> at(o, "status", "lastAppliedRevision")),
              text(
                  "Message",
                  o -> o.path("status").path("conditions").path(0).path("message").asText()),
              age(),
              wide("URL", o -> at(o, "status", "url")),
              wide("Path", o -> at(o, "spec", "path")),
              wide("Objects", o -> at(o, "status", "objects")));
      case POD ->
          List.of(
              name(),
              text("Ready", Columns::podReady),
              text("Status", Columns::podStatus),
              number("Restarts", Columns::podRestarts),
              age(),
              wide("IP", o -> at(o, "status", "podIP")),
              wide("Node", o -> at(o, "spec", "nodeName")),
              wide("Nominated Node", o -> at(o, "status", "nominatedNodeName")),
              wide("Readiness Gates", Columns::readinessGates));
      case DEPLOYMENT, REPLICA_SET, JOB, CRON_JOB -> WorkloadColumns.of(kind);
      case NAMESPACE -> List.of(name(), text("Status", o -> phase(o)), age());
      case NODE ->
          List.of(
              name(),
              text("Status", Columns::nodeStatus),
              text("Roles", o -> "<none>"),
              age(),
              text("Version", o -> nodeInfo(o, "kubeletVersion")),
              wide("Internal-IP", o -> nodeAddress(o)),
              wide("External-IP", o -> ""),
              wide("OS-Image", o -> nodeInfo(o, "osImage")),
              wide("Kernel-Version", o -> nodeInfo(o, "kernelVersion")),
              wide("Container-Runtime", o -> nodeInfo(o, "containerRuntimeVersion")));
      case CONFIG_MAP ->
          List.of(
              name(),
              number("Data", o -> o.path("data").size() + o.path("binaryData").size()),
              age());
      case SECRET ->
          List.of(
              name(),
              text("Type", Columns::type),
              number("Data", o -> o.path("data").size()),
              age());
      case SERVICE_ACCOUNT ->
          List.of(name(), number("Secrets", o -> o.path("secrets").size()), age());
      case SERVICE -> NetworkColumns.service();
      case ENDPOINTS -> NetworkColumns.endpoints();
      case ENDPOINT_SLICE -> NetworkColumns.endpointSlice();
      case NETWORK_POLICY -> NetworkColumns.networkPolicy();
      case LEASE -> List.of(name(), text("Holder", o -> at(o, "spec", "holderIdentity")), age());
      case ROLE, CLUSTER_ROLE -> List.of(name(), created());
      case ROLE_BINDING, CLUSTER_ROLE_BINDING ->
          List.of(
              name(),
              text("Role", o -> at(o, "roleRef", "kind") + "/" + at(o, "roleRef", "name")),
              age(),
              wideOrEmpty("Users", o -> subjects(o, "User")),
              wideOrEmpty("Groups", o -> subjects(o, "Group")),
              wideOrEmpty("ServiceAccounts", o -> subjects(o, "ServiceAccount")));
      case EVENT ->
          List.of(
              since("Last Seen", "lastTimestamp"),
              text("Type", Columns::type),
              text("Reason", o -> o.path("reason").asText()),
              text("Object", Columns::involved),
              wideOrEmpty("Subobject", o -> at(o, "involvedObject", "fieldPath")),
              wideOrEmpty("Source", Columns::eventSource),
              text("Message", o -> o.path("message").asText().strip()),
              new Column(
                  "First Seen", "string", "", 1, (o, now) -> sinceField(o, "firstTimestamp", now)),
              wide("Count", o -> o.path("count").asText("1")),
              wide("Name", o -> at(o, "metadata", "name")));
    };
  }

  static Column name() {
    return new Column(
        "Name", "string", "name", 0, (o, now) -> TextNode.valueOf(at(o, "metadata", "name")));
  }

  static Column age() {
    return new Column(
        "Age",
        "string",
        "",
        0,
        (o, now) ->
            TextNode.valueOf(
                Ages.since(o.path("metadata").path("creationTimestamp").asText(), now)));
  }

  private static Column created() {
    return new Column(
        "Created At",
        "date",
        "",
        0,
        (o, now) -> TextNode.valueOf(at(o, "metadata", "creationTimestamp")));
  }

  private static Column since(String name, String field) {
    return new Column(name, "string", "", 0, (o, now) -> sinceField(o, field, now));
  }

  private static JsonNode sinceField(JsonNode object, String field, Instant now) {
    return TextNode.valueOf(Ages.since(object.path(field).asText(), now));
  }

  static Column text(String name, Function<JsonNode, String> cell) {
    return new Column(name, "string", "", 0, (o, now) -> TextNode.valueOf(cell.apply(o)));
  }

  static Column wide(String name, Function<JsonNode, String> cell) {
    return new Column(name, "string", "", 1, (o, now) -> TextNode.valueOf(orNone(cell.apply(o))));
  }

  /** Nothing where there is nothing, as Kubernetes has it in some columns. */
  private static Column wideOrEmpty(String name, Function<JsonNode, String> cell) {
    return new Column(name, "string", "", 1, (o, now) -> TextNode.valueOf(cell.apply(o)));
  }

  static Column number(String name, Function<JsonNode, Integer> cell) {
    return new Column(name, "integer", "", 0, (o, now) -> IntNode.valueOf(cell.apply(o)));
  }

  static String orNone(String text) {
    return text.isEmpty() ? "<none>" : text;
  }

  private static String at(JsonNode object, String part, String field) {
    return object.path(part).path(field).asText("");
  }

  private static String nodeInfo(JsonNode node, String field) {
    return node.path("status").path("nodeInfo").path(field).asText("");
  }

  private static String nodeAddress(JsonNode node) {
    return joined(
        node.path("status").path("addresses"),
        a -> a.path("type").asText().equals("InternalIP") ? a.path("address").asText() : "");
  }

  /** As kubectl shows it. */
  private static String nodeStatus(JsonNode node) {
    boolean cordoned = node.path("spec").path("unschedulable").asBoolean();
    return (isTrue(node, "Ready") ? "Ready" : "NotReady") + (cordoned ? ",SchedulingDisabled" : "");
  }

  private static String type(JsonNode object) {
    return object.path("type").asText();
  }

  /** As kubectl shows it. */
  private static String accessMode(JsonNode mode) {
    return switch (mode.asText()) {
      case "ReadWriteOnce" -> "RWO";
      case "ReadOnlyMany" -> "ROX";
      case "ReadWriteMany" -> "RWX";
      case "ReadWriteOncePod" -> "RWOP";
      default -> mode.asText();
    };
  }

  private static String phase(JsonNode object) {
    if (object.path("metadata").hasNonNull("deletionTimestamp")) {
      return "Terminating";
    }
    String phase = at(object, "status", "phase");
    return phase.isEmpty() ? "Pending" : phase;
  }

  static String joined(JsonNode list, Function<JsonNode, String> item) {
    List<String> items = new ArrayList<>();
    for (JsonNode node : list) {
      String text = item.apply(node);
      if (!text.isEmpty()) {
        items.add(text);
      }
    }
    return String.join(",", items);
  }

  /** Those of a binding that are of that kind. */
  private static String subjects(JsonNode binding, String kind) {
    return joined(
        binding.path("subjects"),
        s -> {
          boolean fits = s.path("kind").asText().equals(kind);
          String namespace = s.path("namespace").asText("");
          String name = s.path("name").asText();
          return !fits ? "" : namespace.isEmpty() ? name : namespace + "/" + name;
        });
  }

  private static String eventSource(JsonNode event) {
    String host = at(event, "source", "host");
    return at(event, "source", "component") + (host.isEmpty() ? "" : ", " + host);
  }

  /** How many of the conditions that a Pod waits for are true, of how many. */
  private static String readinessGates(JsonNode pod) {
    JsonNode gates = pod.path("spec").path("readinessGates");
    if (gates.isEmpty()) {
      return "";
    }
    long met =
        gates.valueStream().filter(g -> isTrue(pod, g.path("conditionType").asText())).count();
    return met + "/" + gates.size();
  }

  private static boolean isTrue(JsonNode object, String condition) {
    return object
        .path("status")
        .path("conditions")
        .valueStream()
        .anyMatch(
            c ->
                c.path("type").asText().equals(condition)
                    && c.path("status").asText().equals("True"));
  }

  private static String ports(JsonNode container) {
    return Stream.of(
            joined(container.path("ports"), Columns::port),
            joined(container.path("publish"), JsonNode::asText))
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining(","));
  }

  private static String port(JsonNode port) {
    String host = port.hasNonNull("hostPort") ? port.path("hostPort").asText() + ":" : "";
    return host + port.path("containerPort").asText() + "/" + port.path("protocol").asText("TCP");
  }

  private static String imageSource(JsonNode image) {
    JsonNode spec = image.path("spec");
    if (spec.hasNonNull("reference")) {
      return spec.path("reference").asText();
    }
    if (spec.hasNonNull("build")) {
      return "build:" + spec.path("build").path("context").asText("");
    }
    if (spec.hasNonNull("archive")) {
      return "archive:" + spec.path("archive").path("path").asText();
    }
    return spec.hasNonNull("rootfs")
        ? "rootfs:" + spec.path("rootfs").path("path").asText()
        : "files";
  }

  private static String size(long bytes) {
    if (bytes < 1000) {
      return bytes == 0 ? "" : bytes + "B";
    }
    return bytes < 1_000_000
        ? bytes / 1000 + "kB"
        : String.format(java.util.Locale.ROOT, "%.1fMB", bytes / 1e6);
  }

  private static String involved(JsonNode event) {
    JsonNode object = event.path("involvedObject");
    return object.path("kind").asText().toLowerCase(java.util.Locale.ROOT)
        + "/"
        + object.path("name").asText();
  }

  private static String podReady(JsonNode pod) {
    int ready = 0;
    for (JsonNode c : pod.path("status").path("containerStatuses")) {
      ready += c.path("ready").asBoolean() ? 1 : 0;
    }
    return ready + "/" + pod.path("spec").path("containers").size();
  }

  private static int podRestarts(JsonNode pod) {
    int restarts = 0;
    for (JsonNode c : pod.path("status").path("containerStatuses")) {
      restarts += c.path("restartCount").asInt();
    }
    return restarts;
  }

  private static boolean isPaused(JsonNode pod) {
    return pod.at("/status/conditions")
        .valueStream()
        .anyMatch(c -> type(c).equals("Ready") && c.path("reason").asText().equals("Paused"));
  }

  /** The phase, or the reason that says more; as kubectl shows it. */
  private static String podStatus(JsonNode pod) {
    String status = phase(pod);
    if (status.equals("Terminating")) {
      return status;
    }
    if (pod.path("status").hasNonNull("reason")) {
      return pod.path("status").path("reason").asText();
    }
    if (isPaused(pod)) {
      return "Paused";
    }
    JsonNode inits = pod.path("status").path("initContainerStatuses");
    for (int i = 0; i < inits.size(); i++) {
      JsonNode state = inits.get(i).path("state");
      if (state.path("terminated").path("exitCode").asInt(-1) != 0) {
        String reason = reason(state, "");
        boolean plain = reason.isEmpty() || reason.equals("PodInitializing");
        return "Init:"
            + (plain ? i + "/" + pod.path("spec").path("initContainers").size() : reason);
      }
    }
    for (JsonNode c : pod.path("status").path("containerStatuses")) {
      status = reason(c.path("state"), status);
    }
    return status;
  }

  private static String reason(JsonNode state, String otherwise) {
    String waiting = state.path("waiting").path("reason").asText("");
    String terminated = state.path("terminated").path("reason").asText("");
    return !waiting.isEmpty() ? waiting : !terminated.isEmpty() ? terminated : otherwise;
  }
}
