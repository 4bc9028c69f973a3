package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests and limits. */
final class ResourceRules {
  private static final List<String> KNOWN = List.of("cpu", "memory", "ephemeral-storage", "pids");

  private static final List<String> FIELDS =
      List.of(
          "limits.cpu",
          "limits.memory",
          "limits.ephemeral-storage",
          "requests.cpu",
          "requests.memory",
          "requests.ephemeral-storage");

  private ResourceRules() {}

  static void check(String path, JsonNode resources, Findings findings) {
    for (String list : List.of("requests", "limits")) {
      for (Map.Entry<String, JsonNode> entry : resources.path(list).properties()) {
        String at = FieldPath.child(FieldPath.child(path, list), entry.getKey());
        name(at, entry.getKey(), findings);
        amount(entry.getValue()).ifPresent(a -> amount(at, entry, a, findings));
      }
    }
    withinLimits(path, resources, findings);
  }

  /** A {@code resourceFieldRef}, if it is one. */
  static void field(String path, JsonNode reference, Findings findings) {
    Findings.text(reference, "resource")
        .filter(r -> !FIELDS.contains(r))
        .ifPresent(
            r ->
                findings.invalid(
                    FieldPath.child(path, "resource"),
                    r,
                    "one of " + String.join(", ", FIELDS) + NearestName.hint(r, FIELDS)));
    amount(reference.path("divisor"))
        .filter(divisor -> divisor.signum() < 0)
        .ifPresent(
            divisor ->
                findings.invalid(
                    FieldPath.child(path, "divisor"),
                    reference.path("divisor").asText(),
                    "a unit such as 1Mi, or 1m of cpu"));
  }

  private static void name(String path, String name, Findings findings) {
    if (!KNOWN.contains(name) && !name.startsWith("hugepages-") && !name.contains("/")) {
      findings.add(
          path,
          FieldError.Type.NOT_SUPPORTED,
          "unknown resource \""
              + Types.shortened(name)
              + "\": expected one of "
              + String.join(", ", KNOWN)
              + NearestName.hint(name, KNOWN));
    }
  }

  private static void amount(
      String path, Map.Entry<String, JsonNode> entry, BigDecimal amount, Findings findings) {
    String text = entry.getValue().asText();
    if (amount.signum() < 0) {
      findings.invalid(path, text, "0 or more");
    } else if (!entry.getKey().equals("cpu") && amount.stripTrailingZeros().scale() > 0) {
      String advice = text.endsWith("m") ? "; for megabytes write " + text.replace("m", "M") : "";
      findings.invalid(path, text, "a whole number" + advice);
    }
  }

  private static void withinLimits(String path, JsonNode resources, Findings findings) {
    for (Map.Entry<String, JsonNode> request : resources.path("requests").properties()) {
      JsonNode limit = resources.path("limits").path(request.getKey());
      Optional<BigDecimal> most = amount(limit);
      if (amount(request.getValue())
          .filter(r -> most.isPresent() && r.compareTo(most.get()) > 0)
          .isPresent()) {
        findings.invalid(
            FieldPath.child(FieldPath.child(path, "requests"), request.getKey()),
            request.getValue().asText(),
            "at most the limit, " + limit.asText());
      }
    }
  }

  private static Optional<BigDecimal> amount(JsonNode quantity) {
    return quantity.isTextual() || quantity.isNumber()
        ? Quantities.parse(quantity.asText())
        : Optional.empty();
  }
}
