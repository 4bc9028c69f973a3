package dev.jctl.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * Which revision there was when: for each second in which something was written, the first revision
 * of it. Rows are {@code 't', milliseconds} → revision, among the marks of the store; an idle store
 * writes none.
 */
final class TimeIndex {
  private static final byte[] FIRST = {'t'};
  private static final long STEP = Duration.ofSeconds(1).toMillis();

  private final InstantSource clock;
  // Of the writer's thread.
  private long newest;

  TimeIndex(InstantSource clock, Tables tables) {
    this.clock = clock;
    this.newest = newest(tables);
  }

  private static long newest(Tables t) {
    try (RocksIterator rows = t.db.newIterator(t.meta)) {
      rows.seekForPrev(key(Long.MAX_VALUE));
      return rows.isValid() && isRow(rows.key()) ? time(rows.key()) : 0;
    }
  }

  private static byte[] key(long millis) {
    return ByteBuffer.allocate(9).put(FIRST).putLong(millis).array();
  }

  private static boolean isRow(byte[] key) {
    return key.length == 9 && key[0] == FIRST[0];
  }

  private static long time(byte[] key) {
    return ByteBuffer.wrap(key).getLong(1);
  }

  /** {@code revision}: the first of those that are written with these rows. */
  void note(Tables t, WriteBatch rows, long revision) throws RocksDBException {
    // a clock that is set back must not mix up the order
    long now = Math.max(newest, clock.millis());
    if (now - newest >= STEP) {
      rows.put(t.meta, key(now), ByteBuffer.allocate(8).putLong(revision).array());
      newest = now;
    }
  }

  /** The newest at that time, to the second; {@code otherwise} when none came after. */
  static long revisionAt(Tables t, Instant time, long otherwise) throws RocksDBException {
    try (RocksIterator rows = t.db.newIterator(t.meta)) {
      rows.seek(key(time.toEpochMilli() + 1));
      rows.status();
      return rows.isValid() && isRow(rows.key())
          ? ByteBuffer.wrap(rows.value()).getLong() - 1
          : otherwise;
    }
  }

  /** By revision: when it and those up to the next were written. */
  static NavigableMap<Long, Instant> times(Tables t) throws RocksDBException {
    NavigableMap<Long, Instant> times = new TreeMap<>();
    try (RocksIterator rows = t.db.newIterator(t.meta)) {
      for (rows.seek(FIRST); rows.isValid() && isRow(rows.key()); rows.next()) {
        times.put(ByteBuffer.wrap(rows.value()).getLong(), Instant.ofEpochMilli(time(rows.key())));
      }
      rows.status();
    }
    return times;
  }

  /** Of what is compacted only the newest time is still of use. */
  static void forget(Tables t, long upTo) throws RocksDBException {
    NavigableMap<Long, Instant> past = times(t).headMap(upTo, true);
    try (WriteBatch rows = new WriteBatch();
        org.rocksdb.WriteOptions write = new org.rocksdb.WriteOptions()) {
      for (var row : past.entrySet()) {
        if (!row.getKey().equals(past.lastKey())) {
          rows.delete(t.meta, key(row.getValue().toEpochMilli()));
        }
      }
      t.db.write(write, rows);
    }
  }
}
