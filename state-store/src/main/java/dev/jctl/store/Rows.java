package dev.jctl.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How keys, revisions and values become rows. Keys hold no NUL, so {@code key NUL revision} sorts
 * by key, then by revision.
 *
 * <ul>
 *   <li>current: key → modRevision, createRevision, value
 *   <li>history: key NUL revision → kind, createRevision, value
 *   <li>log: revision, index → key
 * </ul>
 *
 * Numbers are 8 (the log's index: 4) bytes, big-endian.
 */
final class Rows {
  /** Bytes of a current row before its value. */
  static final int CURRENT_HEAD = 16;

  private static final byte PUT = 1;
  private static final byte DELETE = 2;

  private Rows() {}

  /** One version in the history; a deletion has an empty value. */
  @SuppressWarnings("ArrayRecordComponent")
  record Version(long revision, boolean deleted, long createRevision, byte[] value) {}

  static byte[] key(Key key) {
    return key.text().getBytes(StandardCharsets.UTF_8);
  }

  static Key key(byte[] row, int length) {
    return new Key(new String(row, 0, length, StandardCharsets.UTF_8));
  }

  static byte[] current(Entry entry) {
    return ByteBuffer.allocate(CURRENT_HEAD + entry.value().length)
        .putLong(entry.modRevision())
        .putLong(entry.createRevision())
        .put(entry.value())
        .array();
  }

  static Entry current(Key key, byte[] row) {
    return current(key, row, row.length);
  }

  /** {@code length}: of the row, which may be shorter than where it is in. */
  static Entry current(Key key, byte[] row, int length) {
    ByteBuffer in = ByteBuffer.wrap(row);
    long modRevision = in.getLong();
    long createRevision = in.getLong();
    return new Entry(
        key, Arrays.copyOfRange(row, CURRENT_HEAD, length), createRevision, modRevision);
  }

  static byte[] historyKey(byte[] key, long revision) {
    return ByteBuffer.allocate(key.length + 9).put(key).put((byte) 0).putLong(revision).array();
  }

  static int historyKeyLength(byte[] row) {
    return row.length - 9;
  }

  /** Whether a row of the history is of that key. */
  static boolean isVersionOf(byte[] key, byte[] row) {
    return historyKeyLength(row) == key.length && startsWith(row, key);
  }

  static long historyRevision(byte[] row) {
    return ByteBuffer.wrap(row).getLong(row.length - 8);
  }

  static byte[] put(Entry entry) {
    return ByteBuffer.allocate(9 + entry.value().length)
        .put(PUT)
        .putLong(entry.createRevision())
        .put(entry.value())
        .array();
  }

  static byte[] delete(long createRevision) {
    return ByteBuffer.allocate(9).put(DELETE).putLong(createRevision).array();
  }

  static Version version(byte[] historyKey, byte[] row) {
    return new Version(
        historyRevision(historyKey),
        row[0] == DELETE,
        ByteBuffer.wrap(row).getLong(1),
        Arrays.copyOfRange(row, 9, row.length));
  }

  static byte[] logKey(long revision, int index) {
    return ByteBuffer.allocate(12).putLong(revision).putInt(index).array();
  }

  static byte[] logStart(long revision) {
    return ByteBuffer.allocate(8).putLong(revision).array();
  }

  static long logRevision(byte[] row) {
    return ByteBuffer.wrap(row).getLong();
  }

  /** The first row after all that start with {@code prefix}; empty when there is none. */
  static byte[] after(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xff) {
        byte[] end = Arrays.copyOf(prefix, i + 1);
        end[i]++;
        return end;
      }
    }
    return new byte[0];
  }

  private static boolean startsWith(byte[] row, byte[] prefix) {
    return row.length >= prefix.length
        && Arrays.equals(row, 0, prefix.length, prefix, 0, prefix.length);
  }
}
