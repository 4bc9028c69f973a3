package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.ChangedCommit;
import dev.jctl.controller.git.Extent;
import dev.jctl.controller.git.Mirror;
import dev.jctl.controller.git.Revision;
import dev.jctl.controller.gitrepository.ImageMarkers.Marker;
import dev.jctl.controller.overlay.SourceFiles.SourceFile;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.manifests.model.GitRepositorySpec;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Writes the images that policies select, once they are known to be healthy, back as commits. */
final class ImageUpdates {
  private static final String NOBODY = "jctl";

  private final Resources resources;
  private final Dependents dependents;

  ImageUpdates(Resources resources, Dependents dependents) {
    this.resources = resources;
    this.dependents = dependents;
  }

  /**
   * A commit on top of a branch's; empty when nothing is to be changed.
   *
   * @throws dev.jctl.controller.git.GitException when it cannot be pushed
   */
  Optional<Revision> push(Subject subject, Mirror mirror, Revision head, Instant now) {
    if (!isWanted(subject, head)) {
      return Optional.empty();
    }
    GitRepositorySpec spec = Origin.git(subject.repository()).orElseThrow();
    Map<String, String> changed = changed(subject, mirror, head);
    return changed.isEmpty()
        ? Optional.empty()
        : Optional.of(
            mirror.push(
                RepositoryRemote.of(spec, subject.secret().orElse(Map.of())),
                head,
                changed,
                commit(Objects.requireNonNull(spec.imageUpdates()), changed, now)));
  }

  /** Whether there is something to be pushed. */
  boolean areDue(Subject subject, Mirror mirror, Revision head) {
    return isWanted(subject, head) && !changed(subject, mirror, head).isEmpty();
  }

  private static boolean isWanted(Subject subject, Revision head) {
    return !head.name().isEmpty()
        && Origin.git(subject.repository())
            .filter(spec -> spec.imageUpdates() != null)
            .filter(spec -> spec.ref() == null || spec.ref().branch() != null)
            .isPresent();
  }

  private static ChangedCommit commit(
      GitRepositorySpec.ImageUpdates updates, Map<String, String> changed, Instant now) {
    String name = Objects.requireNonNullElse(updates.authorName(), NOBODY);
    String email = Objects.requireNonNullElse(updates.authorEmail(), NOBODY + "@localhost");
    String message =
        Objects.requireNonNullElse(updates.message(), "Images that their policies select")
            + "\n\n"
            + String.join("\n", changed.keySet())
            + "\n";
    return new ChangedCommit(message, name, email, now);
  }

  private Map<String, String> changed(Subject subject, Mirror mirror, Revision head) {
    String path = Objects.requireNonNullElse(subject.spec().path(), ".");
    Extent own = new Extent(subject.extent().paths(), false);
    List<SourceFile> files =
        mirror.read(head.commit(), own, commit -> new CommitSource(commit).manifests(path));
    Map<String, String> changed = new TreeMap<>();
    for (SourceFile file : files) {
      ImageMarkers.of(file.text()).forEach(m -> dependents.add(subject.ref(), image(m)));
      String updated = ImageMarkers.updated(file.text(), this::healthy);
      if (!updated.equals(file.text())) {
        changed.put(file.path(), updated);
      }
    }
    return changed;
  }

  private static ObjectRef image(Marker marker) {
    return new ObjectRef(ResourceKind.IMAGE, marker.namespace(), marker.name());
  }

  private Optional<String> healthy(Marker marker) {
    return resources
        .find(image(marker))
        .map(image -> image.tree().at("/status/followed/healthy").asText(""))
        .filter(reference -> reference.indexOf('@') > 0);
  }
}
