package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What a PersistentVolumeClaim may ask for: nothing that would be passed over in silence. */
final class ClaimRules {
  private static final List<String> SOURCES = List.of("VolumeSnapshot", "PersistentVolumeClaim");

  private ClaimRules() {}

  /** {@code path}: of the spec, which may be a template's. */
  static void check(String path, JsonNode spec, Findings findings) {
    VolumeRules.modes(path, spec, findings);
    JsonNode storage = spec.path("resources").path("requests").path("storage");
    Quantities.parse(storage.asText())
        .filter(bytes -> bytes.signum() <= 0)
        .ifPresent(
            bytes ->
                findings.invalid(
                    path + ".resources.requests.storage", storage.asText(), "more than 0 bytes"));
    if (!spec.path("selector").isEmpty()) {
      findings.add(
          path + ".selector",
          FieldError.Type.NOT_SUPPORTED,
          "Volumes are not chosen by labels; remove it, and name one in volumeName");
    }
    source(path + ".dataSource", spec.path("dataSource"), findings);
    source(path + ".dataSourceRef", spec.path("dataSourceRef"), findings);
    boolean both = spec.path("dataSource").isObject() && spec.path("dataSourceRef").isObject();
    if (both && !named(spec.path("dataSource")).equals(named(spec.path("dataSourceRef")))) {
      findings.add(
          path + ".dataSourceRef",
          FieldError.Type.INVALID,
          "says another source than " + path + ".dataSource; remove one of the two");
    }
  }

  private static String named(JsonNode source) {
    return source.path("kind").asText() + "/" + source.path("name").asText();
  }

  private static void source(String path, JsonNode source, Findings findings) {
    Findings.text(source, "kind")
        .filter(kind -> !SOURCES.contains(kind))
        .ifPresent(
            kind ->
                findings.invalid(
                    path + ".kind",
                    kind,
                    String.join(" or ", SOURCES) + NearestName.hint(kind, SOURCES)));
    if (source.hasNonNull("namespace")) {
      findings.add(
          path + ".namespace",
          FieldError.Type.NOT_SUPPORTED,
          "a source is of the claim's own namespace; remove it");
    }
  }
}
