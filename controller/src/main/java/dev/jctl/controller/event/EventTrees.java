package dev.jctl.controller.event;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/** Event objects as trees. Pure. */
final class EventTrees {
  static final String COMPONENT = "jctl-controller";

  private EventTrees() {}

  /** What happened: the same thing again has an equal value. */
  record Happening(
      ObjectRef about, String uid, EventRecorder.Type type, String reason, String message) {

    /** Events of one happening share a name, so that a second one finds the first. */
    ObjectRef ref() {
      String all = uid + '\n' + type + '\n' + reason + '\n' + message;
      String hash = UUID.nameUUIDFromBytes(all.getBytes(StandardCharsets.UTF_8)).toString();
      String namespace = about.namespace().isEmpty() ? "default" : about.namespace();
      String suffix = "." + hash.substring(0, 8) + hash.substring(9, 13);
      return new ObjectRef(ResourceKind.EVENT, namespace, about.name() + suffix);
    }
  }

  static ObjectNode first(Happening what, Instant now, String host) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", ResourceKind.EVENT.apiVersion());
    tree.put("kind", ResourceKind.EVENT.kind());
    tree.putObject("metadata")
        .put("name", what.ref().name())
        .put("namespace", what.ref().namespace());
    ObjectNode involved = tree.putObject("involvedObject");
    involved.put("apiVersion", what.about().kind().apiVersion());
    involved.put("kind", what.about().kind().kind());
    if (!what.about().namespace().isEmpty()) {
      involved.put("namespace", what.about().namespace());
    }
    involved.put("name", what.about().name()).put("uid", what.uid());
    tree.put("reason", what.reason()).put("message", what.message());
    tree.put("type", what.type().text()).put("count", 1);
    tree.put("firstTimestamp", Times.text(now)).put("lastTimestamp", Times.text(now));
    tree.putObject("source").put("component", COMPONENT).put("host", host);
    tree.put("reportingComponent", COMPONENT);
    return tree;
  }

  static void again(ObjectNode tree, Instant now) {
    tree.put("count", tree.path("count").asInt(1) + 1);
    tree.put("lastTimestamp", Times.text(now));
  }
}
