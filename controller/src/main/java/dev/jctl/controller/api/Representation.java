package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** In which form objects are answered. */
enum Representation {
  OBJECTS,
  TABLE,
  METADATA;

  /** What is asked for in another of these is answered in JSON, which all clients take. */
  private static final List<String> ANSWERED =
      List.of("application/json", "application/yaml", "application/vnd.kubernetes.protobuf");

  private static final Set<String> ANY = Set.of("*/*", "application/*");
  private static final Set<String> VERSIONS = Set.of("v1", "v1beta1");

  /**
   * By the first form of the {@code Accept} header that is known here; without one, objects.
   *
   * @throws ApiException 406, in kube-apiserver's words, when none is known
   */
  static Representation of(String accept) {
    if (accept.isBlank()) {
      return OBJECTS;
    }
    boolean typeIsKnown = false;
    for (String part : accept.split(",", -1)) {
      String[] clause = part.toLowerCase(Locale.ROOT).replace(" ", "").split(";", -1);
      if (ANSWERED.contains(clause[0]) || ANY.contains(clause[0])) {
        Optional<Representation> form = of(parameters(clause));
        if (form.isPresent()) {
          return form.get();
        }
        typeIsKnown = true;
      }
    }
    throw ApiException.notAcceptable(
        typeIsKnown
            ? "only the following media types are accepted: " + String.join(", ", ANSWERED)
            : "406: Not Acceptable");
  }

  private static Map<String, String> parameters(String[] clause) {
    Map<String, String> parameters = new HashMap<>();
    for (String parameter : clause) {
      int equals = parameter.indexOf('=');
      if (equals > 0) {
        parameters.put(parameter.substring(0, equals), parameter.substring(equals + 1));
      }
    }
    return parameters;
  }

  private static Optional<Representation> of(Map<String, String> parameters) {
    String as = parameters.get("as");
    if (as == null) {
      return Optional.of(OBJECTS);
    }
    if (!"meta.k8s.io".equals(parameters.get("g"))
        || !VERSIONS.contains(parameters.getOrDefault("v", ""))) {
      return Optional.empty();
    }
    return switch (as) {
      case "table" -> Optional.of(TABLE);
      case "partialobjectmetadata", "partialobjectmetadatalist" -> Optional.of(METADATA);
      default -> Optional.empty();
    };
  }
}
