package dev.jctl.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.Range;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * {@link Store} on RocksDB. Reads see a snapshot; writes go through {@link CommitLoop}, one group
 * at a time.
 */
final class RocksStore implements Store {
  private static final byte[] COMPACTED = "compacted".getBytes(StandardCharsets.UTF_8);
  private static final int COMPACTION_BATCH = 1000;

  /** For one row after the other of a list; most are shorter. */
  private static final int ROW_ROOM = 8 << 10;

  /** In bytes, of a file from which a whole collection is read. */
  private static final int READ_AHEAD = 1 << 20;

  /** Of what one watch takes from disk at once. */
  private static final int REPLAYED_EVENTS = 512;

  private static final int REPLAYED_REVISIONS = 8192;

  /** Short beside a write, which ends by a sync. */
  private static final Duration NEXT_LOOK = Duration.ofNanos(50_000);

  /** Between tries to open the database for writing again. */
  private static final Duration NEXT_TRY = Duration.ofSeconds(1);

  private final Path directory;
  private final StoreOptions options;
  // Held for writing only while the database is reopened or closed.
  private final ReentrantReadWriteLock open = new ReentrantReadWriteLock();
  private final ReentrantLock compacting = new ReentrantLock();
  private final EventRing ring;
  private final CommitLoop commits;
  private final TimeIndex times;
  // Null when closed, or when what is on disk cannot be read.
  private @Nullable Tables tables;
  private volatile long revision;
  // Never behind revision: the one that is being written, and whose rows others may see already.
  private volatile long written;
  private volatile long compacted;
  // Of the writer's thread. Why nothing can be written; null while it can.
  private @Nullable StoreException refusal;
  private long refusedAt;

  private RocksStore(Path directory, StoreOptions options, InstantSource clock) {
    this.directory = directory;
    this.options = options;
    this.tables = Tables.open(directory, options);
    this.compacted = with(RocksStore::readCompacted);
    this.revision = Math.max(compacted, with(RocksStore::readRevision));
    this.written = revision;
    this.times = with(t -> new TimeIndex(clock, t));
    this.ring = new EventRing(options.watchBufferEvents(), revision);
    this.commits = new CommitLoop(this::commitGroup);
  }

  static Store open(Path directory, StoreOptions options, InstantSource clock) {
    StoreFormat.claim(directory);
    return new RocksStore(directory, options, clock);
  }

  @FunctionalInterface
  private interface Read<T> {
    T from(Tables tables) throws RocksDBException;
  }

  private <T> T with(Read<T> read) {
    open.readLock().lock();
    try {
      if (tables == null) {
        throw new StoreException("store " + directory + " is closed");
      }
      return read.from(tables);
    } catch (RocksDBException e) {
      throw new StoreException("store " + directory + ": " + e.getMessage(), e);
    } finally {
      open.readLock().unlock();
    }
  }

  private static long readCompacted(Tables t) throws RocksDBException {
    byte[] row = t.db.get(t.meta, COMPACTED);
    return row == null ? 0 : ByteBuffer.wrap(row).getLong();
  }

  private static long readRevision(Tables t) throws RocksDBException {
    try (RocksIterator newest = t.db.newIterator(t.log)) {
      newest.seekToLast();
      newest.status();
      return newest.isValid() ? Rows.logRevision(newest.key()) : 0;
    }
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public boolean hasHappened(long asked) {
    while (asked > revision && asked <= written) {
      LockSupport.parkNanos(NEXT_LOOK.toNanos());
    }
    return asked <= revision;
  }

  @Override
  public long compactedRevision() {
    return compacted;
  }

  @Override
  public Optional<Entry> get(Key key) {
    return with(t -> current(t, key));
  }

  private static Optional<Entry> current(Tables t, Key key) throws RocksDBException {
    byte[] row = t.db.get(t.current, Rows.key(key));
    return row == null ? Optional.empty() : Optional.of(Rows.current(key, row));
  }

  @Override
  public Optional<Entry> get(Key key, long at) {
    return snapshot(
        (t, read) -> {
          checkReadable(at);
          return entryAt(t, read, key, at);
        });
  }

  @FunctionalInterface
  private interface SnapshotRead<T> {
    T from(Tables tables, ReadOptions read) throws RocksDBException;
  }

  private <T> T snapshot(SnapshotRead<T> body) {
    return with(
        t -> {
          Snapshot snapshot = t.db.getSnapshot();
          try (ReadOptions read = new ReadOptions().setSnapshot(snapshot)) {
            return body.from(t, read);
          } finally {
            t.db.releaseSnapshot(snapshot);
          }
        });
  }

  /** Called after the snapshot was taken: what compaction removes later is still in it. */
  private void checkReadable(long at) {
    if (at < compacted) {
      throw new CompactedException(at, compacted);
    }
    if (!hasHappened(at)) {
      throw new FutureRevisionException(at, revision);
    }
  }

  private static Optional<Entry> entryAt(Tables t, ReadOptions read, Key key, long at)
      throws RocksDBException {
    byte[] bytes = Rows.key(key);
    try (RocksIterator rows = t.db.newIterator(t.history, read)) {
      rows.seekForPrev(Rows.historyKey(bytes, at));
      rows.status();
      if (!rows.isValid()) {
        return Optional.empty();
      }
      byte[] row = rows.key();
      return Rows.isVersionOf(bytes, row)
          ? live(key, Rows.version(row, rows.value()))
          : Optional.empty();
    }
  }

  private static Optional<Entry> live(Key key, Rows.Version version) {
    return version.deleted()
        ? Optional.empty()
        : Optional.of(
            new Entry(key, version.value(), version.createRevision(), version.revision()));
  }

  @Override
  public List<Version> history(Key key) {
    return snapshot((t, read) -> history(t, read, key));
  }

  private static List<Version> history(Tables t, ReadOptions read, Key key)
      throws RocksDBException {
    byte[] bytes = Rows.key(key);
    List<Version> versions = new ArrayList<>();
    try (RocksIterator rows = t.db.newIterator(t.history, read)) {
      for (rows.seek(Rows.historyKey(bytes, 0)); rows.isValid(); rows.next()) {
        byte[] row = rows.key();
        if (!Rows.isVersionOf(bytes, row)) {
          break;
        }
        Rows.Version version = Rows.version(row, rows.value());
        versions.add(new Version(version.revision(), live(key, version)));
      }
      rows.status();
    }
    return versions.reversed();
  }

  @Override
  public long revisionAt(Instant time) {
    long newest = revision;
    return with(t -> TimeIndex.revisionAt(t, time, newest));
  }

  @Override
  public NavigableMap<Long, Instant> times() {
    return with(TimeIndex::times);
  }

  @Override
  public long historyBytes() {
    return with(t -> t.db.getLongProperty(t.history, "rocksdb.estimate-live-data-size"));
  }

  @Override
  public Page list(Key prefix, long at, @Nullable Key startAfter, int limit) {
    return snapshot(
        prefix,
        (t, read) -> {
          long newest = Math.max(compacted, readRevision(t, read));
          long asOf = at == 0 ? newest : at;
          checkReadable(asOf);
          return asOf == newest
              ? listCurrent(t, read, prefix, asOf, startAfter, limit)
              : listHistory(t, read, prefix, asOf, startAfter, limit);
        });
  }

  /** One whose iterators end after all keys of {@code prefix}. */
  private <T> T snapshot(Key prefix, SnapshotRead<T> body) {
    return snapshot(
        (t, read) -> {
          byte[] end = Rows.after(Rows.key(prefix));
          try (Slice upper = new Slice(end)) {
            if (end.length > 0) {
              read.setIterateUpperBound(upper);
            }
            return body.from(t, read);
          }
        });
  }

  @Override
  public <S extends ValueSink> S values(Key prefix, LongFunction<S> sink) {
    return snapshot(prefix, (t, read) -> values(t, read, prefix, sink));
  }

  private <S extends ValueSink> S values(
      Tables t, ReadOptions read, Key prefix, LongFunction<S> sink) throws RocksDBException {
    long newest = Math.max(compacted, readRevision(t, read));
    checkReadable(newest);
    // what is read once in a row is not to take the place of what others read again
    read.setFillCache(false).setReadaheadSize(READ_AHEAD);
    S each = sink.apply(newest);
    byte[] room = new byte[ROW_ROOM];
    try (RocksIterator rows = t.db.newIterator(t.current, read)) {
      for (rows.seek(Rows.key(prefix)); rows.isValid(); rows.next()) {
        int length = rows.value(room);
        if (length > room.length) {
          room = rows.value();
        }
        each.take(room, Rows.CURRENT_HEAD, length - Rows.CURRENT_HEAD);
      }
      rows.status();
    }
    return each;
  }

  @Override
  public long estimatedBytes(Key prefix) {
    byte[] first = Rows.key(prefix);
    return with(
        t -> {
          try (Slice start = new Slice(first);
              Slice end = new Slice(Rows.after(first))) {
            return t.db
                .getApproximateSizes(
                    t.current,
                    List.of(new Range(start, end)),
                    SizeApproximationFlag.INCLUDE_FILES,
                    SizeApproximationFlag.INCLUDE_MEMTABLES)[0];
          }
        });
  }

  private static long readRevision(Tables t, ReadOptions read) throws RocksDBException {
    try (RocksIterator newest = t.db.newIterator(t.log, read)) {
      newest.seekToLast();
      newest.status();
      return newest.isValid() ? Rows.logRevision(newest.key()) : 0;
    }
  }

  private static Page listCurrent(
      Tables t, ReadOptions read, Key prefix, long at, @Nullable Key startAfter, int limit)
      throws RocksDBException {
    List<Entry> entries = new ArrayList<>();
    byte[] room = new byte[ROW_ROOM];
    long remaining = 0;
    try (RocksIterator rows = t.db.newIterator(t.current, read)) {
      // "key NUL" is the first row after "key"
      rows.seek(startAfter == null ? Rows.key(prefix) : Rows.historyKey(Rows.key(startAfter), 0));
      for (; rows.isValid(); rows.next()) {
        if (limit > 0 && entries.size() == limit) {
          remaining++;
        } else {
          byte[] key = rows.key();
          int length = rows.value(room);
          if (length > room.length) {
            room = rows.value();
          }
          entries.add(Rows.current(Rows.key(key, key.length), room, length));
        }
      }
      rows.status();
    }
    return new Page(entries, at, remaining > 0, remaining);
  }

  private static Page listHistory(
      Tables t, ReadOptions read, Key prefix, long at, @Nullable Key startAfter, int limit)
      throws RocksDBException {
    List<Entry> entries = new ArrayList<>();
    long remaining = 0;
    try (RocksIterator rows = t.db.newIterator(t.history, read)) {
      rows.seek(
          startAfter == null
              ? Rows.key(prefix)
              : Rows.historyKey(Rows.key(startAfter), Long.MAX_VALUE));
      while (rows.isValid()) {
        Optional<Entry> entry = newestUpTo(rows, at);
        if (entry.isEmpty()) {
          continue;
        }
        if (limit > 0 && entries.size() == limit) {
          remaining++;
        } else {
          entries.add(entry.get());
        }
      }
      rows.status();
    }
    return new Page(entries, at, remaining > 0, remaining);
  }

  /** Reads all versions of the key that {@code rows} stands on and leaves it on the next key. */
  private static Optional<Entry> newestUpTo(RocksIterator rows, long at) {
    byte[] first = rows.key();
    int length = Rows.historyKeyLength(first);
    Key key = Rows.key(first, length);
    Rows.Version found = null;
    while (rows.isValid()) {
      byte[] row = rows.key();
      if (row.length != first.length
          || !java.util.Arrays.equals(row, 0, length, first, 0, length)) {
        break;
      }
      if (Rows.historyRevision(row) <= at) {
        found = Rows.version(row, rows.value());
      }
      rows.next();
    }
    return found == null ? Optional.empty() : live(key, found);
  }

  @Override
  public CompletableFuture<TxnResult> submit(Txn txn) {
    return commits.submit(txn);
  }

  @Override
  public TxnResult commit(Txn txn) {
    try {
      return submit(txn).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof StoreException cause) {
        throw new StoreException(String.valueOf(cause.getMessage()), cause);
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /**
   * On the writer's thread. Nothing is visible to anyone before it is written. Who waits for an
   * answer has it before watches are told: a thousand of them would keep the processors from it.
   */
  private void commitGroup(List<CommitLoop.Pending> group) {
    reopenWhenRefused();
    CommitGroup decisions = new CommitGroup(revision, key -> with(t -> current(t, key)));
    List<Runnable> answers = new ArrayList<>();
    boolean sync = false;
    for (CommitLoop.Pending pending : group) {
      answers.add(pending.answer(decisions::decide));
      sync |= pending.txn().durability() == Txn.Durability.SYNCED;
    }
    if (!decisions.batches().isEmpty()) {
      write(decisions.batches(), sync);
      revision = decisions.revision();
    }
    answers.forEach(Runnable::run);
    if (!decisions.batches().isEmpty()) {
      ring.publish(decisions.batches());
    }
  }

  private void write(List<Watch.Batch> batches, boolean sync) {
    if (refusal != null) {
      throw new StoreException(String.valueOf(refusal.getMessage()), refusal);
    }
    written = batches.getLast().revision();
    try {
      with(
          t -> {
            try (WriteBatch rows = new WriteBatch();
                WriteOptions write = new WriteOptions().setSync(sync)) {
              for (Watch.Batch batch : batches) {
                addRows(t, rows, batch);
              }
              times.note(t, rows, batches.getFirst().revision());
              t.db.write(write, rows);
              return rows;
            }
          });
    } catch (StoreException e) {
      reopen(e);
      written = revision;
      throw e;
    }
  }

  private static void addRows(Tables t, WriteBatch rows, Watch.Batch batch)
      throws RocksDBException {
    int index = 0;
    for (Watch.Event event : batch.events()) {
      Entry entry = event.entry();
      byte[] key = Rows.key(entry.key());
      byte[] version = Rows.historyKey(key, batch.revision());
      switch (event.type()) {
        case PUT -> {
          rows.put(t.current, key, Rows.current(entry));
          rows.put(t.history, version, Rows.put(entry));
        }
        case DELETE -> {
          rows.delete(t.current, key);
          rows.put(t.history, version, Rows.delete(entry.createRevision()));
        }
      }
      rows.put(t.log, Rows.logKey(batch.revision(), index++), key);
    }
  }

  /** Before anything is decided, as it may bring a newer revision to light. */
  private void reopenWhenRefused() {
    if (refusal != null && System.nanoTime() - refusedAt >= NEXT_TRY.toNanos()) {
      reopen(refusal);
    }
  }

  /**
   * After a failed write RocksDB refuses all further ones; opening again recovers what was
   * acknowledged. Where that fails too, as on a full disk, the database is opened for reading until
   * a later write finds it writable.
   */
  private void reopen(StoreException cause) {
    open.writeLock().lock();
    try {
      if (tables != null) {
        tables.close();
        tables = null;
      }
      try {
        tables = Tables.open(directory, options);
        refusal = null;
      } catch (StoreException e) {
        refusal = e;
        refusedAt = System.nanoTime();
        tables = Tables.openReadOnly(directory, options);
      }
      resume(readRevision(tables));
    } catch (StoreException | RocksDBException e) {
      cause.addSuppressed(e);
    } finally {
      open.writeLock().unlock();
    }
  }

  /** A write that failed may be there all the same: it has then happened, whatever was answered. */
  private void resume(long newest) {
    if (newest > revision) {
      written = newest;
      revision = newest;
      ring.skipTo(newest);
    }
  }

  @Override
  public Watch watch(Key prefix, long after) {
    return new RocksWatch(this, ring, ring.place(prefix.text(), kept(after)), after);
  }

  @Override
  public Watch watch(Key prefix, long after, Runnable changed) {
    return new RocksWatch(this, ring, ring.place(prefix.text(), kept(after), changed), after);
  }

  private long kept(long after) {
    if (after < compacted) {
      throw new CompactedException(after, compacted);
    }
    return after;
  }

  /**
   * Changes after that revision from disk, of as many revisions as one who has fallen behind takes
   * at once. Of others than are wanted, which nearly all may be, only the keys are read.
   */
  Watch.Batch replay(long after, Predicate<Key> wanted) {
    return snapshot(
        (t, read) -> {
          if (after < compacted) {
            throw new CompactedException(after, compacted);
          }
          List<Watch.Event> events = new ArrayList<>();
          long done = after;
          try (RocksIterator rows = t.db.newIterator(t.log, read)) {
            for (rows.seek(Rows.logStart(after + 1)); rows.isValid(); rows.next()) {
              long at = Rows.logRevision(rows.key());
              boolean enough = events.size() >= REPLAYED_EVENTS || at - after > REPLAYED_REVISIONS;
              if (enough && at > done) {
                break;
              }
              done = at;
              byte[] name = rows.value();
              Key key = Rows.key(name, name.length);
              if (wanted.test(key)) {
                events.add(eventAt(t, read, key, at));
              }
            }
            rows.status();
          }
          return new Watch.Batch(events, done);
        });
  }

  private static Watch.Event eventAt(Tables t, ReadOptions read, Key key, long at)
      throws RocksDBException {
    Entry previous = entryAt(t, read, key, at - 1).orElse(null);
    Optional<Entry> entry = entryAt(t, read, key, at);
    if (entry.isPresent()) {
      return new Watch.Event(Watch.Event.Type.PUT, entry.get(), previous);
    }
    byte[] last = previous == null ? new byte[0] : previous.value();
    long created = previous == null ? at : previous.createRevision();
    return new Watch.Event(Watch.Event.Type.DELETE, new Entry(key, last, created, at), previous);
  }

  @Override
  public void rest() {
    ring.dropOld();
    with(RocksStore::writeTables);
  }

  /** Of what is in memory and in the log of writes; when it is done, that is shorter, too. */
  private static Tables writeTables(Tables t) throws RocksDBException {
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      t.db.flush(flush, List.of(t.meta, t.current, t.history, t.log));
      return t;
    }
  }

  @Override
  public void compact(long upTo) {
    if (upTo > revision) {
      throw new FutureRevisionException(upTo, revision);
    }
    compacting.lock();
    try {
      if (upTo > compacted) {
        with(t -> markCompacted(t, upTo));
        compacted = upTo;
        Optional<byte[]> next = Optional.of(Rows.logStart(0));
        while (next.isPresent()) {
          byte[] from = next.get();
          next = with(t -> removeSuperseded(t, from, upTo));
        }
        with(
            t -> {
              TimeIndex.forget(t, upTo);
              return upTo;
            });
      }
    } finally {
      compacting.unlock();
    }
  }

  private static long markCompacted(Tables t, long upTo) throws RocksDBException {
    try (WriteOptions sync = new WriteOptions().setSync(true)) {
      t.db.put(t.meta, sync, COMPACTED, ByteBuffer.allocate(8).putLong(upTo).array());
    }
    return upTo;
  }

  /**
   * Removes some, from that log row on; the one to go on from when there are more: who began anew
   * would have to pass over all that was removed. Cut short, the next compaction finds the rows
   * that are left.
   */
  private static Optional<byte[]> removeSuperseded(Tables t, byte[] from, long upTo)
      throws RocksDBException {
    try (WriteBatch rows = new WriteBatch();
        WriteOptions write = new WriteOptions();
        RocksIterator log = t.db.newIterator(t.log);
        RocksIterator history = t.db.newIterator(t.history)) {
      int removed = 0;
      log.seek(from);
      for (; log.isValid() && removed < COMPACTION_BATCH; log.next(), removed++) {
        long at = Rows.logRevision(log.key());
        if (at > upTo) {
          break;
        }
        removeVersionBefore(t, rows, history, log.value(), at);
        rows.delete(t.log, log.key());
      }
      log.status();
      Optional<byte[]> next =
          removed == COMPACTION_BATCH && log.isValid() ? Optional.of(log.key()) : Optional.empty();
      t.db.write(write, rows);
      return next;
    }
  }

  /** The one that a change superseded, and a deletion itself: those before went with theirs. */
  private static void removeVersionBefore(
      Tables t, WriteBatch rows, RocksIterator history, byte[] key, long at)
      throws RocksDBException {
    byte[] row = Rows.historyKey(key, at);
    byte[] value = t.db.get(t.history, row);
    if (value == null) {
      return;
    }
    Rows.Version version = Rows.version(row, value);
    if (version.deleted()) {
      rows.delete(t.history, row);
    } else if (version.createRevision() == at) {
      return; // there was none, and to find that out all that was removed would be passed over
    }
    history.seekForPrev(Rows.historyKey(key, at - 1));
    history.status();
    if (history.isValid() && Rows.isVersionOf(key, history.key())) {
      rows.delete(t.history, history.key());
    }
  }

  @Override
  public void purge() {
    compacting.lock();
    try {
      with(RocksStore::rewriteFiles);
    } finally {
      compacting.unlock();
    }
  }

  /**
   * The flush starts a new log of writes as well: the old ones are deleted with what is in them.
   */
  private static Tables rewriteFiles(Tables t) throws RocksDBException {
    writeTables(t);
    try (CompactRangeOptions all =
        new CompactRangeOptions()
            .setBottommostLevelCompaction(CompactRangeOptions.BottommostLevelCompaction.kForce)) {
      for (ColumnFamilyHandle family : List.of(t.current, t.history)) {
        t.db.compactRange(family, null, null, all);
      }
      return t;
    }
  }

  @Override
  public void checkpoint(Path target) {
    with(
        t -> {
          try (Checkpoint checkpoint = Checkpoint.create(t.db)) {
            Files.createDirectories(target);
            checkpoint.createCheckpoint(target.resolve("db").toString());
            StoreFormat.mark(target);
            return target;
          } catch (java.io.IOException e) {
            throw new StoreException("checkpoint " + target + " cannot be made: " + e, e);
          }
        });
  }

  @Override
  public void close() {
    commits.close();
    ring.close();
    open.writeLock().lock();
    try {
      if (tables != null) {
        tables.close();
        tables = null;
      }
    } finally {
      open.writeLock().unlock();
    }
  }
}
