package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** An Image has one source, and its paths are absolute. */
final class ImageRules {
  private static final List<String> SOURCES =
      List.of(
          "reference",
          "imageID",
          "manifestDigest",
          "archive",
          "rootfs",
          "files",
          "build",
          "commit");

  /** What is in the store already. */
  private static final List<String> STORED = List.of("imageID", "manifestDigest");

  /** A reference beside one of these is only a name. */
  private static final List<String> NAMED =
      List.of("imageID", "manifestDigest", "archive", "commit", "build");

  private static final String CHANGE =
      "(?is)\\s*(CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME"
          + "|WORKDIR)\\s.*";

  private static final List<String> CONTENTS = List.of("hostPath", "content", "link");

  private ImageRules() {}

  static void check(JsonNode spec, Findings findings) {
    if (!spec.isObject()) {
      return;
    }
    source(spec, findings);
    Findings.text(spec, "reference")
        .filter(r -> !Names.isReference(r))
        .ifPresent(r -> findings.invalid("spec.reference", r, Names.REFERENCE));
    STORED.forEach(field -> digest("spec", spec, field, findings));
    pullSecrets(spec, findings);
    ImagePolicyRules.check(spec, findings);
    findings.absolutePath("spec.archive", spec.path("archive"), "path");
    findings.absolutePath("spec.rootfs", spec.path("rootfs"), "path");
    ImageBuildRules.check(spec.path("build"), findings);
    changes(spec.path("commit"), findings);
    if (spec.path("files").isArray() && spec.path("files").isEmpty()) {
      findings.add("spec.files", FieldError.Type.REQUIRED, "empty: expected at least one file");
    }
    Findings.items("spec", spec, "files").forEach(file -> file(file, findings));
    config(spec, findings);
  }

  static void digest(String path, JsonNode parent, String field, Findings findings) {
    Findings.text(parent, field)
        .filter(digest -> !digest.matches("sha256:[0-9a-f]{64}"))
        .ifPresent(
            digest ->
                findings.invalid(path + "." + field, digest, "sha256: and 64 hexadecimal digits"));
  }

  private static void source(JsonNode spec, Findings findings) {
    List<String> sources = Findings.present(spec, SOURCES);
    if (sources.isEmpty()) {
      findings.add(
          "spec",
          FieldError.Type.REQUIRED,
          "no source: expected exactly one of " + String.join(", ", SOURCES));
    }
    boolean named = sources.contains("reference") && sources.stream().anyMatch(NAMED::contains);
    for (String second : sources.subList(Math.min(named ? 2 : 1, sources.size()), sources.size())) {
      findings.add(
          "spec." + second,
          FieldError.Type.FORBIDDEN,
          "an image has one source and " + sources.getFirst() + " is given; remove one of the two");
    }
  }

  private static void changes(JsonNode commit, Findings findings) {
    for (Findings.Item change : Findings.items("spec.commit", commit, "changes")) {
      String text = change.node().asText();
      if (!text.matches(CHANGE)) {
        findings.invalid(
            change.path(),
            text,
            "an instruction that changes the configuration, such as CMD [\"/bin/web\"]");
      }
    }
  }

  private static void pullSecrets(JsonNode spec, Findings findings) {
    ContainerRules.pullSecrets(spec, findings);
    if (Findings.present(spec, List.of("reference", "build")).isEmpty()
        && !spec.path("imagePullSecrets").isEmpty()) {
      findings.add(
          "spec.imagePullSecrets",
          FieldError.Type.FORBIDDEN,
          "only an image with a reference or a build is pulled; remove this");
    }
  }

  private static void file(Findings.Item file, Findings findings) {
    findings.absolutePath(file.path(), file.node(), "path");
    findings.absolutePath(file.path(), file.node(), "hostPath");
    Findings.text(file.node(), "path")
        .filter(p -> p.matches("/+(\\./*)*"))
        .ifPresent(p -> findings.invalid(file.path("path"), p, "a path below /"));
    List<String> contents = Findings.present(file.node(), CONTENTS);
    boolean directory = file.node().path("directory").asBoolean();
    if (contents.size() + (directory ? 1 : 0) != 1) {
      findings.add(
          file.path(),
          FieldError.Type.INVALID,
          "expected exactly one of hostPath, content, link, directory: true; found "
              + (contents.isEmpty() && !directory
                  ? "none"
                  : contents + (directory ? " and directory" : "")));
    }
    if (file.node().hasNonNull("link") && file.node().hasNonNull("mode")) {
      findings.add(
          file.path("mode"),
          FieldError.Type.FORBIDDEN,
          "a symbolic link has no permission bits; remove this field");
    }
  }

  private static void config(JsonNode spec, Findings findings) {
    JsonNode config = spec.path("config");
    if (config.isObject() && Findings.present(spec, List.of("rootfs", "files")).isEmpty()) {
      findings.add(
          "spec.config",
          FieldError.Type.FORBIDDEN,
          "this image has a configuration of its own; remove this, or set it in the Container");
    }
    for (Findings.Item env : Findings.items("spec.config", config, "env")) {
      if (env.node().isTextual() && env.node().textValue().indexOf('=') < 1) {
        findings.invalid(env.path(), env.node().textValue(), "NAME=value");
      }
    }
    findings.absolutePath("spec.config", config, "workingDir");
    ContainerRules.stopSignal("spec.config", config, findings);
  }
}
