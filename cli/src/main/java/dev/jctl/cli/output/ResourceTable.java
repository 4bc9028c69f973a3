package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.reference.Selectors;
import dev.jctl.manifests.schema.Ages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Objects of one kind as a table: which columns a kind has, and what is in them. */
public final class ResourceTable {
  private static final String NONE = "<none>";

  private ResourceTable() {}

  /**
   * @param wide with the columns of {@code -o wide}
   * @param withNamespace with a first column for it
   * @param withKind names as {@code kind.group/name}
   */
  public record Style(boolean wide, boolean withNamespace, boolean withKind) {}

  private record Column(String header, boolean wideOnly, Function<JsonNode, String> cell) {}

  public static Table of(ResourceKind kind, List<JsonNode> objects, Style style, Instant now) {
    List<Column> columns = new ArrayList<>();
    if (style.withNamespace() && kind.namespaced()) {
      columns.add(column("NAMESPACE", o -> text(o, "/metadata/namespace")));
    }
    columns.addAll(
        columns(kind, style.withKind(), now).stream()
            .filter(c -> style.wide() || !c.wideOnly())
            .toList());
    return new Table(
        columns.stream().map(Column::header).toList(),
        objects.stream().map(o -> columns.stream().map(c -> c.cell().apply(o)).toList()).toList());
  }

  /** {@code container.jctl.dev/web}, as kubectl names what it has done something to. */
  public static String qualifiedName(ResourceKind kind, String name) {
    return kind.singular() + (kind.group().isEmpty() ? "" : "." + kind.group()) + "/" + name;
  }

  private static List<Column> columns(ResourceKind kind, boolean withKind, Instant now) {
    Column name =
        column(
            "NAME",
            o ->
                withKind
                    ? qualifiedName(kind, text(o, "/metadata/name"))
                    : text(o, "/metadata/name"));
    Column status = column("STATUS", Readiness::word);
    Column age =
        column("AGE", o -> Ages.since(o.at("/metadata/creationTimestamp").asText(""), now));
    return switch (kind) {
      case CONTAINER ->
          List.of(
              name,
              column("READY", o -> o.at("/status/ready").asBoolean() ? "yes" : "no"),
              status,
              column("RESTARTS", o -> o.at("/status/restartCount").asText("0")),
              age,
              wide("IMAGE", o -> text(o, "/spec/image")),
              wide("NETWORKS", ResourceTable::addresses),
              wide("PORTS", o -> ports(o.at("/spec"))),
              wide("PRIVILEGED", o -> yesNo(o.at("/spec/securityContext/privileged"))),
              wide("LAST CHANGE", o -> text(o, "/status/lastChange")));
      case POD ->
          List.of(
              name,
              column("READY", ResourceTable::readyContainers),
              status,
              column("RESTARTS", ResourceTable::restarts),
              age,
              wide("IP", o -> text(o, "/status/podIP")),
              wide(
                  "CONTAINERS",
                  o -> joined(o.at("/spec/containers"), c -> c.path("name").asText(""))),
              wide(
                  "IMAGES",
                  o -> joined(o.at("/spec/containers"), c -> c.path("image").asText(""))));
      case IMAGE ->
          List.of(
              name,
              status,
              column("SOURCE", o -> imageSource(o.path("spec"))),
              column("SIZE", o -> size(o.at("/status/sizeBytes"))),
              age,
              wide("PLATFORM", o -> text(o, "/status/platform")),
              wide("LAYERS", o -> text(o, "/status/layers")),
              wide("ID", o -> shortDigest(o.at("/status/imageID").asText(""))));
      case NETWORK ->
          List.of(
              name,
              status,
              column("SUBNETS", o -> words(o.at("/status/subnets"))),
              column("DEVICE", o -> text(o, "/status/device")),
              age,
              wide("INTERNAL", o -> yesNo(o.at("/spec/internal"))),
              wide("ATTACHED", o -> words(o.at("/status/attached"))),
              wide("LAST DRIFT", o -> text(o, "/status/drift/0/seen")));
      case VOLUME ->
          List.of(
              name,
              status,
              column("DRIVER", o -> text(o, "/spec/driver")),
              column("USED BY", o -> words(o.at("/status/usedBy"))),
              age,
              wide("CAPACITY", o -> text(o, "/spec/capacity")),
              wide("USED", o -> text(o, "/status/used")),
              wide("RECLAIM", o -> text(o, "/spec/reclaimPolicy")),
              wide("PATH", o -> text(o, "/status/path")));
      case PERSISTENT_VOLUME_CLAIM ->
          List.of(
              name,
              status,
              column("VOLUME", o -> text(o, "/spec/volumeName")),
              column("CAPACITY", o -> text(o, "/status/capacity/storage")),
              age,
              wide("ACCESS MODES", o -> words(o.at("/status/accessModes"))));
      case VOLUME_SNAPSHOT ->
          List.of(
              name,
              status,
              column("VOLUME", o -> text(o, "/spec/volume")),
              column("SIZE", o -> text(o, "/status/size")),
              column("TAKEN AT", o -> text(o, "/status/takenAt")),
              age,
              wide("RECLAIM", o -> text(o, "/spec/reclaimPolicy")),
              wide("ARCHIVE", o -> text(o, "/spec/archive")));
      case MANIFEST_SET ->
          List.of(
              name,
              status,
              column("REVISION", o -> text(o, "/status/revision")),
              column("READY", o -> text(o, "/status/ready") + "/" + text(o, "/status/objects")),
              age,
              wide("HEALTHY", o -> text(o, "/status/healthyRevision")));
      case GIT_REPOSITORY ->
          List.of(
              name,
              status,
              column("REVISION", o -> text(o, "/status/lastAppliedRevision")),
              column("MESSAGE", o -> text(o, "/status/conditions/0/message")),
              age,
              wide("URL", o -> text(o, "/spec/url")),
              wide("PATH", o -> text(o, "/spec/path")),
              wide("OBJECTS", o -> text(o, "/status/objects")));
      case MANIFEST_SOURCE ->
          List.of(
              name,
              status,
              column("REVISION", o -> text(o, "/status/lastAppliedRevision")),
              column("MESSAGE", o -> text(o, "/status/conditions/0/message")),
              age,
              wide("URL", o -> text(o, "/status/url")),
              wide("PATH", o -> text(o, "/spec/path")),
              wide("OBJECTS", o -> text(o, "/status/objects")));
      case DEPLOYMENT ->
          List.of(
              name,
              column("READY", o -> count(o, "readyReplicas") + "/" + wanted(o)),
              column("UP-TO-DATE", o -> count(o, "updatedReplicas")),
              column("AVAILABLE", o -> count(o, "availableReplicas")),
              age,
              wide("IMAGES", ResourceTable::templateImages));
      case REPLICA_SET ->
          List.of(
              name,
              column("DESIRED", ResourceTable::wanted),
              column("CURRENT", o -> count(o, "replicas")),
              column("READY", o -> count(o, "readyReplicas")),
              age,
              wide("IMAGES", ResourceTable::templateImages));
      case JOB ->
          List.of(
              name,
              status,
              column(
                  "COMPLETIONS",
                  o -> count(o, "succeeded") + "/" + o.at("/spec/completions").asText("1")),
              age,
              wide("IMAGES", ResourceTable::templateImages));
      case CRON_JOB ->
          List.of(
              name,
              column("SCHEDULE", o -> text(o, "/spec/schedule")),
              column("SUSPEND", o -> yesNo(o.at("/spec/suspend"))),
              column("ACTIVE", o -> Integer.toString(o.at("/status/active").size())),
              column(
                  "LAST SCHEDULE",
                  o -> Ages.since(o.at("/status/lastScheduleTime").asText(""), now)),
              age);
      case NAMESPACE ->
          List.of(name, column("STATUS", o -> o.at("/status/phase").asText("Active")), age);
      case NODE ->
          List.of(
              name,
              status,
              age,
              column("VERSION", o -> text(o, "/status/nodeInfo/kubeletVersion")),
              wide("KERNEL", o -> text(o, "/status/nodeInfo/kernelVersion")),
              wide("OS", o -> text(o, "/status/nodeInfo/osImage")));
      case CONFIG_MAP -> List.of(name, column("DATA", ResourceTable::keys), age);
      case SECRET ->
          List.of(
              name,
              column("TYPE", o -> text(o, "/type")),
              column("DATA", ResourceTable::keys),
              age);
      case SERVICE ->
          List.of(
              name,
              column("TYPE", o -> o.at("/spec/type").asText("ClusterIP")),
              column("CLUSTER-IP", o -> text(o, "/spec/clusterIP")),
              column("PORTS", o -> servicePorts(o.at("/spec/ports"))),
              age,
              wide("STATUS", o -> text(o, "/status/conditions/0/message")));
      case ENDPOINTS ->
          List.of(
              name,
              column(
                  "ADDRESSES",
                  o -> joined(o.at("/subsets/0/addresses"), a -> a.path("ip").asText())),
              age);
      case ENDPOINT_SLICE ->
          List.of(
              name,
              column("ADDRESSTYPE", o -> text(o, "/addressType")),
              column("PORTS", o -> joined(o.path("ports"), p -> p.path("port").asText())),
              column(
                  "ENDPOINTS",
                  o -> joined(o.path("endpoints"), e -> e.at("/addresses/0").asText())),
              age);
      case NETWORK_POLICY ->
          List.of(name, column("POD-SELECTOR", o -> selector(o.at("/spec/podSelector"))), age);
      case LEASE -> List.of(name, column("HOLDER", o -> text(o, "/spec/holderIdentity")), age);
      case SERVICE_ACCOUNT, ROLE, CLUSTER_ROLE -> List.of(name, age);
      case ROLE_BINDING, CLUSTER_ROLE_BINDING ->
          List.of(
              name,
              column("ROLE", o -> text(o, "/roleRef/kind") + "/" + text(o, "/roleRef/name")),
              age,
              wide(
                  "SUBJECTS",
                  o ->
                      joined(
                          o.path("subjects"),
                          s -> s.path("kind").asText() + "/" + s.path("name").asText())));
      case EVENT ->
          List.of(
              column("LAST SEEN", o -> Ages.since(lastSeen(o), now)),
              column("TYPE", o -> text(o, "/type")),
              column("REASON", o -> text(o, "/reason")),
              column("OBJECT", ResourceTable::involved),
              column("MESSAGE", o -> text(o, "/message")),
              wide("COUNT", o -> o.path("count").asText("1")));
    };
  }

  private static String count(JsonNode object, String field) {
    return object.path("status").path(field).asText("0");
  }

  private static String wanted(JsonNode object) {
    return object.at("/spec/replicas").asText("1");
  }

  private static String templateImages(JsonNode object) {
    return joined(object.at("/spec/template/spec/containers"), c -> c.path("image").asText(""));
  }

  private static String keys(JsonNode object) {
    return Integer.toString(object.path("data").size() + object.path("binaryData").size());
  }

  /** When an Event last happened, RFC 3339. */
  public static String lastSeen(JsonNode event) {
    return Stream.of(
            "/lastTimestamp", "/eventTime", "/firstTimestamp", "/metadata/creationTimestamp")
        .map(p -> event.at(p).asText(""))
        .filter(t -> !t.isEmpty() && !t.equals("null"))
        .findFirst()
        .orElse("");
  }

  /** {@code 12.3MB}, as Docker writes sizes. */
  public static String size(JsonNode bytes) {
    if (!bytes.isNumber()) {
      return NONE;
    }
    double size = bytes.asDouble();
    for (String unit : List.of("B", "kB", "MB", "GB")) {
      if (size < 1000) {
        return unit.equals("B") ? (long) size + unit : String.format("%.1f%s", size, unit);
      }
      size /= 1000;
    }
    return String.format("%.1fTB", size);
  }

  private static Column column(String header, Function<JsonNode, String> cell) {
    return new Column(header, false, cell);
  }

  private static Column wide(String header, Function<JsonNode, String> cell) {
    return new Column(header, true, cell);
  }

  private static String text(JsonNode object, String pointer) {
    String text = object.at(pointer).asText("");
    return text.isEmpty() || object.at(pointer).isNull() ? NONE : text;
  }

  private static String yesNo(JsonNode value) {
    return value.asBoolean(false) ? "yes" : "no";
  }

  private static String words(JsonNode list) {
    return joined(list, JsonNode::asText);
  }

  private static String joined(Iterable<JsonNode> list, Function<JsonNode, String> item) {
    String all =
        String.join(
            ",",
            StreamSupport.stream(list.spliterator(), false)
                .map(item)
                .filter(s -> !s.isEmpty())
                .toList());
    return all.isEmpty() ? NONE : all;
  }

  private static String addresses(JsonNode container) {
    return joined(
        container.at("/status/networks"),
        n -> n.path("name").asText("") + (n.hasNonNull("ip") ? "=" + n.path("ip").asText() : ""));
  }

  /** {@code 8080->80/TCP}, {@code 443/TCP}, {@code 8000-8010:8000-8010}. */
  private static String ports(JsonNode container) {
    List<JsonNode> all = new ArrayList<>();
    container.path("ports").forEach(all::add);
    container.path("publish").forEach(all::add);
    return joined(all, p -> p.isTextual() ? p.textValue() : port(p));
  }

  private static String port(JsonNode p) {
    return (p.hasNonNull("hostPort") ? p.path("hostPort").asText() + "->" : "")
        + p.path("containerPort").asText()
        + "/"
        + p.path("protocol").asText("TCP");
  }

  private static String servicePorts(JsonNode ports) {
    return joined(
        ports,
        p ->
            p.path("port").asText()
                + (p.hasNonNull("nodePort") ? ":" + p.path("nodePort").asText() : "")
                + "/"
                + p.path("protocol").asText("TCP"));
  }

  private static String selector(JsonNode selector) {
    String text = Selectors.text(selector);
    return text.isEmpty() ? NONE : text;
  }

  private static String readyContainers(JsonNode pod) {
    int ready = 0;
    for (JsonNode c : pod.at("/status/containerStatuses")) {
      ready += c.path("ready").asBoolean() ? 1 : 0;
    }
    return ready + "/" + pod.at("/spec/containers").size();
  }

  private static String restarts(JsonNode pod) {
    int restarts = 0;
    for (JsonNode c : pod.at("/status/containerStatuses")) {
      restarts += c.path("restartCount").asInt();
    }
    return Integer.toString(restarts);
  }

  private static String imageSource(JsonNode spec) {
    if (spec.hasNonNull("reference")) {
      return spec.path("reference").asText();
    } else if (spec.hasNonNull("archive")) {
      return "archive " + spec.at("/archive/path").asText();
    } else if (spec.hasNonNull("rootfs")) {
      return "rootfs " + spec.at("/rootfs/path").asText();
    } else if (spec.hasNonNull("build")) {
      return "build " + spec.at("/build/context").asText();
    } else if (spec.hasNonNull("commit")) {
      return "commit of " + spec.at("/commit/pod").asText();
    } else if (spec.hasNonNull("imageID")) {
      return shortDigest(spec.path("imageID").asText());
    } else if (spec.hasNonNull("manifestDigest")) {
      return shortDigest(spec.path("manifestDigest").asText());
    }
    return spec.path("files").size() + " files";
  }

  private static String shortDigest(String digest) {
    return digest.isEmpty() ? NONE : digest.substring(0, Math.min(digest.length(), 19));
  }

  private static String involved(JsonNode event) {
    JsonNode o = event.path("involvedObject");
    return o.path("kind").asText("").toLowerCase(java.util.Locale.ROOT)
        + "/"
        + o.path("name").asText("");
  }
}
