package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Revision;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.FollowedSpec;
import dev.jctl.manifests.model.GitRepositoryStatus;
import dev.jctl.manifests.model.GitRepositoryStatus.Attempt;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.schema.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A repository's status and the revision that it has now → what to do about it. Pure. */
final class RolloutPlanner {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private RolloutPlanner() {}

  /** {@code inputs}: which versions of other objects the manifests depend on. */
  static RolloutAction plan(Resource.Followed repository, String inputs, Revision head) {
    GitRepositoryStatus status = repository.status();
    if (status == null || !inputs.equals(Objects.requireNonNullElse(status.observedInputs(), ""))) {
      return new RolloutAction.Apply(head);
    }
    if (isKnown(repository, head, "Unhealthy")) {
      return new RolloutAction.Refuse(head, instead(repository, status, head));
    }
    boolean applied =
        head.toString().equals(status.lastAppliedRevision())
            && Long.valueOf(GitRepositoryPlanner.generation(repository))
                .equals(status.observedGeneration());
    if (applied && "Ready".equals(status.phase())) {
      return new RolloutAction.Keep(head);
    }
    return applied && "Progressing".equals(status.phase()) && repository.spec().healthGate() != null
        ? new RolloutAction.Watch(head, deadline(repository, status))
        : new RolloutAction.Apply(head);
  }

  private static Instant deadline(Resource.Followed repository, GitRepositoryStatus status) {
    Instant since =
        history(status).stream()
            .findFirst()
            .flatMap(attempt -> Times.parse(attempt.time()))
            .orElse(Instant.EPOCH);
    return since.plus(patience(repository.spec()));
  }

  static Duration patience(FollowedSpec spec) {
    return spec.healthGate() == null || spec.healthGate().timeout() == null
        ? PATIENCE
        : Durations.parse(spec.healthGate().timeout()).orElse(PATIENCE);
  }

  /** Whether a revision has to become healthy before it counts as applied. */
  static boolean isGated(Resource.Followed repository, Revision revision) {
    return repository.spec().healthGate() != null && !isKnown(repository, revision, "Healthy");
  }

  private static boolean isKnown(Resource.Followed repository, Revision revision, String result) {
    return repository.spec().healthGate() != null
        && history(repository.status()).stream()
            .filter(attempt -> attempt.revision().equals(revision.toString()))
            .filter(
                attempt ->
                    Long.valueOf(GitRepositoryPlanner.generation(repository))
                        .equals(attempt.generation()))
            .findFirst()
            .filter(attempt -> attempt.result().equals(result))
            .isPresent();
  }

  private static List<Attempt> history(@org.jspecify.annotations.Nullable GitRepositoryStatus s) {
    return s == null || s.history() == null ? List.of() : s.history();
  }

  /** The last healthy one, when there is one to return to; else the bad one is left as it is. */
  private static Optional<Revision> instead(
      Resource.Followed repository, GitRepositoryStatus status, Revision bad) {
    boolean stay =
        repository.spec().healthGate() != null
            && "Stay".equals(repository.spec().healthGate().onFailure());
    String healthy = status.lastHealthyRevision();
    return stay || healthy == null || healthy.equals(bad.toString())
        ? Revision.parse(Objects.requireNonNullElse(status.lastAppliedRevision(), ""))
        : Revision.parse(healthy);
  }
}
