package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.admission.UnknownFields;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Cause;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.schema.FieldError;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.SchemaValidator;
import dev.jctl.manifests.schema.Schemas;
import java.util.ArrayList;
import java.util.List;

/** What becomes of fields that no schema knows: {@code fieldValidation}. */
final class FieldValidation {
  private enum Mode {
    STRICT,
    WARN,
    IGNORE
  }

  private final Mode mode;
  private final List<String> warnings = new ArrayList<>();

  private FieldValidation(Mode mode) {
    this.mode = mode;
  }

  static FieldValidation of(Query query) {
    return new FieldValidation(
        switch (query.text("fieldValidation").orElse("Strict")) {
          case "Strict" -> Mode.STRICT;
          case "Warn" -> Mode.WARN;
          case "Ignore" -> Mode.IGNORE;
          default ->
              throw ApiException.badRequest(
                  "fieldValidation: expected Strict, Warn or Ignore, found \""
                      + query.text("fieldValidation").orElse("")
                      + "\"");
        });
  }

  /** Refuses unknown fields, or takes them out of {@code object}. */
  ObjectNode check(ObjectRef ref, ObjectNode object) {
    if (mode == Mode.STRICT) {
      refuseUnknown(ref, object);
    } else {
      prune(ref, object);
    }
    return object;
  }

  /** Takes unknown fields out unless they are refused; the refusing is left to admission. */
  ObjectNode prune(ObjectRef ref, ObjectNode object) {
    if (mode != Mode.STRICT) {
      List<String> pruned = UnknownFields.prune(Schemas.of(ref.kind()), object);
      if (mode == Mode.WARN) {
        warnings.clear();
        pruned.forEach(path -> warnings.add("unknown field \"" + path + "\""));
      }
    }
    return object;
  }

  private static void refuseUnknown(ObjectRef ref, ObjectNode object) {
    Schema schema = Schemas.of(ref.kind());
    if (!UnknownFields.areIn(schema, object)) {
      return;
    }
    List<FieldError> unknown =
        SchemaValidator.validate(schema, object).stream()
            .filter(e -> e.type() == FieldError.Type.UNKNOWN_FIELD)
            .toList();
    if (!unknown.isEmpty()) {
      throw new ApiException(
          Reason.BAD_REQUEST,
          "strict decoding error: "
              + String.join(", ", unknown.stream().map(FieldError::message).toList()),
          ref,
          unknown.stream().map(e -> new Cause(e.type().reason(), e.message(), e.path())).toList());
    }
  }

  /** For the answer's headers. */
  List<String> warnings() {
    return warnings;
  }
}
