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
  private final String prefix;
  private long revision;
  private volatile boolean closed;

  RocksWatch(RocksStore store, EventRing ring, Key prefix, long revision) {
    this.store = store;
    this.ring = ring;
    this.prefix = prefix.text();
    this.revision = revision;
  }

  @Override
  public Optional<Batch> next(Duration timeout) throws InterruptedException {
    long start = revision;
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!closed) {
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      if (!ring.await(revision, left)) {
        break;
      }
      List<Event> matching = advance();
      if (!matching.isEmpty()) {
        return Optional.of(new Batch(matching, revision));
      }
    }
    return revision > start ? Optional.of(new Batch(List.of(), revision)) : Optional.empty();
  }

  private List<Event> advance() {
    List<Batch> batches =
        ring.after(revision).orElseGet(() -> store.replay(revision, DISK_REVISIONS));
    List<Event> matching = new ArrayList<>();
    for (Batch batch : batches) {
      for (Event event : batch.events()) {
        if (event.entry().key().text().startsWith(prefix)) {
          matching.add(event);
        }
      }
      revision = batch.revision();
    }
    return matching;
  }

  @Override
  public void close() {
    closed = true;
  }
}
