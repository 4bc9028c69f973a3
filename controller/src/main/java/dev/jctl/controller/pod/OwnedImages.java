package dev.jctl.controller.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Image objects for references that stand directly in a container. Pure. */
final class OwnedImages {
  private OwnedImages() {}

  static ObjectNode tree(
      ObjectRef ref,
      String reference,
      @Nullable String pullPolicy,
      List<String> pullSecrets,
      StoredObject pod) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", ResourceKind.IMAGE.apiVersion());
    tree.put("kind", ResourceKind.IMAGE.kind());
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", ref.name()).put("namespace", ref.namespace());
    metadata.putArray("ownerReferences").add(owner(pod));
    ObjectNode spec = tree.putObject("spec").put("reference", reference);
    if (pullPolicy != null) {
      spec.put("pullPolicy", pullPolicy);
    }
    if (!pullSecrets.isEmpty()) {
      ArrayNode secrets = spec.putArray("imagePullSecrets");
      pullSecrets.forEach(name -> secrets.addObject().put("name", name));
    }
    return tree;
  }

  /** The Pod's own owner where it has one: the Image then outlives a Pod that is made anew. */
  static ObjectNode owner(StoredObject pod) {
    Optional<JsonNode> controller = controller(pod.tree());
    if (controller.isEmpty()) {
      return OwnerReferences.to(pod.ref(), pod.uid());
    }
    ObjectNode owner = JsonNodeFactory.instance.objectNode();
    for (String field : List.of("apiVersion", "kind", "name", "uid")) {
      owner.put(field, controller.get().path(field).asText());
    }
    return owner;
  }

  private static Optional<JsonNode> controller(JsonNode tree) {
    for (JsonNode owner : tree.path("metadata").path("ownerReferences")) {
      if (owner.path("controller").asBoolean()) {
        return Optional.of(owner);
      }
    }
    return Optional.empty();
  }

  static boolean isOwnedByAny(JsonNode image) {
    return !image.path("metadata").path("ownerReferences").isEmpty();
  }
}
