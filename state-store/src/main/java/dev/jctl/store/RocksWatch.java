package dev.jctl.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A place in the order of revisions; served from the ring, or from disk when it has fallen behind.
 */
final class RocksWatch implements Watch {
  private static final int DISK_REVISIONS = 512;

  private final RocksStore store;
  private final EventRing ring;
  private final EventRing.Place place;
  private volatile boolean closed;

  RocksWatch(RocksStore store, EventRing ring, Key prefix, long revision) {
    this.store = store;
    this.ring = ring;
    this.place = ring.place(prefix.text(), revision);
  }

  @Override
  public Optional<Batch> next(Duration timeout) throws InterruptedException {
    long start = place.revision();
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!closed) {
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      if (!ring.await(place, left)) {
        break;
      }
      List<Event> matching = advance();
      if (!matching.isEmpty()) {
        return Optional.of(new Batch(matching, place.revision()));
      }
    }
    long revision = place.revision();
    return revision > start ? Optional.of(new Batch(List.of(), revision)) : Optional.empty();
  }

  private List<Event> advance() {
    long known = place.revision();
    List<Batch> batches = ring.after(known).orElseGet(() -> store.replay(known, DISK_REVISIONS));
    long revision = known;
    List<Event> matching = new ArrayList<>();
    for (Batch batch : batches) {
      for (Event event : batch.events()) {
        if (place.concerns(event)) {
          matching.add(event);
        }
      }
      revision = batch.revision();
    }
    place.moveTo(revision);
    return matching;
  }

  @Override
  public void close() {
    closed = true;
  }
}
