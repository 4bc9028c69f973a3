package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Volumes whose files come from ConfigMaps, Secrets, tokens and the Pod's own fields. */
final class FileVolumeRules {
  private static final List<String> PROJECTIONS =
      List.of("configMap", "downwardAPI", "secret", "serviceAccountToken");
  private static final long MIN_SECONDS = 600;
  private static final long MAX_SECONDS = 1L << 32;

  private FileVolumeRules() {}

  static void check(Findings.Item volume, Findings findings) {
    source(volume, "secretName", findings);
    for (Findings.Item projection :
        Findings.items(volume.path("projected"), volume.node().path("projected"), "sources")) {
      List<String> given = Findings.present(projection.node());
      if (given.size() != 1 || !PROJECTIONS.contains(given.getFirst())) {
        findings.add(
            projection.path(),
            FieldError.Type.NOT_SUPPORTED,
            "expected exactly one of "
                + String.join(", ", PROJECTIONS)
                + "; found "
                + (given.isEmpty() ? "none" : String.join(", ", given)));
      }
      source(projection, "name", findings);
      if (projection.node().path("serviceAccountToken").isObject()) {
        token(
            new Findings.Item(
                projection.path("serviceAccountToken"),
                projection.node().path("serviceAccountToken")),
            findings);
      }
    }
  }

  private static void source(Findings.Item holder, String secretName, Findings findings) {
    named(holder, "configMap", "name", findings);
    named(holder, "secret", secretName, findings);
    for (Findings.Item item :
        Findings.items(holder.path("downwardAPI"), holder.node().path("downwardAPI"), "items")) {
      path(item, findings);
      field(item, findings);
    }
  }

  private static void named(Findings.Item holder, String source, String name, Findings findings) {
    JsonNode node = holder.node().path(source);
    if (!node.isObject()) {
      return;
    }
    EnvRules.name(holder.path(source), node, name, findings);
    Findings.items(holder.path(source), node, "items").forEach(item -> path(item, findings));
  }

  private static void token(Findings.Item token, Findings findings) {
    if (token.node().path("path").asText("").isEmpty()) {
      findings.add(
          token.path("path"),
          FieldError.Type.REQUIRED,
          "missing: the file that the token is to be in, such as token");
    }
    path(token, findings);
    JsonNode seconds = token.node().path("expirationSeconds");
    if (seconds.isIntegralNumber()
        && (seconds.longValue() < MIN_SECONDS || seconds.longValue() > MAX_SECONDS)) {
      findings.invalid(
          token.path("expirationSeconds"),
          seconds.asText(),
          "600 (ten minutes) to 4294967296 seconds");
    }
  }

  private static void path(Findings.Item item, Findings findings) {
    Findings.text(item.node(), "path")
        .filter(p -> p.isEmpty() || p.startsWith("/") || p.startsWith("..") || climbs(p))
        .ifPresent(
            p ->
                findings.invalid(
                    item.path("path"), p, "a path within the volume such as conf/app.ini"));
  }

  private static boolean climbs(String path) {
    return ("/" + path + "/").matches(".*/(\\.{1,2})?/.*");
  }

  private static void field(Findings.Item item, Findings findings) {
    JsonNode resource = item.node().path("resourceFieldRef");
    if (item.node().path("fieldRef").isObject() == resource.isObject()) {
      findings.add(
          item.path(), FieldError.Type.INVALID, "expected one of fieldRef and resourceFieldRef");
    }
    ResourceRules.field(item.path("resourceFieldRef"), resource, findings);
    if (resource.isObject() && !resource.hasNonNull("containerName")) {
      findings.add(
          item.path("resourceFieldRef") + ".containerName",
          FieldError.Type.REQUIRED,
          "missing: name one of spec.containers");
    }
    Set<String> known = new TreeSet<>(EnvRules.FIELDS);
    known.addAll(List.of("metadata.labels", "metadata.annotations"));
    Findings.text(item.node().path("fieldRef"), "fieldPath")
        .filter(f -> !known.contains(f) && !EnvRules.KEYED.matcher(f).matches())
        .ifPresent(f -> EnvRules.field(item.path("fieldRef") + ".fieldPath", f, known, findings));
  }
}
