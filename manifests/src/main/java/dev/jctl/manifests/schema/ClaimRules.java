package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What a PersistentVolumeClaim may ask for: nothing that would be passed over in silence. */
final class ClaimRules {
  private static final List<String> SOURCES = List.of("VolumeSnapshot", "PersistentVolumeClaim");

  private ClaimRules() {}

  static void check(JsonNode spec, Findings findings) {
    VolumeRules.modes(spec, findings);
    JsonNode storage = spec.path("resources").path("requests").path("storage");
    Quantities.parse(storage.asText())
        .filter(bytes -> bytes.signum() <= 0)
        .ifPresent(
            bytes ->
                findings.invalid(
                    "spec.resources.requests.storage", storage.asText(), "more than 0 bytes"));
    if (!spec.path("selector").isEmpty()) {
      findings.add(
          "spec.selector",
          FieldError.Type.NOT_SUPPORTED,
          "a claim is bound to the Volume of its own name; remove it, and name the claim so");
    }
    source("dataSource", spec, findings);
    source("dataSourceRef", spec, findings);
    boolean both = spec.path("dataSource").isObject() && spec.path("dataSourceRef").isObject();
    if (both && !named(spec.path("dataSource")).equals(named(spec.path("dataSourceRef")))) {
      findings.add(
          "spec.dataSourceRef",
          FieldError.Type.INVALID,
          "says another source than spec.dataSource; remove one of the two");
    }
  }

  private static String named(JsonNode source) {
    return source.path("kind").asText() + "/" + source.path("name").asText();
  }

  private static void source(String field, JsonNode spec, Findings findings) {
    String path = "spec." + field;
    Findings.text(spec.path(field), "kind")
        .filter(kind -> !SOURCES.contains(kind))
        .ifPresent(
            kind ->
                findings.invalid(
                    path + ".kind",
                    kind,
                    String.join(" or ", SOURCES) + NearestName.hint(kind, SOURCES)));
    if (spec.path(field).hasNonNull("namespace")) {
      findings.add(
          path + ".namespace",
          FieldError.Type.NOT_SUPPORTED,
          "a source is of the claim's own namespace; remove it");
    }
  }
}
