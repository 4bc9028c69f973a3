package dev.jctl.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private final Condition published = lock.newCondition();
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

  /** Revisions come in order, each once, whole. */
  void publish(List<Watch.Batch> committed) {
    lock.lock();
    try {
      for (Watch.Batch batch : committed) {
        batches.addLast(batch);
        events += batch.events().size();
        newest = batch.revision();
      }
      while (events > capacity && batches.size() > 1) {
        Watch.Batch oldest = batches.removeFirst();
        events -= oldest.events().size();
        dropped = oldest.revision();
      }
      published.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Revisions up to this one were not published, but are on disk. */
  void skipTo(long revision) {
    lock.lock();
    try {
      batches.clear();
      events = 0;
      dropped = revision;
      newest = revision;
      published.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something newer than {@code revision} was published. */
  boolean await(long revision, Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (newest <= revision && !closed) {
        if (left <= 0) {
          return false;
        }
        left = published.awaitNanos(Math.min(left, TimeUnit.HOURS.toNanos(1)));
      }
      return !closed;
    } finally {
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
      published.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
