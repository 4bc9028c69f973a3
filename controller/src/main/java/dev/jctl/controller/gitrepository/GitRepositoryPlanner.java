package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Credentials;
import dev.jctl.controller.git.GitRef;
import dev.jctl.controller.git.Remote;
import dev.jctl.controller.git.Revision;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.GitRepositorySpec;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.schema.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** GitRepository wanted, what was fetched when → what to do. Pure. */
final class GitRepositoryPlanner {
  static final Duration MINUTE = Duration.ofMinutes(1);

  private GitRepositoryPlanner() {}

  /**
   * @param orphaning whoever deletes it wants its objects to stay
   * @param secret texts of spec.secretRef by key; empty when there is no such Secret
   * @param notReady those of spec.dependsOn that are not Ready
   * @param fetched the last time that it went well
   */
  record Input(
      Resource.GitRepository repository,
      boolean deleting,
      boolean orphaning,
      Optional<Map<String, String>> secret,
      List<String> notReady,
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
    GitRepositorySpec spec = in.repository().spec();
    if (in.deleting()) {
      return in.orphaning() || Boolean.FALSE.equals(spec.prune())
          ? new GitRepositoryAction.Release()
          : new GitRepositoryAction.Prune();
    }
    if (Boolean.TRUE.equals(spec.suspend())) {
      return new GitRepositoryAction.Suspend();
    }
    if (spec.secretRef() != null && in.secret().isEmpty()) {
      return new GitRepositoryAction.Await(
          "SecretNotFound",
          "spec.secretRef: there is no Secret " + spec.secretRef().name() + " in this namespace");
    }
    if (!in.notReady().isEmpty()) {
      return new GitRepositoryAction.Await(
          "DependencyNotReady",
          "spec.dependsOn: not Ready yet: " + String.join(", ", in.notReady()));
    }
    return in.fetched()
        .filter(fetched -> isCurrent(in, fetched))
        .<GitRepositoryAction>map(fetched -> new GitRepositoryAction.Hold(fetched.revision()))
        .orElseGet(() -> new GitRepositoryAction.Fetch(remote(spec, in.secret().orElse(Map.of()))));
  }

  private static boolean isCurrent(Input in, Fetched fetched) {
    return fetched.generation() == generation(in.repository())
        && fetched.request().equals(request(in.repository()))
        && fetched.secret().equals(in.secret())
        && in.now().isBefore(fetched.at().plus(interval(in.repository().spec())));
  }

  static long generation(Resource.GitRepository repository) {
    return Objects.requireNonNullElse(repository.metadata().getGeneration(), 0L);
  }

  /** What somebody wrote to have it looked at now; empty: nobody did. */
  static String request(Resource.GitRepository repository) {
    Map<String, String> annotations = repository.metadata().getAnnotations();
    return annotations == null ? "" : annotations.getOrDefault(Annotations.RECONCILE_REQUESTED, "");
  }

  static Duration interval(GitRepositorySpec spec) {
    return duration(spec.interval());
  }

  private static Duration duration(@Nullable String text) {
    return text == null ? MINUTE : Durations.parse(text).orElse(MINUTE);
  }

  private static Remote remote(GitRepositorySpec spec, Map<String, String> secret) {
    return new Remote(
        spec.url(),
        ref(spec.ref()),
        credentials(secret),
        secret.getOrDefault("ca.crt", ""),
        duration(spec.timeout()));
  }

  private static GitRef ref(GitRepositorySpec.@Nullable Ref ref) {
    if (ref == null) {
      return new GitRef.DefaultBranch();
    }
    if (ref.commit() != null) {
      return new GitRef.Commit(ref.commit(), Optional.ofNullable(ref.branch()));
    }
    if (ref.branch() != null) {
      return new GitRef.Branch(ref.branch());
    }
    if (ref.tag() != null) {
      return new GitRef.Tag(ref.tag());
    }
    return ref.semver() == null ? new GitRef.DefaultBranch() : new GitRef.Range(ref.semver());
  }

  /** The keys are those of Flux. */
  private static Credentials credentials(Map<String, String> secret) {
    if (secret.containsKey("identity")) {
      return new Credentials.SshKey(
          secret.getOrDefault("identity", ""),
          secret.getOrDefault("password", ""),
          secret.getOrDefault("known_hosts", ""));
    }
    if (secret.containsKey("bearerToken")) {
      return new Credentials.Bearer(secret.getOrDefault("bearerToken", "").strip());
    }
    if (secret.containsKey("password")) {
      return new Credentials.Password(
          secret.getOrDefault("username", "git"), secret.getOrDefault("password", "").strip());
    }
    return new Credentials.None();
  }
}
