package dev.jctl.controller.job;

import dev.jctl.controller.status.Times;
import dev.jctl.controller.workload.PodFacts;
import dev.jctl.controller.workload.WorkloadConditions;
import dev.jctl.controller.workload.WorkloadConditions.Seen;
import dev.jctl.manifests.model.JobStatus;
import dev.jctl.manifests.model.WorkloadCondition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How far a Job is → its status. Pure. */
final class JobStatusView {
  private final JobFacts facts;
  private final @Nullable JobStatus before;
  private final Optional<JobFacts.End> ended;
  private final Instant now;

  JobStatusView(JobFacts facts, Instant now) {
    this.facts = facts;
    this.before = facts.job().status(JobStatus.class).orElse(null);
    this.ended = JobPlanner.ended(facts, now);
    this.now = now;
  }

  JobStatus status() {
    List<WorkloadCondition> conditions = conditions();
    int active = facts.active().size();
    return new JobStatus(
        conditions.isEmpty() ? null : conditions,
        startTime(),
        completionTime(),
        orNull(active),
        (int) facts.active().stream().filter(PodFacts::isReady).count(),
        facts.terminating(),
        orNull(facts.succeeded()),
        orNull(facts.failed()));
  }

  /** Go's zero values are left out there. */
  private static @Nullable Integer orNull(int number) {
    return number == 0 ? null : number;
  }

  private @Nullable String startTime() {
    if (facts.isSuspended() && ended.isEmpty()) {
      return null;
    }
    String known = before == null ? null : before.startTime();
    return known == null ? Times.text(now) : known;
  }

  private @Nullable String completionTime() {
    if (ended.filter(end -> end == JobFacts.End.COMPLETE).isEmpty()) {
      return null;
    }
    String known = before == null ? null : before.completionTime();
    return known == null ? Times.text(now) : known;
  }

  private List<WorkloadCondition> conditions() {
    List<WorkloadCondition> known =
        before == null || before.conditions() == null ? List.of() : before.conditions();
    if (ended.isPresent()) {
      return facts.has("Complete") || facts.has("Failed")
          ? known
          : WorkloadConditions.with(known, seen(ended.get()), now);
    }
    boolean told = WorkloadConditions.find(known, "Suspended").isPresent();
    if (!facts.isSuspended() && !told) {
      return known;
    }
    return WorkloadConditions.with(
        known,
        facts.isSuspended()
            ? new Seen("Suspended", "True", "JobSuspended", "Job suspended")
            : new Seen("Suspended", "False", "JobResumed", "Job resumed"),
        now);
  }

  static Seen seen(JobFacts.End end) {
    return switch (end) {
      case COMPLETE ->
          new Seen(
              "Complete",
              "True",
              "CompletionsReached",
              "Reached expected number of succeeded pods");
      case BACKOFF_LIMIT_EXCEEDED ->
          new Seen(
              "Failed",
              "True",
              "BackoffLimitExceeded",
              "Job has reached the specified backoff limit");
      case DEADLINE_EXCEEDED ->
          new Seen(
              "Failed",
              "True",
              "DeadlineExceeded",
              "Job was active longer than specified deadline");
    };
  }
}
