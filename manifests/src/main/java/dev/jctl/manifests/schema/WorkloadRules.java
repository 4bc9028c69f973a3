package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.CronSchedule;
import java.util.List;
import java.util.Map;

/** Kinds that make Pods: their templates are Pods, and their selectors select those. */
final class WorkloadRules {
  private static final List<String> ENDING = List.of("OnFailure", "Never");

  private WorkloadRules() {}

  /** A Deployment or a ReplicaSet. */
  static void checkReplicated(JsonNode spec, Findings findings) {
    JsonNode template = spec.path("template");
    template("spec.template", template, findings);
    Findings.text(template.path("spec"), "restartPolicy")
        .filter(policy -> !policy.equals("Always"))
        .ifPresent(
            policy ->
                findings.add(
                    "spec.template.spec.restartPolicy",
                    FieldError.Type.NOT_SUPPORTED,
                    "expected Always, found \""
                        + Types.shortened(policy)
                        + "\": make a Job of what ends"));
    selector(spec, findings);
  }

  private static void selector(JsonNode spec, Findings findings) {
    JsonNode selector = spec.path("selector");
    if (!selector.isObject()) {
      return;
    }
    if (selector.path("matchLabels").isEmpty() && selector.path("matchExpressions").isEmpty()) {
      findings.add(
          "spec.selector",
          FieldError.Type.INVALID,
          "empty: expected labels of the template, or every Pod would be selected");
    }
    JsonNode labels = spec.path("template").path("metadata").path("labels");
    for (Map.Entry<String, JsonNode> label : selector.path("matchLabels").properties()) {
      if (!labels.path(label.getKey()).equals(label.getValue())) {
        findings.add(
            FieldPath.child("spec.template.metadata.labels", label.getKey()),
            FieldError.Type.INVALID,
            "`selector` does not match template `labels`: expected \""
                + Types.shortened(label.getValue().asText())
                + "\", as in spec.selector.matchLabels");
      }
    }
  }

  static void checkJob(JsonNode spec, Findings findings) {
    job("spec", spec, findings);
  }

  private static void job(String path, JsonNode spec, Findings findings) {
    String template = FieldPath.child(path, "template");
    template(template, spec.path("template"), findings);
    String policy = Findings.text(spec.path("template").path("spec"), "restartPolicy").orElse("");
    if (spec.path("template").path("spec").isObject() && !ENDING.contains(policy)) {
      findings.add(
          template + ".spec.restartPolicy",
          FieldError.Type.REQUIRED,
          "expected OnFailure or Never: the Pods of a Job end");
    }
  }

  static void checkCronJob(JsonNode spec, Findings findings) {
    Findings.text(spec, "schedule")
        .filter(s -> CronSchedule.parse(s).isEmpty())
        .ifPresent(s -> findings.invalid("spec.schedule", s, CronSchedule.EXPECTED));
    Findings.text(spec, "timeZone")
        .filter(z -> CronSchedule.zone(z).isEmpty())
        .ifPresent(
            z -> findings.invalid("spec.timeZone", z, "a name such as Europe/Berlin or Etc/UTC"));
    job("spec.jobTemplate.spec", spec.path("jobTemplate").path("spec"), findings);
  }

  /** A template is a Pod without a name. */
  private static void template(String path, JsonNode template, Findings findings) {
    Findings own = new Findings();
    PodRules.check(template.path("metadata"), template.path("spec"), own);
    if (!template.path("spec").path("ephemeralContainers").isEmpty()) {
      own.add(
          "spec.ephemeralContainers",
          FieldError.Type.FORBIDDEN,
          "ephemeral containers are added to a Pod that runs (kubectl debug): remove them");
    }
    own.errors().forEach(e -> findings.add(path + "." + e.path(), e.type(), e.message()));
  }
}
