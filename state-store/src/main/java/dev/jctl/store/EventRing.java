package dev.jctl.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The newest changes, in memory, shared by all watches, which hold nothing but their place: a slow
 * watch costs no memory of its own. Bounded by dropping the oldest revisions, later ones when a
 * watch has yet to read them. Who reads takes no lock: a thousand watches that one change concerns
 * would stand in line for it.
 */
final class EventRing {
  private static final long MOST_UNREAD_BYTES = 8 << 20;

  private final int capacity;
  private final Set<Place> places = ConcurrentHashMap.newKeySet();

  /** Oldest first; for who publishes. */
  private final ArrayDeque<Node> kept = new ArrayDeque<>();

  private int events;
  private long bytes;
  private volatile Node newest;
  private volatile boolean closed;

  EventRing(int capacity, long revision) {
    this.capacity = capacity;
    this.newest = Node.start(revision);
  }

  /** Changes, and the way back to those before them until these are dropped. */
  private static final class Node {
    final Watch.Batch batch;

    /** The revision that came before. */
    final long after;

    volatile @Nullable Node previous;

    Node(Watch.Batch batch, long after, @Nullable Node previous) {
      this.batch = batch;
      this.after = after;
      this.previous = previous;
    }

    /** What is up to that revision is not here. */
    static Node start(long revision) {
      return new Node(new Watch.Batch(List.of(), revision), revision, null);
    }

    long revision() {
      return batch.revision();
    }
  }

  /** Where one watch is: it knows all up to a revision, but for what is not its matter. */
  static final class Place {
    private final String prefix;
    private final AtomicLong revision;

    /** Of who is told of changes, and never waits for them. */
    private final @Nullable Runnable changed;

    private volatile @Nullable Thread waiter;

    private Place(String prefix, long revision, @Nullable Runnable changed) {
      this.prefix = prefix;
      this.revision = new AtomicLong(revision);
      this.changed = changed;
    }

    long revision() {
      return revision.get();
    }

    /** Whether it never waits. */
    boolean isTold() {
      return changed != null;
    }

    void moveTo(long later) {
      revision.accumulateAndGet(later, Math::max);
    }

    boolean concerns(Key key) {
      return key.text().startsWith(prefix);
    }

    private void wake() {
      if (changed == null) {
        LockSupport.unpark(waiter);
      } else {
        changed.run();
      }
    }
  }

  /** {@code prefix}: of the keys that the watch is about. */
  Place place(String prefix, long revision) {
    return enter(new Place(prefix, revision, null));
  }

  /** Of a watch that is told of changes until it leaves. */
  Place place(String prefix, long revision, Runnable changed) {
    return enter(new Place(prefix, revision, changed));
  }

  private Place enter(Place place) {
    places.add(place);
    return place;
  }

  /** Nothing is told to it from now on, but what is just being told. */
  void leave(Place place) {
    places.remove(place);
  }

  /**
   * Revisions come in order, each once, whole. Only watches that they concern are woken: a thousand
   * that wait for something else cost a write nothing but the look at their prefixes.
   */
  synchronized void publish(List<Watch.Batch> committed) {
    long before = newest.revision();
    Node last = newest;
    for (Watch.Batch batch : committed) {
      last = new Node(batch, last.revision(), last);
      kept.addLast(last);
      events += batch.events().size();
      bytes += bytes(batch);
    }
    newest = last;
    long oldest = last.revision();
    for (Place place : places) {
      if (concerns(place, committed) || !place.revision.compareAndSet(before, last.revision())) {
        oldest = Math.min(oldest, place.revision());
        place.wake();
      }
    }
    dropBeyond(capacity, oldest);
  }

  private static boolean concerns(Place place, List<Watch.Batch> committed) {
    for (Watch.Batch batch : committed) {
      for (Watch.Event event : batch.events()) {
        if (place.concerns(event.entry().key())) {
          return true;
        }
      }
    }
    return false;
  }

  /** Drops all but the newest revision. */
  synchronized void dropOld() {
    dropBeyond(0, Long.MAX_VALUE);
  }

  /**
   * @param read of all that was published: what somebody has yet to read is not dropped as long as
   *     it is not too much. Who has to read it from disk falls behind further, and a thousand of
   *     them never get to the end
   */
  private void dropBeyond(int most, long read) {
    while (events > most && kept.size() > 1 && mayGo(kept.getFirst(), read)) {
      Watch.Batch dropped = kept.removeFirst().batch;
      events -= dropped.events().size();
      bytes -= bytes(dropped);
      kept.getFirst().previous = null;
    }
  }

  private boolean mayGo(Node oldest, long read) {
    return oldest.revision() <= read || bytes > MOST_UNREAD_BYTES;
  }

  private static long bytes(Watch.Batch batch) {
    long bytes = 0;
    for (Watch.Event event : batch.events()) {
      bytes += event.entry().value().length;
    }
    return bytes;
  }

  /** Revisions up to this one were not published, but are on disk. */
  synchronized void skipTo(long revision) {
    kept.clear();
    events = 0;
    bytes = 0;
    newest = Node.start(revision);
    wakeAll();
  }

  private void wakeAll() {
    places.forEach(Place::wake);
  }

  /** Whether something was published that may concern that place. */
  boolean hasMore(Place place) {
    return newest.revision() > place.revision() && !closed;
  }

  /** Waits until something was published that may concern that place. */
  boolean await(Place place, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    place.waiter = Thread.currentThread();
    try {
      while (newest.revision() <= place.revision() && !closed) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        LockSupport.parkNanos(this, left);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
      return !closed;
    } finally {
      place.waiter = null;
    }
  }

  /** All batches after {@code revision}; empty when some of them were dropped. */
  Optional<List<Watch.Batch>> after(long revision) {
    Node last = newest;
    if (last.after == revision) {
      return Optional.of(List.of(last.batch)); // what nearly all need
    }
    List<Watch.Batch> found = new ArrayList<>();
    for (Node node = newest; node.revision() > revision; ) {
      found.add(node.batch);
      Node previous = node.previous;
      if (node.after <= revision) {
        break;
      }
      if (previous == null) {
        return Optional.empty();
      }
      node = previous;
    }
    return Optional.of(found.reversed());
  }

  /** Lets every waiting watch go. */
  void close() {
    closed = true;
    wakeAll();
  }
}
