package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** A repository is reached safely, one thing of it is followed, and times are times. */
final class GitRepositoryRules {
  private static final Pattern LOCAL = Pattern.compile("(file://)?/[^\\n]*");
  private static final Pattern SAFE = Pattern.compile("(https|ssh)://[^\\s/]+/\\S+");
  private static final Pattern SCP = Pattern.compile("[\\w.-]+@[\\w.-]+:\\S+");
  private static final Pattern LOOPBACK =
      Pattern.compile("(http|git)://(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])(:\\d{1,5})?/\\S*");
  private static final Pattern PASSWORD = Pattern.compile("\\w+://[^/@:]+:[^/@]*@.*");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final List<String> REFS = List.of("branch", "tag", "semver", "commit");
  private static final List<String> KEYS = List.of("secretRef", "configMapRef");
  private static final List<String> WITH_CONDITIONS =
      Arrays.stream(ResourceKind.values())
          .filter(ResourceKind::hasStatus)
          .map(ResourceKind::kind)
          .toList();
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private GitRepositoryRules() {}

  static void check(JsonNode spec, Findings findings) {
    Findings.text(spec, "url").ifPresent(url -> url(url, findings));
    followed(spec, findings);
    sparse(spec.path("sparse"), findings);
    ref(spec.path("ref"), findings);
    verify(spec, findings);
    imageUpdates(spec, findings);
  }

  /** What is the same of all that manifests are followed from. */
  static void followed(JsonNode spec, Findings findings) {
    Findings.text(spec, "path")
        .filter(GitRepositoryRules::leaves)
        .ifPresent(path -> findings.invalid("spec.path", path, "a directory of the repository"));
    for (String field : List.of("interval", "timeout")) {
      Findings.text(spec, field)
          .filter(t -> !isTime(t))
          .ifPresent(t -> findings.invalid("spec." + field, t, Durations.SYNTAX + ", at least 1s"));
    }
    Findings.text(spec, "targetNamespace")
        .filter(name -> !Names.isLabel(name))
        .ifPresent(name -> findings.invalid("spec.targetNamespace", name, Names.LABEL));
    Findings.text(spec.path("healthGate"), "timeout")
        .filter(t -> !isTime(t))
        .ifPresent(
            t ->
                findings.invalid("spec.healthGate.timeout", t, Durations.SYNTAX + ", at least 1s"));
    dependencies(spec, findings);
  }

  private static boolean leaves(String path) {
    return List.of(path.split("/")).contains("..");
  }

  private static void sparse(JsonNode paths, Findings findings) {
    for (int i = 0; i < paths.size(); i++) {
      String path = paths.path(i).asText();
      if (path.isBlank() || leaves(path)) {
        findings.invalid("spec.sparse[" + i + "]", path, "a directory or file of the repository");
      }
    }
  }

  private static boolean isTime(String text) {
    return Durations.parse(text).filter(d -> d.compareTo(SHORTEST) >= 0).isPresent();
  }

  private static void dependencies(JsonNode spec, Findings findings) {
    for (Findings.Item item : Findings.items("spec", spec, "dependsOn")) {
      Findings.text(item.node(), "kind")
          .filter(kind -> !WITH_CONDITIONS.contains(kind))
          .ifPresent(
              kind ->
                  findings.invalid(
                      item.path("kind"),
                      kind,
                      "a kind that has a status, such as Container or GitRepository"));
    }
  }

  private static void imageUpdates(JsonNode spec, Findings findings) {
    if (!spec.path("imageUpdates").isObject()) {
      return;
    }
    List<String> fixed = Findings.present(spec.path("ref"), List.of("tag", "semver", "commit"));
    if (!fixed.isEmpty()) {
      findings.add(
          "spec.imageUpdates",
          FieldError.Type.FORBIDDEN,
          "commits go to a branch, and spec.ref." + fixed.getFirst() + " is none");
    }
    if (spec.path("verify").isObject()) {
      findings.add(
          "spec.imageUpdates",
          FieldError.Type.FORBIDDEN,
          "these commits are not signed, and spec.verify would refuse them");
    }
  }

  private static void verify(JsonNode spec, Findings findings) {
    if (spec.path("verify").isObject() && Findings.present(spec.path("verify"), KEYS).isEmpty()) {
      findings.add(
          "spec.verify",
          FieldError.Type.REQUIRED,
          "names no keys; give it one of " + String.join(", ", KEYS));
    }
  }

  private static void url(String url, Findings findings) {
    if (PASSWORD.matcher(url).matches()) {
      findings.add(
          "spec.url",
          FieldError.Type.FORBIDDEN,
          "there is a password in it that everybody could read; put it into a Secret and name that"
              + " in spec.secretRef");
    } else if (List.of(LOCAL, SAFE, SCP, LOOPBACK).stream()
        .noneMatch(form -> form.matcher(url).matches())) {
      findings.invalid(
          "spec.url",
          url,
          "https://host/path, ssh://user@host/path, user@host:path or an absolute path; http:// and"
              + " git:// from this machine only, as anybody on the way could change what comes");
    }
  }

  private static void ref(JsonNode ref, Findings findings) {
    List<String> given = Findings.present(ref, REFS);
    boolean both = given.equals(List.of("branch", "commit"));
    if (given.size() > 1 && !both) {
      findings.add(
          "spec.ref",
          FieldError.Type.INVALID,
          "expected one of " + String.join(", ", REFS) + "; found " + String.join(" and ", given));
    }
    Findings.text(ref, "commit")
        .filter(commit -> !COMMIT.matcher(commit).matches())
        .ifPresent(commit -> findings.invalid("spec.ref.commit", commit, "40 hexadecimal digits"));
  }
}
