package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.JsonPatch;
import dev.jctl.controller.merge.MergePatch;
import dev.jctl.controller.merge.PatchException;
import dev.jctl.controller.merge.StrategicMergePatch;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.Resources.Applied;
import dev.jctl.controller.resources.Resources.ApplyOptions;
import dev.jctl.controller.resources.Resources.DeleteOptions;
import dev.jctl.controller.resources.Resources.DeleteOptions.Propagation;
import dev.jctl.controller.resources.Resources.WriteOptions;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.resources.WriteGuard;
import dev.jctl.manifests.schema.FieldError;
import dev.jctl.manifests.schema.Schemas;
import dev.jctl.manifests.schema.Weaknesses;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Creating, replacing, patching and deleting single objects. */
final class ObjectWrites {
  private static final FieldError NO_MANAGER =
      new FieldError(
          "fieldManager", FieldError.Type.REQUIRED, "Required value: is required for apply patch");

  static final String APPLY_PATCH = "application/apply-patch+yaml";
  static final String PATCH_TYPES =
      "application/json-patch+json, application/merge-patch+json,"
          + " application/strategic-merge-patch+json, "
          + APPLY_PATCH;

  private final StoreResources resources;
  private final ObjectLists lists;
  private final AccessCheck access;
  private final GivenAddresses addresses;

  ObjectWrites(
      StoreResources resources, ObjectLists lists, AccessCheck access, GivenAddresses addresses) {
    this.addresses = addresses;
    this.resources = resources;
    this.lists = lists;
    this.access = access;
  }

  /** Which part of the object is written. */
  enum Part {
    OBJECT,
    STATUS,
    EPHEMERAL_CONTAINERS
  }

  private WriteOptions options(ApiRequest request) {
    return new WriteOptions(
        request.fieldManager(), request.dryRun(), EphemeralWrites.untouched(access.guard(request)));
  }

  /** Of who writes the ephemeral containers alone. */
  private WriteOptions ephemeralOptions(ApiRequest request) {
    return new WriteOptions(request.fieldManager(), request.dryRun(), access.guard(request));
  }

  ApiReply create(ApiTarget.Collection collection, ApiRequest request) {
    ObjectNode object = RequestBodies.object(request);
    JsonNode metadata = object.path("metadata");
    requireTexts(collection, metadata);
    WrittenObjects.refuseVersion(metadata);
    String namespace = collection.namespace();
    if (namespace == null) {
      namespace =
          collection.kind().namespaced() ? metadata.path("namespace").asText("default") : "";
    }
    ObjectRef ref = new ObjectRef(collection.kind(), namespace, metadata.path("name").asText(""));
    if (ref.name().isEmpty() && metadata.path("generateName").asText("").isEmpty()) {
      throw new ApiException(
          Reason.INVALID,
          collection.kind().kind() + " is invalid: metadata.name: name or generateName is required",
          ref,
          List.of(
              new ApiException.Cause(
                  "FieldValueRequired", "name or generateName is required", "metadata.name")));
    }
    FieldValidation validation = FieldValidation.of(request.query());
    ObjectNode checked = validation.check(ref, object);
    StoredObject created =
        WrittenObjects.decoded(ref, () -> resources.create(ref, checked, options(request)));
    return answer(201, given(created, request), validation, List.of(created.ref()));
  }

  private StoredObject given(StoredObject created, ApiRequest request) {
    return request.dryRun() ? created : addresses.awaited(created);
  }

  /** What says of which object this is. */
  private static void requireTexts(ApiTarget.Collection collection, JsonNode metadata) {
    for (String field : List.of("name", "generateName", "namespace")) {
      JsonNode value = metadata.path(field);
      if (!value.isMissingNode() && !value.isNull() && !value.isTextual()) {
        throw ApiException.badRequest(
            "%s in version \"%s\" cannot be handled as a %s: metadata.%s: expected a string, found %s"
                .formatted(
                    collection.kind().kind(),
                    collection.kind().version(),
                    collection.kind().kind(),
                    field,
                    value.getNodeType().name().toLowerCase(Locale.ROOT)));
      }
    }
  }

  ApiReply replace(ObjectRef ref, Part part, ApiRequest request) {
    ObjectNode object = RequestBodies.object(request);
    FieldValidation validation = FieldValidation.of(request.query());
    if (part == Part.EPHEMERAL_CONTAINERS) {
      ObjectNode pod = EphemeralWrites.pod(ref, object);
      validation.check(ref, pod);
      return write(ref, part, old -> EphemeralWrites.put(old, object), request, validation);
    }
    validation.check(ref, object);
    return switch (part) {
      case OBJECT ->
          answer(
              WrittenObjects.decoded(ref, () -> resources.replace(ref, object, options(request))),
              validation);
      case STATUS, EPHEMERAL_CONTAINERS ->
          write(ref, part, old -> object.deepCopy(), request, validation);
    };
  }

  ApiReply patch(ObjectRef ref, Part part, ApiRequest request) {
    if (request.contentType().equals(APPLY_PATCH)) {
      return apply(ref, part, request);
    }
    request.refuseForce();
    JsonNode patch = RequestBodies.json(RequestBodies.bytes(request));
    FieldValidation validation = FieldValidation.of(request.query());
    String type = request.contentType();
    return write(
        ref,
        part,
        old -> {
          ObjectNode patched = patched(ref, old, type, patch);
          WrittenObjects.requireSame(ref, old, patched);
          return validation.check(ref, patched);
        },
        request,
        validation);
  }

  private ApiReply write(
      ObjectRef ref,
      Part part,
      UnaryOperator<ObjectNode> change,
      ApiRequest request,
      FieldValidation validation) {
    return switch (part) {
      case OBJECT -> answer(resources.update(ref, change, options(request)), validation);
      case EPHEMERAL_CONTAINERS ->
          answer(
              resources.update(
                  ref,
                  old -> EphemeralWrites.grafted(old, change.apply(old.deepCopy())),
                  ephemeralOptions(request)),
              validation);
      case STATUS -> {
        StoredObject written = resources.updateStatus(ref, change, options(request));
        yield ApiReply.json(200, resources.bytes(written), validation.warnings(), List.of());
      }
    };
  }

  private ApiReply answer(StoredObject written, FieldValidation validation) {
    return answer(200, written, validation, List.of());
  }

  private ApiReply answer(
      int code, StoredObject written, FieldValidation validation, List<ObjectRef> named) {
    return ApiReply.json(code, resources.bytes(written), warnings(written, validation), named);
  }

  private static List<String> warnings(StoredObject written, FieldValidation validation) {
    List<String> all = new ArrayList<>(validation.warnings());
    all.addAll(Weaknesses.of(written.ref().kind(), written.tree()));
    return all;
  }

  /** PUT or PATCH of {@code /scale}. */
  ApiReply scale(ObjectRef ref, ApiRequest request) {
    UnaryOperator<ObjectNode> change;
    if (request.method().equals("PUT")) {
      ObjectNode scale = RequestBodies.object(request);
      change = old -> Scales.replaced(ref, old, scale);
    } else {
      JsonNode patch = RequestBodies.json(RequestBodies.bytes(request));
      change = old -> Scales.patched(ref, old, request.contentType(), patch);
    }
    return ApiReply.json(200, Scales.of(resources.update(ref, change, options(request))));
  }

  private static ObjectNode patched(ObjectRef ref, ObjectNode old, String type, JsonNode patch) {
    try {
      JsonNode patched =
          switch (type) {
            case "application/merge-patch+json" -> MergePatch.apply(old, patch);
            case "application/json-patch+json" -> JsonPatch.apply(old, operations(patch));
            case "application/strategic-merge-patch+json" ->
                StrategicMergePatch.apply(
                    Schemas.of(ref.kind()), old, RequestBodies.asObject(patch));
            default -> throw RequestBodies.unsupported(PATCH_TYPES);
          };
      if (patched instanceof ObjectNode object) {
        return object;
      }
      throw new PatchException("it leaves no object");
    } catch (PatchException e) {
      throw new ApiException(
          Reason.INVALID, "the patch cannot be applied: " + e.getMessage(), ref, List.of());
    }
  }

  private static JsonNode operations(JsonNode patch) {
    if (!patch.isArray()) {
      throw ApiException.badRequest("a JSON patch is a list of operations");
    }
    return patch;
  }

  private ApiReply apply(ObjectRef ref, Part part, ApiRequest request) {
    FieldValidation validation = FieldValidation.of(request.query());
    ObjectNode object = validation.check(ref, RequestBodies.object(request));
    ApplyOptions options = applyOptions(request, access.guardOfApply(request));
    WrittenObjects.requireConfiguration(ref, object);
    Applied applied =
        switch (part) {
          case OBJECT -> resources.apply(ref, object, options);
          case STATUS -> resources.applyStatus(ref, object, options);
          case EPHEMERAL_CONTAINERS ->
              throw RequestBodies.unsupported(
                  "application/strategic-merge-patch+json and the other patches");
        };
    return applied.outcome() == Applied.Outcome.CREATED
        ? answer(201, given(applied.object(), request), validation, List.of())
        : answer(applied.object(), validation);
  }

  static ApplyOptions applyOptions(ApiRequest request, WriteGuard guard) {
    String manager =
        request.query().text("fieldManager").orElseThrow(() -> request.invalidOption(NO_MANAGER));
    return new ApplyOptions(
        manager, request.query().flag("force"), request.dryRun(), EphemeralWrites.untouched(guard));
  }

  // --- deleting

  ApiReply delete(ObjectRef ref, ApiRequest request) {
    JsonNode body = deleteBody(request);
    StoredObject old = resources.get(ref);
    String version = body.path("preconditions").path("resourceVersion").asText("");
    if (!version.isEmpty() && !version.equals(Long.toString(old.revision()))) {
      throw new ApiException(
          Reason.CONFLICT,
          "Precondition failed: resourceVersion in precondition: "
              + version
              + ", resourceVersion in object meta: "
              + old.revision(),
          ref,
          List.of());
    }
    Optional<StoredObject> left = resources.delete(ref, deleteOptions(request, body));
    return ApiReply.json(
        200, left.map(StoredObject::tree).orElseGet(() -> Statuses.deleted(ref, old.uid())));
  }

  /** policy/v1 Eviction: a deletion that one may refuse; nobody does here. */
  ApiReply evict(ObjectRef pod, ApiRequest request) {
    JsonNode options = RequestBodies.object(request).path("deleteOptions");
    resources.delete(pod, deleteOptions(request, options));
    return ApiReply.json(201, Statuses.success());
  }

  ApiReply deleteCollection(Selection selection, ApiRequest request) {
    DeleteOptions options = deleteOptions(request, deleteBody(request));
    ObjectNode deleted = ResourceCodec.MAPPER.createObjectNode();
    deleted.put("kind", selection.kind().kind() + "List");
    deleted.put("apiVersion", selection.kind().apiVersion());
    deleted.putObject("metadata");
    var items = deleted.putArray("items");
    for (ObjectNode object : ObjectLists.trees(lists.all(selection))) {
      JsonNode metadata = object.path("metadata");
      ObjectRef ref =
          new ObjectRef(
              selection.kind(),
              metadata.path("namespace").asText(""),
              metadata.path("name").asText());
      deleteIfPresent(ref, options).ifPresent(items::add);
    }
    return ApiReply.json(200, deleted);
  }

  private Optional<ObjectNode> deleteIfPresent(ObjectRef ref, DeleteOptions options) {
    try {
      Optional<StoredObject> before = resources.find(ref);
      Optional<StoredObject> left = resources.delete(ref, options);
      return left.or(() -> before).map(StoredObject::tree);
    } catch (ApiException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static JsonNode deleteBody(ApiRequest request) {
    return RequestBodies.options(request).orElseGet(ResourceCodec.MAPPER::createObjectNode);
  }

  private static DeleteOptions deleteOptions(ApiRequest request, JsonNode body) {
    Query query = request.query();
    String policy =
        query.text("propagationPolicy").orElse(body.path("propagationPolicy").asText(""));
    Long grace =
        query.number("gracePeriodSeconds").isPresent()
            ? Long.valueOf(query.number("gracePeriodSeconds").getAsLong())
            : body.hasNonNull("gracePeriodSeconds")
                ? Long.valueOf(body.path("gracePeriodSeconds").asLong())
                : null;
    JsonNode uid = body.path("preconditions").path("uid");
    boolean dryRun = request.dryRun() || !body.path("dryRun").isEmpty();
    return new DeleteOptions(
        propagation(policy), grace, uid.isTextual() ? uid.asText() : null, dryRun);
  }

  private static @Nullable Propagation propagation(String policy) {
    return switch (policy) {
      case "" -> null;
      case "Background" -> Propagation.BACKGROUND;
      case "Foreground" -> Propagation.FOREGROUND;
      case "Orphan" -> Propagation.ORPHAN;
      default ->
          throw ApiException.invalid(
              new ApiException.Details("meta.k8s.io", "DeleteOptions", ""),
              List.of(
                  new FieldError(
                      "propagationPolicy",
                      FieldError.Type.NOT_SUPPORTED,
                      "Unsupported value: \""
                          + policy
                          + "\": supported values: \"Foreground\", \"Background\", \"Orphan\","
                          + " \"nil\"")));
    };
  }
}
