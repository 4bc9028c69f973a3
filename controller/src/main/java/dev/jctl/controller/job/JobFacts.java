package dev.jctl.controller.job;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Times;
import dev.jctl.controller.workload.PodFacts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How far a Job is. What was counted once stays counted when the Pod is deleted, since the status
 * remembers it.
 */
record JobFacts(StoredObject job, List<StoredObject> pods) {
  private static final int FOREVER = Integer.MAX_VALUE;

  JobFacts {
    pods = List.copyOf(pods);
  }

  /** What ends a Job. */
  enum End {
    COMPLETE,
    BACKOFF_LIMIT_EXCEEDED,
    DEADLINE_EXCEEDED
  }

  JsonNode spec() {
    return job.tree().path("spec");
  }

  JsonNode status() {
    return job.tree().path("status");
  }

  boolean isSuspended() {
    return spec().path("suspend").asBoolean();
  }

  List<StoredObject> active() {
    return pods.stream().filter(PodFacts::isActive).toList();
  }

  int terminating() {
    return (int) pods.stream().filter(pod -> pod.isDeleting() && !PodFacts.isOver(pod)).count();
  }

  int succeeded() {
    int seen = (int) pods.stream().filter(PodFacts::hasSucceeded).count();
    return Math.max(seen, status().path("succeeded").asInt(0));
  }

  int failed() {
    int seen = (int) pods.stream().filter(PodFacts::hasFailed).count();
    return Math.max(seen, status().path("failed").asInt(0));
  }

  private int restarts() {
    return active().stream().mapToInt(PodFacts::restarts).sum();
  }

  int parallelism() {
    return spec().path("parallelism").asInt(1);
  }

  /** Without a number of completions, the first success says that the work is done. */
  private boolean isQueue() {
    return !spec().hasNonNull("completions") && spec().hasNonNull("parallelism");
  }

  private int completions() {
    return spec().path("completions").asInt(1);
  }

  /** How many Pods are to run at once. */
  int wanted() {
    if (isSuspended() || ended().isPresent()) {
      return 0;
    }
    if (isQueue()) {
      return succeeded() > 0 ? active().size() : parallelism();
    }
    return Math.min(parallelism(), Math.max(0, completions() - succeeded()));
  }

  /** Also what the status says of one that ended before. */
  Optional<End> ended() {
    if (has("Complete")) {
      return Optional.of(End.COMPLETE);
    }
    if (has("Failed")) {
      return Optional.of(
          condition("Failed").path("reason").asText().equals("DeadlineExceeded")
              ? End.DEADLINE_EXCEEDED
              : End.BACKOFF_LIMIT_EXCEEDED);
    }
    return isDone() ? Optional.of(End.COMPLETE) : failedBy();
  }

  private boolean isDone() {
    return isQueue()
        ? succeeded() > 0 && active().isEmpty() && terminating() == 0
        : succeeded() >= completions();
  }

  private Optional<End> failedBy() {
    return failed() + restarts() > spec().path("backoffLimit").asInt(FOREVER)
        ? Optional.of(End.BACKOFF_LIMIT_EXCEEDED)
        : Optional.empty();
  }

  boolean has(String type) {
    return condition(type).path("status").asText().equals("True");
  }

  private JsonNode condition(String type) {
    return status()
        .path("conditions")
        .valueStream()
        .filter(c -> c.path("type").asText().equals(type))
        .findFirst()
        .orElse(com.fasterxml.jackson.databind.node.MissingNode.getInstance());
  }

  Optional<Instant> startTime() {
    return Times.parse(status().path("startTime").asText());
  }

  /** When the last Pod failed. */
  Optional<Instant> lastFailure() {
    return pods.stream()
        .filter(PodFacts::hasFailed)
        .flatMap(pod -> PodFacts.endedAt(pod).stream())
        .max(Instant::compareTo);
  }

  /** Since when it has ended. */
  Optional<Instant> endTime() {
    String type = has("Complete") ? "Complete" : "Failed";
    return has(type)
        ? Times.parse(condition(type).path("lastTransitionTime").asText())
        : Optional.empty();
  }
}
