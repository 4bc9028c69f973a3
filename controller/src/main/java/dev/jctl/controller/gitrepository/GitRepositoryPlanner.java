package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Revision;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.FollowedSpec;
import dev.jctl.manifests.model.GitRepositorySpec;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.schema.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What is followed, what was fetched when → what to do. Pure. */
final class GitRepositoryPlanner {
  static final Duration MINUTE = Duration.ofMinutes(1);

  private GitRepositoryPlanner() {}

  /**
   * @param orphaning whoever deletes it wants its objects to stay
   * @param secret texts of spec.secretRef by key; empty when there is no such Secret
   * @param unmet what of spec.dependsOn is not so, in words
   * @param cycle the way over those that it waits for back to it; empty: there is none
   * @param fetched the last time that it went well
   */
  record Input(
      Resource.Followed repository,
      boolean deleting,
      boolean orphaning,
      Optional<Map<String, String>> secret,
      List<String> unmet,
      List<ObjectRef> cycle,
      Optional<Fetched> fetched,
      Instant now) {}

  /**
   * @param generation of the spec that was followed
   * @param request as in {@link #request}
   * @param secret what was known then
   */
  record Fetched(
      Revision revision,
      Instant at,
      long generation,
      String request,
      Optional<Map<String, String>> secret) {}

  static GitRepositoryAction plan(Input in) {
    FollowedSpec spec = in.repository().spec();
    if (in.deleting()) {
      return in.orphaning() || Boolean.FALSE.equals(spec.prune())
          ? new GitRepositoryAction.Release()
          : new GitRepositoryAction.Prune();
    }
    if (Boolean.TRUE.equals(spec.suspend())) {
      return new GitRepositoryAction.Suspend();
    }
    if (spec instanceof GitRepositorySpec git && git.secretRef() != null && in.secret().isEmpty()) {
      return new GitRepositoryAction.Await(
          "SecretNotFound",
          "spec.secretRef: there is no Secret " + git.secretRef().name() + " in this namespace");
    }
    if (!in.cycle().isEmpty()) {
      return new GitRepositoryAction.Await("DependencyCycle", cycle(in.cycle()));
    }
    if (!in.unmet().isEmpty()) {
      return new GitRepositoryAction.Await("DependencyNotReady", String.join("; ", in.unmet()));
    }
    return in.fetched()
        .filter(fetched -> isCurrent(in, fetched))
        .<GitRepositoryAction>map(fetched -> new GitRepositoryAction.Hold(fetched.revision()))
        .orElseGet(
            () ->
                new GitRepositoryAction.Fetch(
                    Origin.of(in.repository(), in.secret().orElse(Map.of()))));
  }

  private static String cycle(List<ObjectRef> way) {
    return "spec.dependsOn: each waits for the next for ever: "
        + String.join(" → ", way.stream().map(ObjectRef::toString).toList())
        + "; take one of these out";
  }

  private static boolean isCurrent(Input in, Fetched fetched) {
    return fetched.generation() == generation(in.repository())
        && fetched.request().equals(request(in.repository()))
        && fetched.secret().equals(in.secret())
        && in.now().isBefore(fetched.at().plus(interval(in.repository().spec())));
  }

  static long generation(Resource.Followed repository) {
    return Objects.requireNonNullElse(repository.metadata().getGeneration(), 0L);
  }

  /** What somebody wrote to have it looked at now; empty: nobody did. */
  static String request(Resource.Followed repository) {
    Map<String, String> annotations = repository.metadata().getAnnotations();
    return annotations == null ? "" : annotations.getOrDefault(Annotations.RECONCILE_REQUESTED, "");
  }

  static Duration interval(FollowedSpec spec) {
    return spec.interval() == null ? MINUTE : Durations.parse(spec.interval()).orElse(MINUTE);
  }
}
