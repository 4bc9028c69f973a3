package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;

/** A capacity is some bytes. */
final class VolumeRules {
  private VolumeRules() {}

  static void check(JsonNode spec, Findings findings) {
    JsonNode capacity = spec.path("capacity");
    Quantities.parse(capacity.asText())
        .filter(bytes -> bytes.signum() <= 0)
        .ifPresent(
            bytes -> findings.invalid("spec.capacity", capacity.asText(), "more than 0 bytes"));
  }
}
