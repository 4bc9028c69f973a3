package dev.jctl.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides a group of transactions in order, each seeing those before it, and collects what is to be
 * written. Pure but for {@code stored}, which reads what is on disk.
 */
final class CommitGroup {
  private final Function<Key, Optional<Entry>> stored;

  /** As decided so far; a key is read once, though its revision is asked for before its value. */
  private final Map<Key, Optional<Entry>> known = new HashMap<>();

  private final List<Watch.Batch> batches = new ArrayList<>();
  private long revision;

  CommitGroup(long revision, Function<Key, Optional<Entry>> stored) {
    this.revision = revision;
    this.stored = stored;
  }

  /** Newest revision with this group applied. */
  long revision() {
    return revision;
  }

  /** What changes, one batch a committed transaction. */
  List<Watch.Batch> batches() {
    return batches;
  }

  Store.TxnResult decide(Txn txn) {
    List<Key> failed = new ArrayList<>();
    for (Txn.Condition condition : txn.conditions()) {
      if (modRevision(condition.key()) != condition.modRevision()) {
        failed.add(condition.key());
      }
    }
    if (!failed.isEmpty()) {
      return new Store.TxnResult.Refused(failed);
    }
    List<Watch.Event> events = events(txn, revision + 1);
    if (events.isEmpty()) {
      return new Store.TxnResult.Committed(revision);
    }
    revision++;
    for (Watch.Event event : events) {
      known.put(event.entry().key(), after(event));
    }
    batches.add(new Watch.Batch(events, revision));
    return new Store.TxnResult.Committed(revision);
  }

  private static Optional<Entry> after(Watch.Event event) {
    return switch (event.type()) {
      case PUT -> Optional.of(event.entry());
      case DELETE -> Optional.empty();
    };
  }

  private List<Watch.Event> events(Txn txn, long at) {
    Map<Key, Watch.Event> events = new LinkedHashMap<>();
    for (Txn.Write write : txn.writes()) {
      Watch.@Nullable Event event = event(write, at);
      if (event != null && events.put(write.key(), event) != null) {
        throw new IllegalArgumentException("a transaction writes " + write.key() + " twice");
      }
    }
    return List.copyOf(events.values());
  }

  private Watch.@Nullable Event event(Txn.Write write, long at) {
    Entry previous = current(write.key()).orElse(null);
    return switch (write) {
      case Txn.Write.Put put -> {
        long created = previous == null ? at : previous.createRevision();
        Entry entry = new Entry(put.key(), put.value().bytes(at), created, at);
        yield new Watch.Event(Watch.Event.Type.PUT, entry, previous);
      }
      case Txn.Write.Delete delete ->
          previous == null
              ? null
              : new Watch.Event(
                  Watch.Event.Type.DELETE,
                  new Entry(delete.key(), previous.value(), previous.createRevision(), at),
                  previous);
    };
  }

  private long modRevision(Key key) {
    return current(key).map(Entry::modRevision).orElse(0L);
  }

  private Optional<Entry> current(Key key) {
    return known.computeIfAbsent(key, stored);
  }
}
