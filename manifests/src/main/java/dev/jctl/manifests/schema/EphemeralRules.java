package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Containers that are put into a running Pod to look at it: they cannot have all that others can.
 */
final class EphemeralRules {
  private static final List<String> WITHOUT =
      List.of(
          "lifecycle",
          "livenessProbe",
          "ports",
          "readinessProbe",
          "resizePolicy",
          "resources",
          "restartPolicy",
          "startupProbe");

  private EphemeralRules() {}

  static void check(JsonNode spec, Findings findings) {
    Set<String> names = new TreeSet<>();
    spec.path("containers").forEach(c -> names.add(c.path("name").asText()));
    for (Findings.Item container : Findings.items("spec", spec, "ephemeralContainers")) {
      for (String field : WITHOUT) {
        if (!container.node().path(field).isEmpty() || container.node().path(field).isTextual()) {
          findings.add(
              container.path(field),
              FieldError.Type.FORBIDDEN,
              "cannot be set for an ephemeral container: remove it");
        }
      }
      for (Findings.Item mount :
          Findings.items(container.path(), container.node(), "volumeMounts")) {
        Findings.text(mount.node(), "subPath")
            .filter(path -> !path.isEmpty())
            .ifPresent(
                path ->
                    findings.add(
                        mount.path("subPath"),
                        FieldError.Type.FORBIDDEN,
                        "cannot be set for an ephemeral container: mount the whole volume"));
      }
      target(container, names, findings);
    }
  }

  private static void target(Findings.Item container, Set<String> names, Findings findings) {
    Findings.text(container.node(), "targetContainerName")
        .filter(name -> !name.isEmpty() && !names.contains(name))
        .ifPresent(
            name ->
                findings.add(
                    container.path("targetContainerName"),
                    FieldError.Type.INVALID,
                    "no container \""
                        + Types.shortened(name)
                        + "\" in spec.containers; name one of "
                        + names
                        + NearestName.hint(name, names)));
  }
}
