package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.ObjectMeta;

/** Entries of {@code metadata.ownerReferences} (OwnerReference of Kubernetes' meta/v1). Pure. */
public final class OwnerReferences {
  private OwnerReferences() {}

  /** Of an owner that does not see to what it owns. */
  public static ObjectNode to(ObjectRef owner, String uid) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("apiVersion", owner.kind().apiVersion())
        .put("kind", owner.kind().kind())
        .put("name", owner.name())
        .put("uid", uid);
  }

  /** Of one that does: an object has at most one. */
  public static ObjectNode toController(StoredObject owner) {
    return to(owner.ref(), owner.uid()).put("controller", true);
  }

  /** Whether an object has an owner of that uid. */
  public static boolean include(JsonNode object, String uid) {
    return object
        .path("metadata")
        .path("ownerReferences")
        .valueStream()
        .anyMatch(owner -> owner.path("uid").asText().equals(uid));
  }

  /** Whether an object has an owner of that kind. */
  public static boolean include(ObjectMeta object, ResourceKind kind) {
    return object.getOwnerReferences().stream()
        .anyMatch(owner -> owner.getKind().equals(kind.kind()));
  }
}
