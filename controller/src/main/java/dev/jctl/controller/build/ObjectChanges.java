package dev.jctl.controller.build;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Waits for what others make of an object. The cache calls its listeners while it holds its own
 * lock: nothing may be asked of it while this one is held.
 */
final class ObjectChanges {
  private final ResourceCache cache;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long changes;

  ObjectChanges(ResourceCache cache) {
    this.cache = cache;
    cache.addListener(this::changed);
  }

  private void changed(@Nullable StoredObject before, @Nullable StoredObject after) {
    StoredObject object = after == null ? before : after;
    if (object != null && interests(object.ref())) {
      lock.lock();
      try {
        changes++;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private static boolean interests(ObjectRef ref) {
    return ref.kind() == ResourceKind.POD || ref.kind() == ResourceKind.IMAGE;
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
    while (true) {
      long before = seen();
      Optional<T> given = answer.apply(cache.find(ref));
      meanwhile.run();
      if (given.isPresent()) {
        return given.get();
      }
      awaitChange(before, every);
    }
  }

  private long seen() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  private void awaitChange(long before, Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = atMost.toNanos();
      while (changes == before && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
