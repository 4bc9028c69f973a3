package dev.jctl.controller.gitrepository;

import dev.jctl.controller.overlay.ImageOverride;
import dev.jctl.controller.overlay.ObjectPatch;
import dev.jctl.controller.overlay.ObjectPatch.Target;
import dev.jctl.controller.overlay.Overlay;
import dev.jctl.manifests.model.FollowedSpec;
import dev.jctl.manifests.model.GitRepositorySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a spec changes about the manifests of its repository. Pure. */
final class RepositoryOverlay {
  private RepositoryOverlay() {}

  /** {@code variables}: from spec.substitute and spec.substituteFrom together. */
  static Overlay of(FollowedSpec spec, Map<String, String> variables) {
    boolean substitutes = spec.substitute() != null || spec.substituteFrom() != null;
    return new Overlay(
        substitutes ? Optional.of(variables) : Optional.empty(), patches(spec), images(spec));
  }

  private static List<ObjectPatch> patches(FollowedSpec spec) {
    List<ObjectPatch> patches = new ArrayList<>();
    List<GitRepositorySpec.Patch> all = spec.patches() == null ? List.of() : spec.patches();
    for (int i = 0; i < all.size(); i++) {
      GitRepositorySpec.Patch patch = all.get(i);
      patches.addAll(
          ObjectPatch.parse("spec.patches[" + i + "]", patch.patch(), target(patch.target())));
    }
    return patches;
  }

  private static @Nullable Target target(GitRepositorySpec.@Nullable PatchTarget target) {
    return target == null
        ? null
        : new Target(
            target.kind(),
            target.name(),
            target.namespace(),
            target.labelSelector() == null
                ? List.of()
                : List.of(target.labelSelector().split(",")));
  }

  private static List<ImageOverride> images(FollowedSpec spec) {
    return spec.images() == null
        ? List.of()
        : spec.images().stream()
            .map(i -> new ImageOverride(i.name(), i.newName(), i.newTag(), i.digest()))
            .toList();
  }
}
