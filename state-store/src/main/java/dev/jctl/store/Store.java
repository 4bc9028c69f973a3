package dev.jctl.store;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values under one increasing revision, with etcd's semantics. A write that was answered
 * is on disk; one that was not is all or nothing. Safe for many threads.
 */
public interface Store extends AutoCloseable {
  /** Opens or creates the store in {@code directory}. */
  static Store open(Path directory, StoreOptions options) {
    return open(directory, options, InstantSource.system());
  }

  /** As {@link #open(Path, StoreOptions)}, with a clock that says when something is written. */
  static Store open(Path directory, StoreOptions options, InstantSource clock) {
    return RocksStore.open(directory, options, clock);
  }

  /** The newest committed revision; 0 for a new store. */
  long revision();

  /**
   * Whether that revision is committed. One that is just being written is waited for: others may
   * have read its entries a moment before it counts as the newest.
   */
  boolean hasHappened(long revision);

  /** The oldest revision that can still be read or watched from. */
  long compactedRevision();

  Optional<Entry> get(Key key);

  /**
   * @throws CompactedException when {@code revision} is compacted
   * @throws FutureRevisionException when it has not happened yet
   */
  Optional<Entry> get(Key key, long revision);

  /** What is not compacted of the versions of a key, newest first; of those that are, the last. */
  List<Version> history(Key key);

  /** The newest revision at that time, to the second. May be compacted. */
  long revisionAt(Instant time);

  /**
   * When revisions that are not compacted were written: each, and those up to the next, to the
   * second.
   */
  NavigableMap<Long, Instant> times();

  /** About how many bytes the versions take on disk. */
  long historyBytes();

  /**
   * Entries whose key starts with {@code prefix}, in key order, all as of one revision.
   *
   * @param revision 0 for the newest
   * @param startAfter the last key of the page before, or null
   * @param limit at most that many; 0 for all
   */
  Page list(Key prefix, long revision, @Nullable Key startAfter, int limit);

  /**
   * The values of all entries whose key starts with {@code prefix}, in key order, as of the newest
   * revision: for who makes one thing of many. What reads goes on when its sink returns.
   *
   * @param sink is told the revision, and says who takes the values
   * @return who has taken them
   */
  default <S extends ValueSink> S values(Key prefix, LongFunction<S> sink) {
    Page all = list(prefix, 0, null, 0);
    S each = sink.apply(all.revision());
    all.entries().forEach(entry -> each.take(entry.value(), 0, entry.value().length));
    return each;
  }

  /** About how many bytes all entries take whose key starts with {@code prefix}. */
  long estimatedBytes(Key prefix);

  /** Is given one value after the other. */
  @FunctionalInterface
  interface ValueSink {
    /**
     * @param room where the value is, until this returns
     */
    void take(byte[] room, int offset, int length);
  }

  /**
   * Commits all writes under one new revision when every condition holds, else none.
   *
   * @return done when on disk (for {@link Durability#SYNCED}), with the revision or the conditions
   *     that failed
   */
  CompletableFuture<TxnResult> submit(Txn txn);

  /** {@link #submit}, waited for. */
  TxnResult commit(Txn txn);

  /**
   * Every change of a key with {@code prefix} after {@code revision}, in order, then those to come.
   * Events of one revision are delivered together.
   *
   * @throws CompactedException when changes after {@code revision} are compacted
   */
  Watch watch(Key prefix, long revision);

  /**
   * The same for who watches much in few threads: {@link Watch#next} never waits, and {@code
   * changed} is run, by the thread that commits and so to be short, whenever there may be something
   * for it; not for what was there before. To be closed.
   *
   * @throws CompactedException when changes after {@code revision} are compacted
   */
  Watch watch(Key prefix, long revision, Runnable changed);

  /**
   * For when nothing is done: gives back the memory of the latest changes. Watches that are behind
   * read them from disk.
   *
   * @throws StoreException when they cannot be written to tables; then they stay in memory
   */
  void rest();

  /**
   * Forgets values superseded at or before {@code revision}. Watches that are further on are not
   * affected.
   */
  void compact(long revision);

  /**
   * Takes what {@link #compact} has forgotten out of the files too, where RocksDB would leave it
   * until it merges them in its own time. For values that must not be found on the disk any more.
   */
  void purge();

  /** A consistent copy in a new directory, while in use. */
  void checkpoint(Path directory);

  @Override
  void close();

  /**
   * What one page of a list holds; {@code revision} is what it was read at; {@code more}: keys
   * after the last were cut off.
   */
  record Page(List<Entry> entries, long revision, boolean more, long remaining) {
    public Page {
      entries = List.copyOf(entries);
    }
  }

  /** {@code entry}: empty when the key was deleted at that revision. */
  record Version(long revision, Optional<Entry> entry) {}

  sealed interface TxnResult {
    record Committed(long revision) implements TxnResult {}

    /** Keys whose condition failed. Nothing was written. */
    record Refused(List<Key> keys) implements TxnResult {
      public Refused {
        keys = List.copyOf(keys);
      }
    }
  }
}
