package dev.jctl.controller.drift;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.Source;
import dev.jctl.controller.workload.Owners;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Optional;

/** Whose drift is only told. */
public final class DriftPolicy {
  /** Of owners: a CronJob's Job's Pod has two. */
  private static final int MAX_OWNERS = 4;

  private final Resources resources;

  public DriftPolicy(Resources resources) {
    this.resources = resources;
  }

  /** Whether the source of an object, or of what owns it, has {@code driftPolicy: Report}. */
  public boolean isReported(StoredObject object) {
    return top(object)
        .flatMap(top -> Source.of(top.tree()))
        .flatMap(Source::ref)
        .flatMap(resources::find)
        .filter(source -> source.tree().at("/spec/driftPolicy").asText().equals("Report"))
        .isPresent();
  }

  private Optional<StoredObject> top(StoredObject object) {
    Optional<StoredObject> at = Optional.of(object);
    for (int i = 0; i < MAX_OWNERS && at.isPresent() && Source.of(at.get().tree()).isEmpty(); i++) {
      at = at.flatMap(DriftPolicy::owner).flatMap(resources::find);
    }
    return at;
  }

  private static Optional<ObjectRef> owner(StoredObject object) {
    return Owners.controllerOf(object.tree())
        .flatMap(
            owner ->
                ResourceKind.of(owner.path("apiVersion").asText(), owner.path("kind").asText())
                    .map(
                        kind ->
                            new ObjectRef(
                                kind, object.ref().namespace(), owner.path("name").asText())));
  }
}
