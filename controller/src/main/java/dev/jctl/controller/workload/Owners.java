package dev.jctl.controller.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.controller.resources.StoredObject;
import java.util.Optional;

/** Owner references with {@code controller}: of those there is at most one. Pure. */
public final class Owners {
  private Owners() {}

  /** Of who made an object and sees to it. */
  public static Optional<JsonNode> controllerOf(JsonNode object) {
    return object
        .path("metadata")
        .path("ownerReferences")
        .valueStream()
        .filter(owner -> owner.path("controller").asBoolean())
        .findFirst();
  }

  public static boolean isControlledBy(StoredObject object, StoredObject owner) {
    return controllerOf(object.tree())
        .filter(reference -> reference.path("uid").asText().equals(owner.uid()))
        .isPresent();
  }

  public static ObjectNode reference(StoredObject owner) {
    return OwnerReferences.toController(owner).put("blockOwnerDeletion", true);
  }

  public static void adopt(ObjectNode object, StoredObject owner) {
    object.withObject("/metadata").withArray("ownerReferences").add(reference(owner));
  }

  public static void release(ObjectNode object, StoredObject owner) {
    ObjectNode metadata = object.withObject("/metadata");
    ArrayNode kept = metadata.arrayNode();
    metadata
        .path("ownerReferences")
        .valueStream()
        .filter(reference -> !reference.path("uid").asText().equals(owner.uid()))
        .forEach(kept::add);
    if (kept.isEmpty()) {
      metadata.remove("ownerReferences");
    } else {
      metadata.set("ownerReferences", kept);
    }
  }
}
