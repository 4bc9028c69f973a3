package dev.jctl.controller.watch;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All objects as of a recent revision, and calls on every change. Safe for many threads. */
public interface ResourceCache {
  Optional<StoredObject> find(ObjectRef ref);

  /** {@code namespace} null: all. Ordered by namespace and name. */
  List<StoredObject> list(ResourceKind kind, @Nullable String namespace);

  /** Objects with an owner reference to this uid. */
  List<StoredObject> ownedBy(String uid);

  /** Waits until changes up to that revision are in. */
  boolean awaitRevision(long revision, Duration timeout) throws InterruptedException;

  /**
   * First an {@code ADDED} for each object there is, then changes in order, on one thread; must not
   * block.
   */
  void addListener(Listener listener);

  @FunctionalInterface
  interface Listener {
    /** {@code before} null: added; {@code after} null: deleted. */
    void changed(@Nullable StoredObject before, @Nullable StoredObject after);
  }
}
