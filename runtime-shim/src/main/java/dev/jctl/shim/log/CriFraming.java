package dev.jctl.shim.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Lines of the Kubernetes CRI log format: {@code 2016-10-06T00:17:09.669794202Z stdout F text}.
 * Pure: the same bytes, time and end give the same lines, which is what lets an interrupted batch
 * be written again.
 */
final class CriFraming {
  /** A longer line is cut into pieces tagged P, the last one F. */
  static final int MAX_PIECE = 16 << 10;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);

  private CriFraming() {}

  /**
   * Encodes complete lines and full pieces from {@code raw}, as many as {@code out} has room for.
   *
   * @param finished nothing follows: what is left is a line too
   * @return bytes of {@code raw} that were taken; its position is where it was
   */
  static int encode(
      ByteBuffer raw, OutputStreamName stream, Instant time, boolean finished, ByteBuffer out) {
    byte[] prefix = (TIME.format(time) + " " + stream.text() + " ").getBytes(US_ASCII);
    int start = raw.position();
    int position = start;
    while (position < raw.limit()) {
      int end = pieceEnd(raw, position);
      boolean newline = end < raw.limit() && end - position < MAX_PIECE && raw.get(end) == '\n';
      boolean whole = newline || end - position == MAX_PIECE || finished;
      if (!whole || out.remaining() < prefix.length + 3 + end - position) {
        break;
      }
      boolean partial = !newline && end - position == MAX_PIECE;
      out.put(prefix).put((byte) (partial ? 'P' : 'F')).put((byte) ' ');
      out.put(raw.slice(position, end - position)).put((byte) '\n');
      position = newline ? end + 1 : end;
    }
    return position - start;
  }

  /** Of the newline, of a full piece, or of the buffer. */
  private static int pieceEnd(ByteBuffer raw, int from) {
    int limit = Math.min(raw.limit(), from + MAX_PIECE);
    int end = from;
    while (end < limit && raw.get(end) != '\n') {
      end++;
    }
    return end;
  }
}
