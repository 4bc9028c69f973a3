package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Objects of all kinds. Every write passes admission. Failures are {@link ApiException}. Safe for
 * many threads.
 */
public interface Resources {
  Optional<StoredObject> find(ObjectRef ref);

  /** 404 when absent. */
  StoredObject get(ObjectRef ref);

  /**
   * 409 AlreadyExists when present. Fills in name (from generateName), namespace, uid,
   * creationTimestamp, generation, defaults.
   */
  StoredObject create(ObjectRef ref, ObjectNode object, WriteOptions options);

  /**
   * Replaces it by what {@code change} makes of a private copy, again on every conflict (at most a
   * bounded number of times). Status is left as it was. Nothing is written when nothing changed.
   * Removing the last finalizer of a deleting object removes it.
   */
  StoredObject update(ObjectRef ref, UnaryOperator<ObjectNode> change, WriteOptions options);

  /**
   * As {@link #update} for {@code status} alone; not synced to disk. A no-op, returning empty, when
   * the object is gone.
   */
  Optional<StoredObject> updateStatus(ObjectRef ref, UnaryOperator<ObjectNode> change);

  /** Server-side apply. */
  Applied apply(ObjectRef ref, ObjectNode applied, ApplyOptions options);

  /**
   * Server-side apply of several objects, and deletion of {@code prune}, in one transaction: all or
   * none.
   */
  default List<Applied> applyAll(
      List<ApplyItem> items, List<ObjectRef> prune, ApplyOptions options) {
    return applyAll(items, prune, options, ApplyRecord.NONE);
  }

  /** As above, with what {@code record} has to say in the same transaction. */
  List<Applied> applyAll(
      List<ApplyItem> items, List<ObjectRef> prune, ApplyOptions options, ApplyRecord record);

  /**
   * Removes it, or marks it when it has finalizers or waits for dependants. Empty when it was
   * removed at once.
   */
  Optional<StoredObject> delete(ObjectRef ref, DeleteOptions options);

  record ApplyItem(ObjectRef ref, ObjectNode applied) {}

  record Applied(Outcome outcome, StoredObject object) {
    public enum Outcome {
      CREATED,
      CONFIGURED,
      UNCHANGED
    }
  }

  /**
   * @param fieldManager who writes, for managed fields
   * @param guard asked about what is to be stored
   */
  record WriteOptions(String fieldManager, boolean dryRun, WriteGuard guard) {
    public WriteOptions(String fieldManager, boolean dryRun) {
      this(fieldManager, dryRun, WriteGuard.NONE);
    }

    public static WriteOptions by(String fieldManager) {
      return new WriteOptions(fieldManager, false);
    }
  }

  /**
   * @param guard asked about what is to be stored
   */
  record ApplyOptions(String fieldManager, boolean force, boolean dryRun, WriteGuard guard) {
    public ApplyOptions(String fieldManager, boolean force, boolean dryRun) {
      this(fieldManager, force, dryRun, WriteGuard.NONE);
    }
  }

  record DeleteOptions(
      @Nullable Propagation propagation,
      @Nullable Long gracePeriodSeconds,
      @Nullable String uidPrecondition,
      boolean dryRun) {
    public static final DeleteOptions DEFAULT = new DeleteOptions(null, null, null, false);

    public enum Propagation {
      BACKGROUND,
      FOREGROUND,
      ORPHAN
    }
  }
}
