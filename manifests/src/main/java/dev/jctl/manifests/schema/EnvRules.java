package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Environment variables: texts, ConfigMaps and Secrets, the Pod's own fields. */
final class EnvRules {
  private static final List<String> SOURCES =
      List.of("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef");
  private static final List<String> OTHER_SOURCES = List.of("fileKeyRef");
  private static final List<String> ALL_KEYS = List.of("configMapRef", "secretRef");
  static final Set<String> FIELDS =
      Set.of(
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "spec.nodeName",
          "spec.serviceAccountName",
          "status.podIP",
          "status.podIPs",
          "status.hostIP",
          "status.hostIPs");
  static final Pattern KEYED =
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
    for (Findings.Item from : Findings.items(path, container, "envFrom")) {
      allKeys(from, findings);
    }
  }

  private static void allKeys(Findings.Item from, Findings findings) {
    List<String> given = Findings.present(from.node(), ALL_KEYS);
    if (given.size() != 1) {
      findings.add(
          from.path(), FieldError.Type.INVALID, "expected one of configMapRef and secretRef");
    }
    given.forEach(source -> name(from.path(source), from.node().path(source), "name", findings));
  }

  /** The name of a ConfigMap or Secret. */
  static void name(String path, JsonNode reference, String field, Findings findings) {
    String name = reference.path(field).asText();
    if (!Names.isSubdomain(name)) {
      findings.invalid(
          FieldPath.child(path, field), name, "a name of the same namespace: " + Names.SUBDOMAIN);
    }
  }

  private static void source(Findings.Item env, Findings findings) {
    JsonNode from = env.node().path("valueFrom");
    String path = env.path("valueFrom");
    if (!env.node().path("value").asText().isEmpty()) {
      findings.add(
          path, FieldError.Type.FORBIDDEN, "value and valueFrom are both given; remove one");
    }
    for (String source : Findings.present(from, OTHER_SOURCES)) {
      findings.add(
          FieldPath.child(path, source),
          FieldError.Type.NOT_SUPPORTED,
          source + " is not supported: give a value, or one of " + String.join(", ", SOURCES));
    }
    List<String> given = Findings.present(from, SOURCES);
    if (given.size() != 1 && Findings.present(from, OTHER_SOURCES).isEmpty()) {
      findings.add(
          path,
          FieldError.Type.INVALID,
          "expected exactly one source: " + String.join(", ", SOURCES));
    }
    for (String source : given) {
      if (source.endsWith("KeyRef")) {
        name(FieldPath.child(path, source), from.path(source), "name", findings);
      }
    }
    ResourceRules.field(path + ".resourceFieldRef", from.path("resourceFieldRef"), findings);
    Findings.text(from.path("fieldRef"), "fieldPath")
        .filter(f -> !FIELDS.contains(f) && !KEYED.matcher(f).matches())
        .ifPresent(f -> field(path + ".fieldRef.fieldPath", f, FIELDS, findings));
  }

  static void field(String path, String field, Set<String> known, Findings findings) {
    String fields = String.join(", ", known.stream().sorted().toList());
    findings.add(
        path,
        FieldError.Type.NOT_SUPPORTED,
        "unsupported field \""
            + Types.shortened(field)
            + "\": expected one of "
            + fields
            + ", metadata.labels['KEY'], metadata.annotations['KEY']"
            + NearestName.hint(field, known));
  }
}
