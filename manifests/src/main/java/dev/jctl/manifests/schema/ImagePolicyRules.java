package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.CronSchedule;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** An Image follows one thing of a repository, at times that there are. */
final class ImagePolicyRules {
  private static final List<String> CHOICES = List.of("semver", "newest", "digest");
  private static final String PATH = "spec.policy";

  private ImagePolicyRules() {}

  static void check(JsonNode spec, Findings findings) {
    JsonNode policy = spec.path("policy");
    if (!policy.isObject()) {
      return;
    }
    if (!Findings.present(spec, List.of("imageID", "manifestDigest", "archive", "build")).isEmpty()
        || !spec.has("reference")) {
      findings.add(
          PATH,
          FieldError.Type.FORBIDDEN,
          "only an image that is pulled by its reference follows one");
    }
    List<String> given = Findings.present(policy, CHOICES);
    if (given.size() != 1 || (policy.has("digest") && !policy.path("digest").asBoolean())) {
      findings.add(
          PATH, FieldError.Type.INVALID, "expected exactly one of semver, newest, digest: true");
    }
    Findings.text(policy.path("newest"), "pattern").ifPresent(p -> pattern(p, findings));
    duration(PATH, policy, "interval", findings);
    duration(PATH, policy, "healthTimeout", findings);
    Findings.items(PATH, policy, "windows").forEach(window -> window(window, findings));
  }

  private static void pattern(String pattern, Findings findings) {
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      findings.invalid(
          PATH + ".newest.pattern", pattern, "a regular expression: " + e.getDescription());
    }
  }

  private static void window(Findings.Item window, Findings findings) {
    Findings.text(window.node(), "schedule")
        .filter(s -> CronSchedule.parse(s).isEmpty())
        .ifPresent(s -> findings.invalid(window.path("schedule"), s, CronSchedule.EXPECTED));
    Findings.text(window.node(), "timeZone")
        .filter(z -> CronSchedule.zone(z).isEmpty())
        .ifPresent(
            z ->
                findings.invalid(
                    window.path("timeZone"), z, "a name such as Europe/Berlin or Etc/UTC"));
    duration(window.path(), window.node(), "duration", findings);
  }

  private static void duration(String path, JsonNode object, String field, Findings findings) {
    Findings.text(object, field)
        .filter(text -> Durations.parse(text).filter(d -> d.toMillis() >= 1000).isEmpty())
        .ifPresent(
            text ->
                findings.invalid(
                    FieldPath.child(path, field), text, Durations.SYNTAX + ", at least 1s"));
  }
}
