package dev.jctl.controller.api;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;

/**
 * What a client sends, of which no more is kept than a bound. The web server reads a chunk whole
 * before anybody sees of it, and the line before it to its end, however long the client says that
 * they are.
 */
final class BoundedReader extends DataReader {
  /** Clients' chunks are of 4 to 64 KB. */
  static final int MAX_CHUNK_BYTES = 8 << 20;

  private static final int MAX_LINE_BYTES = 4 << 10;

  /** {@code input}: which nobody else may read from. */
  @SuppressWarnings("removal") // what makes one instead can't be extended
  BoundedReader(AwaitedInput input) {
    super(input);
  }

  /**
   * @throws IllegalArgumentException when it is a chunk of too many bytes
   */
  @Override
  public BufferData readBuffer(int length) {
    if (length > MAX_CHUNK_BYTES) {
      throw new IllegalArgumentException("a chunk of " + length + " bytes is too large");
    }
    return super.readBuffer(length);
  }

  /**
   * Of a chunk's size, or a trailer.
   *
   * @throws IllegalArgumentException when it does not end
   */
  @Override
  public String readLine() {
    int end = findNewLine(MAX_LINE_BYTES);
    if (end == MAX_LINE_BYTES) {
      throw new IllegalArgumentException("a line of more than " + MAX_LINE_BYTES + " bytes");
    }
    String line = readAsciiString(end);
    skip(2);
    return line;
  }
}
