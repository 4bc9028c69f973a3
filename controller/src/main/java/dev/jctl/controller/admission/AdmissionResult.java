package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.FieldError;
import java.util.List;

/** The answer of {@link Admission}. */
public sealed interface AdmissionResult {
  /** {@code tree}: with defaults. */
  record Admitted(ObjectNode tree) implements AdmissionResult {}

  /** {@code errors}: all there are, at least one. */
  record Rejected(List<FieldError> errors) implements AdmissionResult {
    public Rejected {
      errors = List.copyOf(errors);
    }
  }
}
