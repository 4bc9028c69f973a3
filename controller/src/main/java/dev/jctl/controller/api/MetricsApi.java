package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.usage.RunningContainer;
import dev.jctl.controller.usage.Usages;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** metrics.k8s.io/v1beta1: what {@code kubectl top} shows. */
final class MetricsApi {
  static final String GROUP = "metrics.k8s.io";
  static final String VERSION = "v1beta1";
  private static final String API_VERSION = GROUP + "/" + VERSION;

  private final ResourceCache cache;
  private final Usages usages;
  private final Clock clock;

  MetricsApi(ResourceCache cache, Usages usages, Clock clock) {
    this.cache = cache;
    this.usages = usages;
    this.clock = clock;
  }

  ApiReply reply(ApiTarget.Metrics target, ApiRequest request) {
    Selection selection =
        Selection.of(new ApiTarget.Collection(target.kind(), target.namespace()), request.query());
    List<StoredObject> objects =
        objects(target).stream().filter(o -> selection.matches(o.tree())).toList();
    List<ObjectNode> items = measured(target, objects);
    if (target.name() == null) {
      ObjectNode list = ResourceCodec.MAPPER.createObjectNode();
      list.put("kind", kind(target) + "List").put("apiVersion", API_VERSION).putObject("metadata");
      list.putArray("items").addAll(items);
      return ApiReply.json(200, list);
    }
    return ApiReply.json(200, items.stream().findFirst().orElseThrow(() -> notFound(target)));
  }

  private static ApiException notFound(ApiTarget.Metrics target) {
    return new ApiException(
        Reason.NOT_FOUND,
        target.kind().plural() + "." + GROUP + " \"" + target.name() + "\" not found",
        null,
        List.of());
  }

  private static String kind(ApiTarget.Metrics target) {
    return target.kind().kind() + "Metrics";
  }

  private List<StoredObject> objects(ApiTarget.Metrics target) {
    if (target.name() == null) {
      return cache.list(target.kind(), target.namespace());
    }
    String namespace = target.namespace() == null ? "" : target.namespace();
    return cache.find(new ObjectRef(target.kind(), namespace, target.name())).stream().toList();
  }

  private List<ObjectNode> measured(ApiTarget.Metrics target, List<StoredObject> objects) {
    try {
      return target.kind() == ResourceKind.NODE ? nodes(objects) : pods(objects);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(Reason.INTERNAL_ERROR, "the server is stopping", null, List.of());
    }
  }

  private List<ObjectNode> nodes(List<StoredObject> nodes) throws InterruptedException {
    Usages.Rate rate = usages.ofMachine();
    List<ObjectNode> items = new ArrayList<>();
    for (StoredObject node : nodes) {
      ObjectNode item = item("NodeMetrics", node, rate.window());
      item.set("usage", usage(rate));
      items.add(item);
    }
    return items;
  }

  /** Of Pods of which something runs. */
  private List<ObjectNode> pods(List<StoredObject> pods) throws InterruptedException {
    Map<RunningContainer, Usages.Rate> rates = usages.of(RunningContainer.ofAll(pods));
    List<ObjectNode> items = new ArrayList<>();
    for (StoredObject pod : pods) {
      List<RunningContainer> measured =
          RunningContainer.of(pod).stream().filter(rates::containsKey).toList();
      if (!measured.isEmpty()) {
        items.add(pod(pod, measured, rates));
      }
    }
    return items;
  }

  private ObjectNode pod(
      StoredObject pod, List<RunningContainer> measured, Map<RunningContainer, Usages.Rate> rates) {
    ObjectNode item =
        item("PodMetrics", pod, Objects.requireNonNull(rates.get(measured.getFirst())).window());
    ArrayNode containers = item.putArray("containers");
    for (RunningContainer container : measured) {
      containers
          .addObject()
          .put("name", container.name())
          .set("usage", usage(Objects.requireNonNull(rates.get(container))));
    }
    return item;
  }

  private ObjectNode item(String kind, StoredObject object, Duration window) {
    ObjectNode item = ResourceCodec.MAPPER.createObjectNode();
    item.put("kind", kind).put("apiVersion", API_VERSION);
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    ObjectNode metadata = item.putObject("metadata").put("name", object.ref().name());
    if (object.ref().kind().namespaced()) {
      metadata.put("namespace", object.ref().namespace());
    }
    metadata.put("creationTimestamp", now);
    if (object.tree().path("metadata").has("labels")) {
      metadata.set("labels", object.tree().path("metadata").get("labels"));
    }
    return item.put("timestamp", now).put("window", window.toMillis() + "ms");
  }

  private static ObjectNode usage(Usages.Rate rate) {
    return ResourceCodec.MAPPER
        .createObjectNode()
        .put("cpu", rate.cpuNanos() + "n")
        .put("memory", (rate.memoryBytes() >> 10) + "Ki");
  }
}
