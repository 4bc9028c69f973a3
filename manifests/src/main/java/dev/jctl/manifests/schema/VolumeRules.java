package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;

/** Volumes and their snapshots. */
final class VolumeRules {
  private static final List<String> SOURCES = List.of("archive", "snapshot", "volume");
  private static final BigDecimal SMALLEST_DISK = BigDecimal.valueOf(8 << 20);

  private VolumeRules() {}

  static void check(JsonNode spec, Findings findings) {
    JsonNode capacity = spec.path("capacity");
    Quantities.parse(capacity.asText())
        .filter(bytes -> bytes.signum() <= 0)
        .ifPresent(
            bytes -> findings.invalid("spec.capacity", capacity.asText(), "more than 0 bytes"));
    if (spec.path("driver").asText().equals("disk")) {
      disk(capacity, findings);
    }
    source(spec, findings);
  }

  private static void disk(JsonNode capacity, Findings findings) {
    if (capacity.isMissingNode()) {
      findings.add(
          "spec.capacity", FieldError.Type.REQUIRED, "missing: a disk has one, such as 1Gi");
    }
    Quantities.parse(capacity.asText())
        .filter(bytes -> bytes.signum() > 0 && bytes.compareTo(SMALLEST_DISK) < 0)
        .ifPresent(
            bytes ->
                findings.invalid(
                    "spec.capacity", capacity.asText(), "at least 8Mi, as driver is disk"));
  }

  private static void source(JsonNode spec, Findings findings) {
    JsonNode source = spec.path("source");
    if (!source.isObject()) {
      return;
    }
    List<String> given = Findings.present(source);
    if (given.size() != 1) {
      findings.add(
          "spec.source",
          FieldError.Type.INVALID,
          "expected exactly one of "
              + String.join(", ", SOURCES)
              + "; found "
              + (given.isEmpty() ? "none" : String.join(", ", given)));
    }
    label(source, "spec.source.snapshot", "snapshot", "VolumeSnapshot", findings);
    label(source, "spec.source.volume", "volume", "Volume", findings);
    findings.absolutePath("spec.source", source, "archive");
  }

  static void checkSnapshot(JsonNode spec, Findings findings) {
    label(spec, "spec.volume", "volume", "Volume", findings);
    findings.absolutePath("spec", spec, "archive");
  }

  private static void label(
      JsonNode object, String path, String field, String kind, Findings findings) {
    Findings.text(object, field)
        .filter(name -> !Names.isLabel(name))
        .ifPresent(
            name -> findings.invalid(path, name, "the name of a " + kind + ": " + Names.LABEL));
  }
}
