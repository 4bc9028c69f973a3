package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.regex.Pattern;

/** A source is one thing, and named so that it is found wherever the controller was started. */
final class ManifestSourceRules {
  private static final List<String> SOURCES = List.of("directory", "archive", "oci");
  private static final List<String> REFS = List.of("tag", "semver", "digest");
  private static final Pattern OCI =
      Pattern.compile("oci://[\\w.-]+(:\\d{1,5})?(/[a-z0-9][a-z0-9._-]*)+");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  private ManifestSourceRules() {}

  static void check(JsonNode spec, Findings findings) {
    List<String> sources = Findings.present(spec, SOURCES);
    if (sources.size() != 1) {
      findings.add(
          "spec",
          sources.isEmpty() ? FieldError.Type.REQUIRED : FieldError.Type.INVALID,
          "expected exactly one of "
              + String.join(", ", SOURCES)
              + (sources.isEmpty() ? "" : "; found " + String.join(" and ", sources)));
    }
    findings.absolutePath("spec", spec, "directory");
    findings.absolutePath("spec", spec, "archive");
    oci(spec.path("oci"), findings);
    GitRepositoryRules.followed(spec, findings);
  }

  private static void oci(JsonNode oci, Findings findings) {
    Findings.text(oci, "url")
        .filter(url -> !OCI.matcher(url).matches())
        .ifPresent(
            url ->
                findings.invalid(
                    "spec.oci.url", url, "oci://HOST/REPOSITORY; what is followed is in ref"));
    JsonNode ref = oci.path("ref");
    List<String> given = Findings.present(ref, REFS);
    if (given.size() > 1) {
      findings.add(
          "spec.oci.ref",
          FieldError.Type.INVALID,
          "expected one of " + String.join(", ", REFS) + "; found " + String.join(" and ", given));
    }
    Findings.text(ref, "tag")
        .filter(tag -> !TAG.matcher(tag).matches())
        .ifPresent(tag -> findings.invalid("spec.oci.ref.tag", tag, "a tag"));
    Findings.text(ref, "digest")
        .filter(digest -> !DIGEST.matcher(digest).matches())
        .ifPresent(
            d -> findings.invalid("spec.oci.ref.digest", d, "sha256: and 64 hexadecimal digits"));
  }
}
