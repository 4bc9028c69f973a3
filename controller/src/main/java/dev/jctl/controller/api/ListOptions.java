package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.manifests.schema.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the parameters of a list or a watch may be together, in kube-apiserver's words
 * (k8s.io/apimachinery/pkg/apis/meta/internalversion/validation).
 */
final class ListOptions {
  private static final String EXACT = "Exact";
  private static final String NOT_OLDER_THAN = "NotOlderThan";
  private static final String MATCH = "resourceVersionMatch";

  private ListOptions() {}

  /**
   * @throws ApiException 400 for a time that is no number, 422 for what does not fit together
   */
  static void check(Query query) {
    for (String seconds : query.all("timeoutSeconds")) {
      if (!seconds.matches("[+-]?[0-9]{1,18}|")) {
        throw ApiException.badRequest(
            "timeoutSeconds: expected a number, found \"" + seconds + "\"");
      }
    }
    List<FieldError> errors = query.flag("watch") ? ofWatch(query) : ofList(query);
    if (!errors.isEmpty()) {
      throw ApiException.invalid(
          new ApiException.Details("meta.k8s.io", "ListOptions", ""), errors);
    }
  }

  private static List<FieldError> ofList(Query query) {
    List<FieldError> errors = new ArrayList<>();
    Optional<String> match = query.text(MATCH);
    if (match.isEmpty()) {
      return errors;
    }
    Optional<String> version = query.text("resourceVersion");
    if (version.isEmpty()) {
      errors.add(forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    refuseContinue(query, errors);
    if (!match.get().equals(EXACT) && !match.get().equals(NOT_OLDER_THAN)) {
      errors.add(unsupported(match.get(), "\"Exact\", \"NotOlderThan\", \"\""));
    }
    if (match.get().equals(EXACT) && version.filter("0"::equals).isPresent()) {
      errors.add(
          forbidden("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
    }
    return errors;
  }

  /** Of a watch that begins with what is there, and of one that does not. */
  private static List<FieldError> ofWatch(Query query) {
    List<FieldError> errors = new ArrayList<>();
    boolean initial = !query.all("sendInitialEvents").isEmpty();
    String match = query.text(MATCH).orElse("");
    if (initial && !match.equals(NOT_OLDER_THAN)) {
      errors.add(
          forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    }
    if (match.isEmpty()) {
      return errors;
    }
    if (!initial) {
      errors.add(
          forbidden(
              "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
    }
    if (!match.equals(NOT_OLDER_THAN)) {
      errors.add(unsupported(match, "\"NotOlderThan\""));
    }
    refuseContinue(query, errors);
    return errors;
  }

  private static void refuseContinue(Query query, List<FieldError> errors) {
    if (query.text("continue").isPresent()) {
      errors.add(forbidden("resourceVersionMatch is forbidden when continue is provided"));
    }
  }

  private static FieldError forbidden(String why) {
    return new FieldError(MATCH, FieldError.Type.FORBIDDEN, "Forbidden: " + why);
  }

  private static FieldError unsupported(String given, String supported) {
    return new FieldError(
        MATCH,
        FieldError.Type.NOT_SUPPORTED,
        "Unsupported value: \"" + given + "\": supported values: " + supported);
  }
}
