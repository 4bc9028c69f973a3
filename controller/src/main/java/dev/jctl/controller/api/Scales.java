package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.JsonPatch;
import dev.jctl.controller.merge.MergePatch;
import dev.jctl.controller.merge.PatchException;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Cause;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.reference.Selectors;
import java.util.List;

/** autoscaling/v1 Scale: how many of an object there are, and nothing else of it. Pure. */
final class Scales {
  private static final String API_VERSION = "autoscaling/v1";

  private Scales() {}

  static ObjectNode of(StoredObject object) {
    return of(object.tree());
  }

  private static ObjectNode of(ObjectNode object) {
    JsonNode metadata = object.path("metadata");
    ObjectNode scale = ResourceCodec.MAPPER.createObjectNode();
    scale.put("kind", "Scale").put("apiVersion", API_VERSION);
    ObjectNode own = scale.putObject("metadata");
    for (String field :
        List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
      if (metadata.hasNonNull(field)) {
        own.set(field, metadata.get(field));
      }
    }
    scale.putObject("spec").put("replicas", object.path("spec").path("replicas").asInt(1));
    scale
        .putObject("status")
        .put("replicas", object.path("status").path("replicas").asInt(0))
        .put("selector", Selectors.text(object.path("spec").path("selector")));
    return scale;
  }

  /** {@code object} with the number that a Scale asks for. */
  static ObjectNode replaced(ObjectRef ref, ObjectNode object, ObjectNode scale) {
    JsonNode replicas = scale.path("spec").path("replicas");
    if (!replicas.isMissingNode() && !replicas.isInt()) {
      throw invalid(ref, replicas);
    }
    // a Scale without a number asks for none, as with Kubernetes
    object.withObject("/spec").put("replicas", replicas.asInt(0));
    JsonNode version = scale.path("metadata").path("resourceVersion");
    if (version.isTextual()) {
      object.withObject("/metadata").set("resourceVersion", version);
    }
    return object;
  }

  /** The same by a patch of the Scale. */
  static ObjectNode patched(ObjectRef ref, ObjectNode object, String type, JsonNode patch) {
    ObjectNode scale = of(object);
    try {
      JsonNode patched =
          switch (type) {
            case "application/json-patch+json" -> JsonPatch.apply(scale, patch);
            // there are no lists in it: these three are one
            case "application/merge-patch+json",
                "application/strategic-merge-patch+json",
                ObjectWrites.APPLY_PATCH ->
                MergePatch.apply(scale, patch);
            default -> throw RequestBodies.unsupported(ObjectWrites.PATCH_TYPES);
          };
      return replaced(ref, object, RequestBodies.asObject(patched));
    } catch (PatchException e) {
      throw new ApiException(
          Reason.INVALID, "the patch cannot be applied: " + e.getMessage(), ref, List.of());
    }
  }

  private static ApiException invalid(ObjectRef ref, JsonNode replicas) {
    String message = "Invalid value: " + replicas + ": must be a whole number from 0";
    return new ApiException(
        Reason.INVALID,
        "Scale.autoscaling \"" + ref.name() + "\" is invalid: spec.replicas: " + message,
        ref,
        List.of(new Cause("FieldValueInvalid", message, "spec.replicas")));
  }
}
