package dev.jctl.shim.log;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What is known to be in the log, and what is about to be. One small write to one page: it is on
 * the file either fully or not at all.
 *
 * @param logLength bytes of the log that are final
 * @param stdoutOffset spool bytes that they stand for
 * @param stderrOffset the same of the other spool
 * @param pending the batch that is written behind {@code logLength}, or was
 * @param rotation epoch second that names the rotated file, while rotating; 0 otherwise
 */
record Commit(
    long logLength, long stdoutOffset, long stderrOffset, @Nullable Batch pending, long rotation) {
  static final int SIZE = 72;
  private static final long MAGIC = 0x6a63746c6c6f6731L; // "jctllog1"

  /**
   * @param end spool offset behind its last byte; it begins at the stream's committed offset
   * @param finished whether bytes without a newline at the end are a line
   */
  record Batch(OutputStreamName stream, long end, Instant time, boolean finished) {}

  static Commit empty() {
    return new Commit(0, 0, 0, null, 0);
  }

  long offset(OutputStreamName stream) {
    return stream == OutputStreamName.STDOUT ? stdoutOffset : stderrOffset;
  }

  /** After a rotated log was given its name. */
  Commit withFreshLog() {
    return new Commit(0, stdoutOffset, stderrOffset, null, 0);
  }

  ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocate(SIZE);
    bytes.putLong(MAGIC).putLong(logLength).putLong(stdoutOffset).putLong(stderrOffset);
    if (pending == null) {
      bytes.putInt(0).putInt(0).putLong(0).putLong(0).putInt(0);
    } else {
      bytes.putInt(pending.stream() == OutputStreamName.STDOUT ? 1 : 2);
      bytes.putInt(pending.finished() ? 1 : 0).putLong(pending.end());
      Instant time = pending.time();
      bytes.putLong(time.getEpochSecond()).putInt(time.getNano());
    }
    bytes.putLong(rotation);
    bytes.putInt(checksum(bytes.array()));
    return bytes.flip();
  }

  private static int checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, SIZE - 4);
    return (int) crc.getValue();
  }

  /** Empty for a file that is new, or is not ours. */
  static Optional<Commit> decode(ByteBuffer bytes) {
    if (bytes.remaining() < SIZE || bytes.getInt(SIZE - 4) != checksum(copy(bytes))) {
      return Optional.empty();
    }
    if (bytes.getLong() != MAGIC) {
      return Optional.empty();
    }
    long logLength = bytes.getLong();
    long stdoutOffset = bytes.getLong();
    long stderrOffset = bytes.getLong();
    Batch pending = batch(bytes);
    return Optional.of(new Commit(logLength, stdoutOffset, stderrOffset, pending, bytes.getLong()));
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[SIZE];
    bytes.get(bytes.position(), copy);
    return copy;
  }

  private static @Nullable Batch batch(ByteBuffer bytes) {
    int stream = bytes.getInt();
    boolean finished = bytes.getInt() == 1;
    long end = bytes.getLong();
    Instant time = Instant.ofEpochSecond(bytes.getLong(), bytes.getInt());
    return switch (stream) {
      case 1 -> new Batch(OutputStreamName.STDOUT, end, time, finished);
      case 2 -> new Batch(OutputStreamName.STDERR, end, time, finished);
      default -> null;
    };
  }
}
