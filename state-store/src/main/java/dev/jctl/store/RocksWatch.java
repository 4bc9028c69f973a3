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

  RocksWatch(RocksStore store, EventRing ring, EventRing.Place place) {
    this.store = store;
    this.ring = ring;
    this.place = place;
  }

  @Override
  public Optional<Batch> next(Duration timeout) throws InterruptedException {
    return place.isTold() ? poll() : await(timeout);
  }

  private Optional<Batch> poll() {
    long start = place.revision();
    while (!closed && ring.hasMore(place)) {
      Batch matching = advance();
      if (!matching.events().isEmpty()) {
        return Optional.of(matching);
      }
    }
    return passedOver(start);
  }

  private Optional<Batch> await(Duration timeout) throws InterruptedException {
    long start = place.revision();
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!closed) {
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      if (!ring.await(place, left)) {
        break;
      }
      Batch matching = advance();
      if (!matching.events().isEmpty()) {
        return Optional.of(matching);
      }
    }
    return passedOver(start);
  }

  private Optional<Batch> passedOver(long start) {
    long revision = place.revision();
    return revision > start ? Optional.of(new Batch(List.of(), revision)) : Optional.empty();
  }

  private Batch advance() {
    long known = place.revision();
    List<Batch> batches = ring.after(known).orElseGet(() -> store.replay(known, DISK_REVISIONS));
    Batch matching = batches.size() == 1 ? matching(batches.getFirst()) : matching(batches, known);
    place.moveTo(matching.revision());
    return matching;
  }

  /** A thousand watches that a change concerns get the very same batch. */
  private Batch matching(Batch batch) {
    List<Event> events = batch.events();
    return events.size() == 1 && place.concerns(events.getFirst())
        ? batch
        : matching(List.of(batch), batch.revision());
  }

  private Batch matching(List<Batch> batches, long known) {
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
    return new Batch(matching, revision);
  }

  @Override
  public void close() {
    closed = true;
    ring.leave(place);
  }
}
