package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** A build has one text, and its steps say one thing each. */
final class ImageBuildRules {
  private static final List<String> ACTIONS =
      List.of(
          "run",
          "exec",
          "copy",
          "add",
          "env",
          "args",
          "labels",
          "workingDir",
          "user",
          "instruction");

  private static final List<String> MAIN_CONTEXTS =
      List.of("context", "contextDigest", "contextRepository");
  private static final List<String> CONTENTS = List.of("path", "digest", "image", "repository");

  private ImageBuildRules() {}

  static void check(JsonNode build, Findings findings) {
    if (!build.isObject()) {
      return;
    }
    findings.absolutePath("spec.build", build, "context");
    ImageRules.digest("spec.build", build, "contextDigest", findings);
    List<String> contexts = Findings.present(build, MAIN_CONTEXTS);
    for (String further : contexts.subList(Math.min(1, contexts.size()), contexts.size())) {
      findings.add(
          "spec.build." + further,
          FieldError.Type.FORBIDDEN,
          "the build has a context already; remove one of the two");
    }
    Findings.items("spec.build", build, "contexts").forEach(named -> context(named, findings));
    List<String> texts = Findings.present(build, List.of("stages", "text"));
    if (texts.size() == 2) {
      findings.add(
          "spec.build.text",
          FieldError.Type.FORBIDDEN,
          "the build is given as stages too; remove one of the two");
    }
    if (texts.isEmpty() && contexts.isEmpty()) {
      findings.add(
          "spec.build",
          FieldError.Type.REQUIRED,
          "nothing to build by: expected a context with a Dockerfile, text, or stages");
    }
    for (Findings.Item stage : Findings.items("spec.build", build, "stages")) {
      Findings.items(stage.path(), stage.node(), "steps").forEach(step -> step(step, findings));
    }
  }

  private static void context(Findings.Item named, Findings findings) {
    findings.absolutePath(named.path(), named.node(), "path");
    ImageRules.digest(named.path(), named.node(), "digest", findings);
    List<String> contents = Findings.present(named.node(), CONTENTS);
    if (contents.size() != 1) {
      findings.add(named.path(), FieldError.Type.INVALID, oneOf(CONTENTS, contents));
    }
  }

  private static String oneOf(List<String> expected, List<String> found) {
    return "expected exactly one of "
        + String.join(", ", expected)
        + "; found "
        + (found.isEmpty() ? "none" : String.join(", ", found));
  }

  private static void step(Findings.Item step, Findings findings) {
    List<String> actions = Findings.present(step.node(), ACTIONS);
    if (actions.size() != 1) {
      findings.add(step.path(), FieldError.Type.INVALID, oneOf(ACTIONS, actions));
    }
    boolean runs = actions.contains("run") || actions.contains("exec");
    for (String beside : Findings.present(step.node(), List.of("mounts", "network"))) {
      if (!runs) {
        findings.add(
            step.path(beside), FieldError.Type.FORBIDDEN, "only run and exec have it; remove this");
      }
    }
  }
}
