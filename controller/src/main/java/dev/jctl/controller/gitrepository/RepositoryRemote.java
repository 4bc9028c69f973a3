package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Credentials;
import dev.jctl.controller.git.Extent;
import dev.jctl.controller.git.GitRef;
import dev.jctl.controller.git.Remote;
import dev.jctl.controller.git.Revision;
import dev.jctl.manifests.model.GitRepositorySpec;
import dev.jctl.manifests.schema.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a spec and its Secret say of a remote → how it is asked. Pure. */
final class RepositoryRemote {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private RepositoryRemote() {}

  static Remote of(GitRepositorySpec spec, Map<String, String> secret) {
    return of(spec, ref(spec.ref()), secret);
  }

  /** The same, for one commit that it once had. */
  static Remote at(GitRepositorySpec spec, Revision revision, Map<String, String> secret) {
    Optional<String> branch =
        revision.name().isEmpty() ? Optional.empty() : Optional.of(revision.name());
    return of(spec, new GitRef.Commit(revision.commit(), branch), secret);
  }

  private static Remote of(GitRepositorySpec spec, GitRef ref, Map<String, String> secret) {
    return new Remote(
        spec.url(),
        ref,
        credentials(secret),
        secret.getOrDefault("ca.crt", ""),
        spec.timeout() == null ? TIMEOUT : Durations.parse(spec.timeout()).orElse(TIMEOUT),
        extent(spec));
  }

  /** With spec.sparse that and spec.path; else all. */
  static Extent extent(GitRepositorySpec spec) {
    List<String> paths = new ArrayList<>();
    if (spec.sparse() != null && !spec.sparse().isEmpty()) {
      paths.addAll(spec.sparse());
      paths.add(spec.path() == null ? "." : spec.path());
    }
    return new Extent(paths, Boolean.TRUE.equals(spec.submodules()));
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
