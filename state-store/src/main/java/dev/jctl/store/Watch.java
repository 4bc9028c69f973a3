package dev.jctl.store;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A running watch. One consumer. */
public interface Watch extends AutoCloseable {
  /**
   * Waits for changes.
   *
   * @return events of one or more whole revisions, in order; no events but a newer revision when
   *     only others' keys changed in that time; empty when nothing happened
   * @throws CompactedException when this consumer was too slow: it fell out of the bounded buffer
   *     and the revisions it needs are compacted (a lagging watch is served from disk otherwise)
   */
  Optional<Batch> next(Duration timeout) throws InterruptedException;

  @Override
  void close();

  /** {@code revision}: all changes up to it have now been delivered. */
  record Batch(List<Event> events, long revision) {
    public Batch {
      events = List.copyOf(events);
    }
  }

  /**
   * @param entry the new value; for a deletion the last value, with {@code modRevision} of the
   *     deletion
   * @param previous the value before, or null when the key is new
   */
  record Event(Type type, Entry entry, @Nullable Entry previous) {
    public enum Type {
      PUT,
      DELETE
    }
  }
}
