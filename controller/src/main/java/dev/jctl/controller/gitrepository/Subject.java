package dev.jctl.controller.gitrepository;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.GitRepositorySpec;
import dev.jctl.manifests.model.Resource;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A GitRepository as it is while it is reconciled.
 *
 * @param secret texts of spec.secretRef by key; empty when there is no such Secret
 * @param inputs which versions of other objects its manifests depend on
 */
record Subject(
    StoredObject object,
    Resource.GitRepository repository,
    Optional<Map<String, String>> secret,
    String inputs) {
  ObjectRef ref() {
    return object.ref();
  }

  GitRepositorySpec spec() {
    return repository.spec();
  }

  GitRepositoryStatusView view(Instant now) {
    return new GitRepositoryStatusView(repository, inputs, now);
  }
}
