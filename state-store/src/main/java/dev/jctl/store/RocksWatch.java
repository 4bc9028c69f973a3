package dev.jctl.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A place in the order of revisions; served from the ring, or from disk when it has fallen behind.
 */
final class RocksWatch implements Watch {
  private final RocksStore store;
  private final EventRing ring;
  private final EventRing.Place place;

  /** Up to which the consumer knows all. */
  private long delivered;

  private volatile boolean closed;

  RocksWatch(RocksStore store, EventRing ring, EventRing.Place place, long after) {
    this.store = store;
    this.ring = ring;
    this.place = place;
    this.delivered = after;
  }

  @Override
  public Optional<Batch> next(Duration timeout) throws InterruptedException {
    Optional<Batch> next = place.isTold() ? poll() : await(timeout);
    next.ifPresent(batch -> delivered = batch.revision());
    return next;
  }

  private Optional<Batch> poll() {
    while (!closed && ring.hasMore(place)) {
      Batch matching = advance();
      if (!matching.events().isEmpty()) {
        return Optional.of(matching);
      }
    }
    return passedOver();
  }

  private Optional<Batch> await(Duration timeout) throws InterruptedException {
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
    return passedOver();
  }

  private Optional<Batch> passedOver() {
    long revision = place.revision();
    return revision > delivered ? Optional.of(new Batch(List.of(), revision)) : Optional.empty();
  }

  private Batch advance() {
    long known = place.revision();
    Batch matching =
        ring.after(known)
            .map(batches -> matching(batches, known))
            .orElseGet(() -> store.replay(known, place::concerns));
    place.moveTo(matching.revision());
    return matching;
  }

  private Batch matching(List<Batch> batches, long known) {
    if (batches.size() == 1 && isWhole(batches.getFirst())) {
      return batches.getFirst(); // a thousand watches that a change concerns get the very same
    }
    long revision = known;
    List<Event> matching = new ArrayList<>();
    for (Batch batch : batches) {
      for (Event event : batch.events()) {
        if (place.concerns(event.entry().key())) {
          matching.add(event);
        }
      }
      revision = batch.revision();
    }
    return new Batch(matching, revision);
  }

  private boolean isWhole(Batch batch) {
    return batch.events().size() == 1 && place.concerns(batch.events().getFirst().entry().key());
  }

  @Override
  public void close() {
    closed = true;
    ring.leave(place);
  }
}
