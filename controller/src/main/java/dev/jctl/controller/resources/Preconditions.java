package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.manifests.schema.FieldError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a write says of the object that it is meant for: name, uid and version, as kube-apiserver
 * looks at them and in its words. Pure; what is not so is thrown as {@link ApiException}.
 */
final class Preconditions {
  private Preconditions() {}

  /** It is the object that the request is for, as far as it says. */
  static void checkIdentity(ObjectRef ref, ObjectNode object) {
    mustBe("apiVersion", ref.kind().apiVersion(), object.path("apiVersion"));
    mustBe("kind", ref.kind().kind(), object.path("kind"));
    JsonNode metadata = object.path("metadata");
    if (isOther(ref.name(), metadata.path("name"))) {
      throw ApiException.badRequest(
          "the name of the object (%s) does not match the name on the URL (%s)"
              .formatted(metadata.path("name").asText(), ref.name()));
    }
    if (isOther(ref.namespace(), metadata.path("namespace"))) {
      throw ApiException.badRequest(
          "the namespace of the object (%s) does not match the namespace on the request (%s)"
              .formatted(metadata.path("namespace").asText(), ref.namespace()));
    }
  }

  private static void mustBe(String field, String expected, JsonNode given) {
    if (isOther(expected, given)) {
      throw ApiException.badRequest(
          field
              + " is \""
              + given.asText()
              + "\" in the object but \""
              + expected
              + "\" in the request");
    }
  }

  /** Nothing at all is no other. */
  static boolean isOther(String expected, JsonNode given) {
    return given.isTextual() && !given.asText().isEmpty() && !given.asText().equals(expected);
  }

  /** A replacement is of the version that is there, if it names one. */
  static void checkVersion(StoredObject old, ObjectNode changed) {
    checkRevision(old, changed);
    if (namesAnother(old, uid(changed))) {
      throw ApiException.modified(old.ref());
    }
  }

  /**
   * What is applied may not change the uid; a replacement that has another meets another object.
   */
  static void checkApplied(StoredObject old, ObjectNode config) {
    checkRevision(old, config);
    String uid = uid(config);
    if (namesAnother(old, uid)) {
      throw ApiException.invalid(
          old.ref(),
          List.of(
              new FieldError(
                  "metadata.uid",
                  FieldError.Type.INVALID,
                  "Invalid value: \"" + uid + "\": field is immutable")));
    }
  }

  /** Of what is applied and is not there. */
  static void requireNoUid(ObjectRef ref, ObjectNode config) {
    String uid = uid(config);
    if (!uid.isEmpty()) {
      throw ApiException.conflict(
          ref,
          "uid mismatch: the provided object specified uid "
              + uid
              + ", and no existing object was found");
    }
  }

  private static void checkRevision(StoredObject old, ObjectNode changed) {
    String version = changed.path("metadata").path("resourceVersion").asText("");
    if (!version.isEmpty() && !version.equals(Long.toString(old.revision()))) {
      throw ApiException.modified(old.ref());
    }
  }

  private static String uid(ObjectNode object) {
    return object.path("metadata").path("uid").asText("");
  }

  private static boolean namesAnother(StoredObject old, String uid) {
    return !uid.isEmpty() && !uid.equals(old.uid());
  }

  /**
   * @param uid what a deletion is only for; null: whatever is there
   */
  static void checkDeleted(StoredObject old, @Nullable String uid) {
    if (uid != null && !uid.equals(old.uid())) {
      throw new ApiException(
          Reason.CONFLICT,
          "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + old.uid(),
          old.ref(),
          List.of());
    }
  }
}
