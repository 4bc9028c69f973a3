package dev.jctl.controller.manifestset;

import dev.jctl.controller.sets.SetApply.Origin;
import java.time.Instant;
import java.util.Optional;

/** What is to be done about one ManifestSet. */
sealed interface ManifestSetAction {
  /** {@code due}: when a revision that is not healthy by then is looked at again. */
  record Show(Optional<Instant> due) implements ManifestSetAction {}

  /** It is known now what the current revision is worth. */
  record Conclude(String result, String message) implements ManifestSetAction {}

  /**
   * Objects that were still being deleted as the revision was applied are gone now: they are made
   * again.
   */
  record MakeAgain() implements ManifestSetAction {}

  record TakeBack(Origin.Unhealthy origin) implements ManifestSetAction {}

  /** It is being deleted: its objects go first. */
  record Prune() implements ManifestSetAction {}

  /** It is being deleted, and its objects stay. */
  record Release() implements ManifestSetAction {}
}
