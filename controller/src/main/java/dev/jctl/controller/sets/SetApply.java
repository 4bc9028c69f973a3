package dev.jctl.controller.sets;

import dev.jctl.controller.resources.ApplyRecord;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources.ApplyItem;
import dev.jctl.controller.resources.Resources.ApplyOptions;
import dev.jctl.controller.resources.StoredObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One apply of a set.
 *
 * @param set the ManifestSet
 * @param items all that is in it
 * @param healthTimeout for its spec; empty: as it was
 * @param origin why it is applied
 * @param leavingCheck refuses the deletion of members that are not among the items
 * @param further sees what becomes of the objects as well, and may refuse it
 */
public record SetApply(
    ObjectRef set,
    List<ApplyItem> items,
    Leaving leaving,
    Bad bad,
    Optional<String> healthTimeout,
    Origin origin,
    ApplyOptions options,
    Consumer<List<StoredObject>> leavingCheck,
    ApplyRecord further) {
  public SetApply {
    items = List.copyOf(items);
  }

  /** What becomes of members that are not among the items. */
  public enum Leaving {
    DELETED,
    KEPT
  }

  /** What becomes of manifests that were taken back before as unhealthy. */
  public enum Bad {
    REFUSED,
    TRIED_AGAIN
  }

  /** Why a set is applied. */
  public sealed interface Origin {
    /** Somebody has new manifests. */
    record Manifests() implements Origin {}

    /** A repository or source has it: its own record is this one. {@code cause}: which revision. */
    record Followed(String cause) implements Origin {}

    /** Somebody wants to go back. */
    record Chosen(long to) implements Origin {}

    /** {@code from} was not healthy in its time. */
    record Unhealthy(long from, long to, String why) implements Origin {}
  }
}
