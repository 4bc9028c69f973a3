package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Defaulter;
import dev.jctl.manifests.schema.FieldError;
import dev.jctl.manifests.schema.KindRules;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.SchemaValidator;
import dev.jctl.manifests.schema.Schemas;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides on each write: defaults are filled in, then schema, rules of the kind and what may not
 * change are checked. What depends on other objects or on the machine is no matter of admission but
 * a condition in the status, except that a Pod is given what its ServiceAccount says.
 */
public final class Admission {
  private Admission() {}

  /**
   * @param old null when it is to be created
   * @param candidate a private copy; defaults are filled into it
   * @param accounts the ServiceAccounts of the object's namespace by name
   */
  public static AdmissionResult admit(
      ResourceKind kind,
      @Nullable ObjectNode old,
      ObjectNode candidate,
      Function<String, Optional<ObjectNode>> accounts) {
    ObjectSchema schema = Schemas.of(kind);
    if (kind == ResourceKind.POD) {
      AccountDefaults.fillIn(old, candidate, accounts);
    }
    Defaulter.apply(schema, candidate);
    RelatedDefaults.fillIn(kind, candidate);
    JobSelectors.fillIn(kind, candidate);
    List<FieldError> errors = new ArrayList<>(SchemaValidator.validate(schema, candidate));
    errors.addAll(KindRules.check(kind, candidate));
    SecretTexts.intoData(kind, candidate);
    if (old != null) {
      errors.addAll(Immutability.check(kind, old, candidate));
    }
    return result(candidate, errors);
  }

  /** As {@link #admit} for a write of the status alone. */
  public static AdmissionResult admitStatus(ResourceKind kind, ObjectNode candidate) {
    List<FieldError> errors =
        SchemaValidator.validate(Schemas.of(kind), candidate).stream()
            .filter(e -> e.path().equals("status") || e.path().startsWith("status."))
            .toList();
    return result(candidate, errors);
  }

  private static AdmissionResult result(ObjectNode candidate, List<FieldError> errors) {
    return errors.isEmpty()
        ? new AdmissionResult.Admitted(candidate)
        : new AdmissionResult.Rejected(List.copyOf(new LinkedHashSet<>(errors)));
  }
}
