package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Extent;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.FollowedSpec;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What is followed, as it is while it is reconciled.
 *
 * @param secret texts of spec.secretRef by key; empty when there is no such Secret
 * @param inputs which versions of other objects its manifests depend on
 */
record Subject(
    StoredObject object,
    Resource.Followed repository,
    Optional<Map<String, String>> secret,
    String inputs) {
  /** {@code object}: of a kind that manifests are followed from. */
  static Resource.Followed followed(StoredObject object) {
    return object.ref().kind() == ResourceKind.GIT_REPOSITORY
        ? object.as(Resource.GitRepository.class)
        : object.as(Resource.ManifestSource.class);
  }

  ObjectRef ref() {
    return object.ref();
  }

  FollowedSpec spec() {
    return repository.spec();
  }

  /** What of a commit is read. */
  Extent extent() {
    return Origin.git(repository).map(RepositoryRemote::extent).orElse(Extent.ALL);
  }

  GitRepositoryStatusView view(Instant now) {
    return new GitRepositoryStatusView(repository, inputs, now);
  }
}
