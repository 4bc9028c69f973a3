package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.jctl.controller.api.Columns.Column;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.reference.Selectors;
import dev.jctl.manifests.schema.Ages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The columns of kinds in apps and batch: those of Kubernetes. */
final class WorkloadColumns {
  private WorkloadColumns() {}

  static List<Column> of(ResourceKind kind) {
    return switch (kind) {
      case DEPLOYMENT ->
          List.of(
              Columns.name(),
              Columns.text("Ready", o -> count(o, "readyReplicas") + "/" + replicas(o)),
              Columns.number("Up-to-date", o -> count(o, "updatedReplicas")),
              Columns.number("Available", o -> count(o, "availableReplicas")),
              Columns.age(),
              containers("name", "Containers"),
              containers("image", "Images"),
              selector());
      case REPLICA_SET ->
          List.of(
              Columns.name(),
              Columns.number("Desired", WorkloadColumns::replicas),
              Columns.number("Current", o -> count(o, "replicas")),
              Columns.number("Ready", o -> count(o, "readyReplicas")),
              Columns.age(),
              containers("name", "Containers"),
              containers("image", "Images"),
              selector());
      case JOB ->
          List.of(
              Columns.name(),
              Columns.text("Status", WorkloadColumns::jobStatus),
              Columns.text("Completions", WorkloadColumns::completions),
              new Column("Duration", "string", "", 0, WorkloadColumns::duration),
              Columns.age(),
              containers("name", "Containers"),
              containers("image", "Images"),
              selector());
      case CRON_JOB ->
          List.of(
              Columns.name(),
              Columns.text("Schedule", o -> o.path("spec").path("schedule").asText()),
              Columns.text("Timezone", o -> o.path("spec").path("timeZone").asText("<none>")),
              Columns.text(
                  "Suspend", o -> o.path("spec").path("suspend").asBoolean() ? "True" : "False"),
              Columns.number("Active", o -> o.path("status").path("active").size()),
              new Column("Last Schedule", "string", "", 0, WorkloadColumns::lastSchedule),
              Columns.age());
      default -> throw new IllegalArgumentException("no workload: " + kind);
    };
  }

  private static int count(JsonNode object, String field) {
    return object.path("status").path(field).asInt(0);
  }

  private static int replicas(JsonNode object) {
    return object.path("spec").path("replicas").asInt(1);
  }

  private static Column containers(String field, String name) {
    return Columns.wide(
        name,
        o ->
            Columns.joined(
                o.path("spec").path("template").path("spec").path("containers"),
                c -> c.path(field).asText()));
  }

  private static Column selector() {
    return Columns.wide("Selector", o -> Selectors.text(o.path("spec").path("selector")));
  }

  private static String jobStatus(JsonNode job) {
    Map<String, String> words =
        Map.of("Complete", "Complete", "Failed", "Failed", "Suspended", "Suspended");
    String word =
        job.path("status")
            .path("conditions")
            .valueStream()
            .filter(c -> c.path("status").asText().equals("True"))
            .map(c -> words.getOrDefault(c.path("type").asText(), ""))
            .filter(w -> !w.isEmpty())
            .findFirst()
            .orElse("Running");
    return job.path("metadata").hasNonNull("deletionTimestamp") ? "Terminating" : word;
  }

  private static String completions(JsonNode job) {
    JsonNode spec = job.path("spec");
    boolean queue = !spec.hasNonNull("completions") && spec.path("parallelism").asInt(1) > 1;
    String of =
        queue ? "1 of " + spec.path("parallelism").asText() : spec.path("completions").asText("1");
    return count(job, "succeeded") + "/" + of;
  }

  private static JsonNode duration(JsonNode job, Instant now) {
    Instant end =
        Stream.of(job.path("status").path("completionTime").asText())
            .flatMap(t -> Times.parse(t).stream())
            .findFirst()
            .orElse(now);
    return TextNode.valueOf(
        Times.parse(job.path("status").path("startTime").asText())
            .map(start -> Ages.human(Duration.between(start, end)))
            .orElse(""));
  }

  private static JsonNode lastSchedule(JsonNode cronJob, Instant now) {
    String last = cronJob.path("status").path("lastScheduleTime").asText("");
    return TextNode.valueOf(last.isEmpty() ? "<none>" : Ages.since(last, now));
  }
}
