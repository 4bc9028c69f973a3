package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.Trees;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.WriteGuard;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code pods/NAME/ephemeralcontainers}: containers that are put into a Pod that runs, which only
 * this subresource does. Pure.
 */
final class EphemeralWrites {
  private static final String LIST = "ephemeralContainers";

  /** What the subresource was before Kubernetes 1.22: kubectl of that time still sends it. */
  private static final String OLD_KIND = "EphemeralContainers";

  private EphemeralWrites() {}

  /** As {@code guard}, and for a write that is not of the subresource. */
  static WriteGuard untouched(WriteGuard guard) {
    return (ref, before, after) -> {
      if (ref.kind() == ResourceKind.POD && !of(before).equals(of(after))) {
        throw ApiException.invalid(
            ref,
            List.of(
                new FieldError(
                    "spec." + LIST,
                    FieldError.Type.FORBIDDEN,
                    "can only be changed by the subresource ephemeralcontainers of a Pod that is"
                        + " there (kubectl debug)")));
      }
      guard.check(ref, before, after);
    };
  }

  private static JsonNode of(@Nullable ObjectNode pod) {
    JsonNode list = pod == null ? null : pod.path("spec").get(LIST);
    return list == null ? ResourceCodec.MAPPER.createArrayNode() : list;
  }

  /** {@code old} with the ephemeral containers of {@code changed}, and nothing else of it. */
  static ObjectNode grafted(ObjectNode old, ObjectNode changed) {
    ObjectNode grafted = old.deepCopy();
    JsonNode version = changed.path("metadata").path("resourceVersion");
    if (version.isTextual()) {
      Trees.objectAt(grafted, "metadata").set("resourceVersion", version);
    }
    Trees.objectAt(grafted, "spec").set(LIST, of(changed));
    return grafted;
  }

  /** What a PUT has, as a Pod that has nothing else. */
  static ObjectNode pod(ObjectRef ref, ObjectNode body) {
    if (!body.path("kind").asText("").equals(OLD_KIND)) {
      return body;
    }
    ObjectNode pod = ResourceCodec.MAPPER.createObjectNode();
    pod.put("apiVersion", ref.kind().apiVersion()).put("kind", ref.kind().kind());
    pod.putObject("spec").set(LIST, body.path(LIST));
    return pod;
  }

  /**
   * The Pod that a PUT asks for. Of the older form, which knows only what it adds as it cannot read
   * a Pod, what is there already stays.
   */
  static ObjectNode put(ObjectNode old, ObjectNode body) {
    if (!body.path("kind").asText("").equals(OLD_KIND)) {
      return body.deepCopy();
    }
    Set<String> named = new HashSet<>();
    body.path(LIST).forEach(c -> named.add(c.path("name").asText()));
    ArrayNode all = ResourceCodec.MAPPER.createArrayNode();
    of(old).forEach(c -> keep(c, named, all));
    body.path(LIST).forEach(all::add);
    ObjectNode pod = old.deepCopy();
    Trees.objectAt(pod, "spec").set(LIST, all);
    return pod;
  }

  private static void keep(JsonNode container, Set<String> named, ArrayNode all) {
    if (!named.contains(container.path("name").asText())) {
      all.add(container);
    }
  }
}
