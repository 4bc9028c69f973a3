package dev.jctl.controller.job;

import dev.jctl.controller.resources.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How far a Job is → what to do. Pure. */
final class JobPlanner {
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(10);
  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(6);
  private static final int MAX_DOUBLINGS = 6;

  private JobPlanner() {}

  static List<JobAction> plan(JobFacts facts, Instant now) {
    List<JobAction> actions = new ArrayList<>();
    if (facts.job().isDeleting()) {
      return actions; // what becomes of its Pods is the garbage collector's to decide
    }
    boolean ended = ended(facts, now).isPresent();
    List<StoredObject> active = facts.active();
    int wanted = ended ? 0 : facts.wanted();
    int missing = wanted - active.size();
    active.stream().skip(Math.max(0, wanted)).map(JobAction.Delete::new).forEach(actions::add);
    if (missing > 0) {
      Duration backoff = backoff(facts, now);
      actions.add(backoff.isZero() ? new JobAction.Create(missing) : new JobAction.Wait(backoff));
    }
    actions.addAll(ended ? expiry(facts, now) : deadline(facts, now));
    return actions;
  }

  /** Whether it has ended by now; of one that has, its status says so already. */
  static Optional<JobFacts.End> ended(JobFacts facts, Instant now) {
    Optional<JobFacts.End> ended = facts.ended();
    if (ended.isPresent() || facts.isSuspended()) {
      return ended;
    }
    return untilDeadline(facts, now).filter(Duration::isZero).isPresent()
        ? Optional.of(JobFacts.End.DEADLINE_EXCEEDED)
        : Optional.empty();
  }

  private static Optional<Duration> untilDeadline(JobFacts facts, Instant now) {
    if (!facts.spec().hasNonNull("activeDeadlineSeconds")) {
      return Optional.empty();
    }
    Duration deadline = Duration.ofSeconds(facts.spec().path("activeDeadlineSeconds").asLong());
    return facts.startTime().map(start -> left(start.plus(deadline), now));
  }

  private static Duration left(Instant until, Instant now) {
    Duration left = Duration.between(now, until);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private static List<JobAction> deadline(JobFacts facts, Instant now) {
    return untilDeadline(facts, now).<JobAction>map(JobAction.Wait::new).stream().toList();
  }

  private static List<JobAction> expiry(JobFacts facts, Instant now) {
    if (!facts.spec().hasNonNull("ttlSecondsAfterFinished")) {
      return List.of();
    }
    Duration ttl = Duration.ofSeconds(facts.spec().path("ttlSecondsAfterFinished").asLong());
    return facts
        .endTime()
        .map(end -> left(end.plus(ttl), now))
        .<JobAction>map(left -> left.isZero() ? new JobAction.Expire() : new JobAction.Wait(left))
        .stream()
        .toList();
  }

  /** As with Kubernetes: 10 s after the first failure, twice as long after each further one. */
  private static Duration backoff(JobFacts facts, Instant now) {
    if (facts.failed() == 0) {
      return Duration.ZERO;
    }
    Duration pause = FIRST_BACKOFF.multipliedBy(1L << Math.min(facts.failed() - 1, MAX_DOUBLINGS));
    Duration bounded = pause.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : pause;
    return facts.lastFailure().map(last -> left(last.plus(bounded), now)).orElse(Duration.ZERO);
  }
}
