package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/** Times are times. */
final class ManifestSetRules {
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private ManifestSetRules() {}

  static void check(JsonNode spec, Findings findings) {
    Findings.text(spec, "healthTimeout")
        .filter(t -> Durations.parse(t).filter(d -> d.compareTo(SHORTEST) >= 0).isEmpty())
        .ifPresent(
            t -> findings.invalid("spec.healthTimeout", t, Durations.SYNTAX + ", at least 1s"));
  }
}
