package dev.jctl.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The newest changes, in memory, shared by all watches, which hold nothing but their place: a slow
 * watch costs no memory. Bounded by dropping the oldest revisions.
 */
final class EventRing {
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Place> waiting = new HashSet<>();
  private final ArrayDeque<Watch.Batch> batches = new ArrayDeque<>();
  private int events;
  private long dropped;
  private long newest;
  private boolean closed;

  EventRing(int capacity, long revision) {
    this.capacity = capacity;
    this.dropped = revision;
    this.newest = revision;
  }

  /** Where one watch is: it knows all up to a revision, but for what is not its matter. */
  final class Place {
    private final String prefix;
    private final Condition heard = lock.newCondition();
    private long revision;

    private Place(String prefix, long revision) {
      this.prefix = prefix;
      this.revision = revision;
    }

    long revision() {
      lock.lock();
      try {
        return revision;
      } finally {
        lock.unlock();
      }
    }

    void moveTo(long later) {
      lock.lock();
      try {
        revision = later;
      } finally {
        lock.unlock();
      }
    }

    boolean concerns(Watch.Event event) {
      return event.entry().key().text().startsWith(prefix);
    }
  }

  /** {@code prefix}: of the keys that the watch is about. */
  Place place(String prefix, long revision) {
    return new Place(prefix, revision);
  }

  /**
   * Revisions come in order, each once, whole. Only watches that they concern are woken: a thousand
   * that wait for something else cost a write nothing but the look at their prefixes.
   */
  void publish(List<Watch.Batch> committed) {
    lock.lock();
    try {
      long before = newest;
      for (Watch.Batch batch : committed) {
        batches.addLast(batch);
        events += batch.events().size();
        newest = batch.revision();
      }
      for (Place place : waiting) {
        if (place.revision == before && !concerns(place, committed)) {
          place.revision = newest;
        } else {
          place.heard.signal();
        }
      }
      while (events > capacity && batches.size() > 1) {
        Watch.Batch oldest = batches.removeFirst();
        events -= oldest.events().size();
        dropped = oldest.revision();
      }
    } finally {
      lock.unlock();
    }
  }

  private static boolean concerns(Place place, List<Watch.Batch> committed) {
    for (Watch.Batch batch : committed) {
      for (Watch.Event event : batch.events()) {
        if (place.concerns(event)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Revisions up to this one were not published, but are on disk. */
  void skipTo(long revision) {
    lock.lock();
    try {
      batches.clear();
      events = 0;
      dropped = revision;
      newest = revision;
      wakeAll();
    } finally {
      lock.unlock();
    }
  }

  private void wakeAll() {
    waiting.forEach(place -> place.heard.signal());
  }

  /** Waits until something was published that may concern that place. */
  boolean await(Place place, Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    waiting.add(place);
    try {
      while (newest <= place.revision && !closed) {
        if (left <= 0) {
          return false;
        }
        left = place.heard.awaitNanos(Math.min(left, TimeUnit.HOURS.toNanos(1)));
      }
      return !closed;
    } finally {
      waiting.remove(place);
      lock.unlock();
    }
  }

  /** All batches after {@code revision}; empty when some of them were dropped. */
  Optional<List<Watch.Batch>> after(long revision) {
    lock.lock();
    try {
      if (revision < dropped) {
        return Optional.empty();
      }
      List<Watch.Batch> found = new ArrayList<>();
      var newestFirst = batches.descendingIterator();
      while (newestFirst.hasNext()) {
        Watch.Batch batch = newestFirst.next();
        if (batch.revision() <= revision) {
          break;
        }
        found.add(batch);
      }
      return Optional.of(found.reversed());
    } finally {
      lock.unlock();
    }
  }

  /** Lets every waiting watch go. */
  void close() {
    lock.lock();
    try {
      closed = true;
      wakeAll();
    } finally {
      lock.unlock();
    }
  }
}
