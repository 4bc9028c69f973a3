package dev.jctl.controller.build;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Waits for what others make of an object. */
final class ObjectChanges {
  private final ResourceCache cache;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  ObjectChanges(ResourceCache cache) {
    this.cache = cache;
    cache.addListener(this::changed);
  }

  private void changed(@Nullable StoredObject before, @Nullable StoredObject after) {
    StoredObject object = after == null ? before : after;
    if (object != null && interests(object.ref())) {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private static boolean interests(ObjectRef ref) {
    return switch (ref.kind()) {
      case POD, IMAGE -> true;
      case CONTAINER,
          NETWORK,
          VOLUME,
          GIT_REPOSITORY,
          NAMESPACE,
          NODE,
          CONFIG_MAP,
          SECRET,
          EVENT,
          SERVICE_ACCOUNT,
          ROLE,
          ROLE_BINDING,
          CLUSTER_ROLE,
          CLUSTER_ROLE_BINDING,
          LEASE ->
          false;
    };
  }

  /**
   * Waits until {@code answer} has one for the object, given empty while it is not there.
   *
   * @param meanwhile called after each change, and at least as often as {@code every}
   */
  <T> T await(
      ObjectRef ref,
      Function<Optional<StoredObject>, Optional<T>> answer,
      Duration every,
      Runnable meanwhile)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        Optional<T> given = answer.apply(cache.find(ref));
        meanwhile.run();
        if (given.isPresent()) {
          return given.get();
        }
        var _ = changed.await(every.toMillis(), TimeUnit.MILLISECONDS);
      }
    } finally {
      lock.unlock();
    }
  }
}
