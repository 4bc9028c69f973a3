package dev.jctl.controller.drift;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.Drift;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The last drift of a Pod, as a condition: its status is Kubernetes'. Pure. */
public final class PodDrift {
  public static final String CONDITION = "jctl.dev/Drift";
  private static final String REPAIRED = "Repaired";

  private PodDrift() {}

  /** One CamelCase word. */
  public static String reason(Drift drift) {
    return drift.repaired() ? REPAIRED : "Reported";
  }

  /** {@code spec.ports: rule missing in …}. */
  public static String message(Drift drift) {
    return String.join(", ", drift.fields())
        + ": "
        + Objects.requireNonNullElse(drift.message(), "");
  }

  /** What such a condition of a Pod says. */
  public static Optional<Drift> of(JsonNode podStatus) {
    return podStatus
        .path("conditions")
        .valueStream()
        .filter(c -> c.path("type").asText().equals(CONDITION))
        .findFirst()
        .map(PodDrift::drift);
  }

  private static Drift drift(JsonNode condition) {
    String[] parts = condition.path("message").asText().split(": ", 2);
    return new Drift(
        null,
        List.of(parts[0]),
        condition.path("lastTransitionTime").asText(),
        condition.path("reason").asText().equals(REPAIRED),
        parts.length == 1 ? "" : parts[1]);
  }
}
