package dev.jctl.controller.cronjob;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.CronSchedule;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A CronJob and its Jobs → what to do, and when to look again. Pure. */
final class CronJobPlanner {
  /** Later times are looked for from there on: none but the last is made up for. */
  private static final int MAX_MISSED = 100;

  private final StoredObject cronJob;
  private final List<StoredObject> jobs;
  private final Instant now;
  private final ZoneId zone;

  /** {@code zone}: of a schedule that names none. */
  CronJobPlanner(StoredObject cronJob, List<StoredObject> jobs, Instant now, ZoneId zone) {
    this.cronJob = cronJob;
    this.jobs = List.copyOf(jobs);
    this.now = now;
    this.zone = CronSchedule.zone(spec(cronJob).path("timeZone").asText("")).orElse(zone);
  }

  private static JsonNode spec(StoredObject cronJob) {
    return cronJob.tree().path("spec");
  }

  static boolean hasEnded(StoredObject job) {
    return is(job, "Complete") || is(job, "Failed");
  }

  static boolean is(StoredObject job, String type) {
    return job.tree()
        .path("status")
        .path("conditions")
        .valueStream()
        .anyMatch(
            c -> c.path("type").asText().equals(type) && c.path("status").asText().equals("True"));
  }

  List<StoredObject> active() {
    return jobs.stream().filter(job -> !hasEnded(job) && !job.isDeleting()).toList();
  }

  List<CronJobAction> plan() {
    if (cronJob.isDeleting()) {
      return List.of();
    }
    List<CronJobAction> actions = new ArrayList<>();
    actions.addAll(
        forgotten("Complete", spec(cronJob).path("successfulJobsHistoryLimit").asInt(3)));
    actions.addAll(forgotten("Failed", spec(cronJob).path("failedJobsHistoryLimit").asInt(1)));
    if (!spec(cronJob).path("suspend").asBoolean()) {
      due().ifPresent(time -> actions.addAll(at(time)));
    }
    return List.copyOf(actions);
  }

  private List<CronJobAction> forgotten(String type, int kept) {
    List<StoredObject> ended =
        jobs.stream()
            .filter(job -> is(job, type) && !job.isDeleting())
            .sorted(
                Comparator.comparing(
                    (StoredObject job) ->
                        job.tree().path("metadata").path("creationTimestamp").asText()))
            .toList();
    return ended.stream()
        .limit(Math.max(0, ended.size() - kept))
        .<CronJobAction>map(CronJobAction.Delete::new)
        .toList();
  }

  private List<CronJobAction> at(Instant time) {
    JsonNode deadline = spec(cronJob).path("startingDeadlineSeconds");
    if (deadline.isNumber() && time.plusSeconds(deadline.asLong()).isBefore(now)) {
      return List.of(
          new CronJobAction.Skip(
              time, "MissSchedule", "Missed scheduled time to start a job: " + Times.text(time)));
    }
    List<CronJobAction> actions = new ArrayList<>();
    switch (spec(cronJob).path("concurrencyPolicy").asText("Allow")) {
      case "Forbid" -> {
        if (!active().isEmpty()) {
          return List.of(
              new CronJobAction.Skip(
                  time,
                  "JobAlreadyActive",
                  "Not starting job because prior execution is running and concurrency policy is"
                      + " Forbid"));
        }
      }
      case "Replace" -> active().stream().map(CronJobAction.Delete::new).forEach(actions::add);
      default -> {}
    }
    actions.add(new CronJobAction.Create(time));
    return List.copyOf(actions);
  }

  /** The last time that has come since the last Job, if any. */
  private Optional<Instant> due() {
    Optional<CronSchedule> schedule = schedule();
    if (schedule.isEmpty()) {
      return Optional.empty();
    }
    Instant due = null;
    Optional<ZonedDateTime> next = schedule.get().next(since().atZone(zone));
    for (int i = 0; next.isPresent() && !next.get().toInstant().isAfter(now); i++) {
      due = next.get().toInstant();
      // after a long pause it is not counted how often it was missed
      ZonedDateTime from =
          i == MAX_MISSED ? now.minus(Duration.ofDays(1)).atZone(zone) : next.get();
      next = schedule.get().next(from.isBefore(next.get()) ? next.get() : from);
    }
    return Optional.ofNullable(due);
  }

  private Instant since() {
    JsonNode metadata = cronJob.tree().path("metadata");
    return Times.parse(cronJob.tree().path("status").path("lastScheduleTime").asText())
        .or(() -> Times.parse(metadata.path("creationTimestamp").asText()))
        .orElse(now);
  }

  private Optional<CronSchedule> schedule() {
    return CronSchedule.parse(spec(cronJob).path("schedule").asText());
  }

  /** How long until the next time; empty when there is none. */
  Optional<Duration> untilNext() {
    if (spec(cronJob).path("suspend").asBoolean() || cronJob.isDeleting()) {
      return Optional.empty();
    }
    return schedule()
        .flatMap(s -> s.next(now.atZone(zone)))
        .map(next -> Duration.between(now, next.toInstant()));
  }
}
