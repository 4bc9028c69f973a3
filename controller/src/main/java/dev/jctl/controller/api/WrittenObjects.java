package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.schema.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What a client may not say of an object that it writes. As with kube-apiserver. */
final class WrittenObjects {
  private static final String WRONG_TYPE = FieldError.Type.WRONG_TYPE.reason();

  private WrittenObjects() {}

  /** One that is to be made has no version yet; a number that is none counts as absent. */
  static void refuseVersion(JsonNode metadata) {
    String version = metadata.path("resourceVersion").asText("");
    if (version.matches("[0-9]*[1-9][0-9]*")) {
      throw ApiException.badRequest("resourceVersion should not be set on objects to be created");
    }
  }

  /**
   * A value of a wrong type is found by a kube-apiserver when it decodes an object of its own
   * kinds, and by the schema in one of others.
   *
   * @throws ApiException 400 in the place of 422 for such a value in a kind of Kubernetes'
   */
  static StoredObject decoded(ObjectRef ref, Supplier<StoredObject> write) {
    try {
      return write.get();
    } catch (ApiException e) {
      List<ApiException.Cause> wrong =
          e.causes().stream().filter(c -> c.reason().equals(WRONG_TYPE)).toList();
      if (wrong.isEmpty() || ref.kind().group().equals(ApiTarget.GROUP)) {
        throw e;
      }
      throw new ApiException(
          ApiException.Reason.BAD_REQUEST,
          "%s in version \"%s\" cannot be handled as a %s: %s"
              .formatted(
                  ref.kind().kind(),
                  ref.kind().version(),
                  ref.kind().kind(),
                  wrong.stream()
                      .map(c -> c.field() + ": " + c.message())
                      .collect(Collectors.joining(", "))),
          ref,
          wrong);
    }
  }

  /** What is applied says what it is, and nothing of who owns what. */
  static void requireConfiguration(ObjectRef ref, ObjectNode applied) {
    String version = applied.path("apiVersion").asText("");
    if (!version.equals(ref.kind().apiVersion())) {
      throw ApiException.badRequest(
          "Incorrect version specified in apply patch. Specified patch version: %s, expected: %s"
              .formatted(version, ref.kind().apiVersion()));
    }
    if (applied.path("kind").asText("").isEmpty()) {
      throw ApiException.badRequest(
          "kind is missing in the apply patch; expected " + ref.kind().kind());
    }
    if (applied.path("metadata").hasNonNull("managedFields")) {
      throw ApiException.badRequest("metadata.managedFields must be nil");
    }
  }

  /**
   * A patch leaves which object it is. Whatever else names another one is found when it is written.
   */
  static void requireSame(ObjectRef ref, ObjectNode old, ObjectNode patched) {
    List<FieldError> errors = new ArrayList<>();
    requireSame("apiVersion", old.path("apiVersion"), patched.path("apiVersion"), errors);
    requireSame("kind", old.path("kind"), patched.path("kind"), errors);
    requireSame(
        "metadata.uid",
        old.path("metadata").path("uid"),
        patched.path("metadata").path("uid"),
        errors);
    if (!errors.isEmpty()) {
      throw ApiException.invalid(ref, errors);
    }
  }

  private static void requireSame(
      String field, JsonNode old, JsonNode patched, List<FieldError> errors) {
    String given = patched.asText("");
    if (!given.isEmpty() && !given.equals(old.asText())) {
      errors.add(
          new FieldError(
              field,
              FieldError.Type.INVALID,
              "Invalid value: \"" + given + "\": field is immutable"));
    }
  }
}
