package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Environment variables, from texts and from the Pod's own fields. */
final class EnvRules {
  private static final List<String> SOURCES =
      List.of("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef");
  private static final Set<String> FIELDS =
      Set.of(
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "spec.nodeName",
          "status.podIP",
          "status.podIPs",
          "status.hostIP");
  private static final Pattern KEYED =
      Pattern.compile("metadata\\.(?:labels|annotations)\\['[^']{1,317}'\\]");

  private EnvRules() {}

  static void check(String path, JsonNode container, Findings findings) {
    for (Findings.Item env : Findings.items(path, container, "env")) {
      Findings.text(env.node(), "name")
          .filter(n -> !Names.isEnvName(n))
          .ifPresent(
              n -> findings.invalid(env.path("name"), n, "visible ASCII characters other than ="));
      if (env.node().path("valueFrom").isObject()) {
        source(env, findings);
      }
    }
    if (!container.path("envFrom").isEmpty()) {
      findings.add(
          FieldPath.child(path, "envFrom"),
          FieldError.Type.NOT_SUPPORTED,
          "ConfigMaps and Secrets are not supported: list the variables in env");
    }
  }

  private static void source(Findings.Item env, Findings findings) {
    JsonNode from = env.node().path("valueFrom");
    String path = env.path("valueFrom");
    if (!env.node().path("value").asText().isEmpty()) {
      findings.add(
          path, FieldError.Type.FORBIDDEN, "value and valueFrom are both given; remove one");
    }
    for (String source : Findings.present(from, SOURCES)) {
      if (!source.equals("fieldRef")) {
        findings.add(
            FieldPath.child(path, source),
            FieldError.Type.NOT_SUPPORTED,
            source + " is not supported: give a value, or a fieldRef");
      }
    }
    if (Findings.present(from, SOURCES).size() != 1) {
      findings.add(path, FieldError.Type.INVALID, "expected exactly one source: fieldRef");
    }
    Findings.text(from.path("fieldRef"), "fieldPath")
        .filter(f -> !FIELDS.contains(f) && !KEYED.matcher(f).matches())
        .ifPresent(f -> field(path + ".fieldRef.fieldPath", f, findings));
  }

  private static void field(String path, String field, Findings findings) {
    String fields = String.join(", ", FIELDS.stream().sorted().toList());
    findings.add(
        path,
        FieldError.Type.NOT_SUPPORTED,
        "unsupported field \""
            + Types.shortened(field)
            + "\": expected one of "
            + fields
            + ", metadata.labels['KEY'], metadata.annotations['KEY']"
            + NearestName.hint(field, FIELDS));
  }
}
