package dev.jctl.controller.queue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keys that need work, each at most once, and none taken twice at the same time: a key that is
 * added while it is worked on becomes ready when that work is done. Its size is bounded by the
 * number of distinct keys. Safe for many threads; never blocks.
 */
public final class WorkQueue<K> {
  private final Set<K> ready = new LinkedHashSet<>();
  private final Set<K> taken = new HashSet<>();
  private final Set<K> again = new HashSet<>();
  private final Map<K, Integer> failures = new HashMap<>();

  public synchronized void add(K key) {
    if (taken.contains(key)) {
      again.add(key);
    } else {
      ready.add(key);
    }
  }

  /** The key that waits longest, which then belongs to the caller until {@link #done}. */
  public synchronized Optional<K> take() {
    var first = ready.iterator();
    if (!first.hasNext()) {
      return Optional.empty();
    }
    K key = first.next();
    first.remove();
    taken.add(key);
    return Optional.of(key);
  }

  public synchronized void done(K key) {
    taken.remove(key);
    if (again.remove(key)) {
      ready.add(key);
    }
  }

  /** Counts a failure and returns how many there were in a row. */
  public synchronized int failed(K key) {
    return failures.merge(key, 1, Integer::sum);
  }

  public synchronized void succeeded(K key) {
    failures.remove(key);
  }

  public synchronized int size() {
    return ready.size();
  }

  public synchronized boolean isIdle() {
    return ready.isEmpty() && taken.isEmpty();
  }
}
