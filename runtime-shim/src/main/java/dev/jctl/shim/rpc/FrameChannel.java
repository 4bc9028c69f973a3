package dev.jctl.shim.rpc;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.jctl.shim.json.RuntimeJson;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection as frames: payload length (4 bytes, big endian), type (1 byte), payload. One thread
 * may read; many may write.
 */
final class FrameChannel implements Closeable {
  /** No record of ours comes near it; what claims more is not ours or damaged. */
  static final int MAX_PAYLOAD = 16 << 20;

  /** Size of the pieces that byte streams are sent in. */
  static final int CHUNK = 64 << 10;

  /** Elements of a list in one frame: all that there are of something may be more than fits. */
  private static final int PIECE = 64;

  private static final int HEADER = 5;

  private static final byte[] NONE = "null".getBytes(StandardCharsets.UTF_8);

  /** One frame; the payload belongs to who has it. */
  static final class Frame {
    private final FrameType type;
    private final byte[] payload;

    Frame(FrameType type, byte[] payload) {
      this.type = type;
      this.payload = payload;
    }

    FrameType type() {
      return type;
    }

    byte[] payload() {
      return payload;
    }
  }

  private final SocketChannel channel;
  private final ObjectMapper json;
  private DataInputStream input;
  private final OutputStream output;
  private final ReentrantLock writing = new ReentrantLock();

  FrameChannel(SocketChannel channel, ObjectMapper json) {
    this.channel = channel;
    this.json = json;
    this.input = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
    this.output = Channels.newOutputStream(channel);
  }

  /** The next frame, or null at the end of the connection between frames. */
  @Nullable Frame read() throws IOException {
    int first = input.read();
    if (first < 0) {
      return null;
    }
    int length =
        first << 24
            | input.readUnsignedByte() << 16
            | input.readUnsignedByte() << 8
            | input.readUnsignedByte();
    FrameType type = FrameType.of(input.readByte());
    if (length < 0 || length > MAX_PAYLOAD) {
      throw new IOException("not a frame: " + type + " of " + length + " bytes");
    }
    byte[] payload = new byte[length];
    input.readFully(payload);
    return new Frame(type, payload);
  }

  /** The next frame; the end of the connection is an error. */
  Frame expect() throws IOException {
    Frame frame = read();
    if (frame == null) {
      throw new EOFException("the other side closed the connection");
    }
    return frame;
  }

  void write(FrameType type, byte[] payload) throws IOException {
    write(type, payload, payload.length);
  }

  void write(FrameType type, byte[] bytes, int length) throws IOException {
    if (length > MAX_PAYLOAD) {
      throw new IOException(type + " frame of " + length + " bytes is too large");
    }
    byte[] frame =
        ByteBuffer.allocate(HEADER + length)
            .putInt(length)
            .put(type.code())
            .put(bytes, 0, length)
            .array();
    writing.lock();
    try {
      output.write(frame);
    } finally {
      writing.unlock();
    }
  }

  /** Collects frames, to be sent many at a time. For one thread. */
  final class Batch {
    private final byte[] collected = new byte[2 * CHUNK];
    private int size;

    void add(FrameType type, byte[] bytes, int length) throws IOException {
      if (HEADER + length > collected.length - size) {
        flush();
      }
      if (HEADER + length > collected.length) {
        write(type, bytes, length);
        return;
      }
      ByteBuffer.wrap(collected, size, HEADER + length)
          .putInt(length)
          .put(type.code())
          .put(bytes, 0, length);
      size += HEADER + length;
    }

    void flush() throws IOException {
      writing.lock();
      try {
        output.write(collected, 0, size);
      } finally {
        writing.unlock();
      }
      size = 0;
    }
  }

  Batch batch() {
    return new Batch();
  }

  /** From now on as much is read at once as {@link Batch} sends. Only the reading thread may. */
  void expectMany() {
    input = new DataInputStream(new BufferedInputStream(input, CHUNK));
  }

  void writeJson(FrameType type, @Nullable Object value) throws IOException {
    write(type, json.writeValueAsBytes(value));
  }

  /** As frames of {@link #PIECE} elements; the last has less, if need be none. */
  void writeList(List<?> list) throws IOException {
    int written = 0;
    int size;
    do {
      size = Math.min(PIECE, list.size() - written);
      writeJson(FrameType.RESULT, list.subList(written, written + size));
      written += size;
    } while (size == PIECE);
  }

  /**
   * @param first of the frames that {@link #writeList} has written
   */
  <T> List<T> parseList(Frame first, TypeReference<List<T>> type) throws IOException {
    List<T> piece = parse(first, type);
    List<T> list = new ArrayList<>(piece);
    while (piece.size() == PIECE) {
      piece = parse(expect(), type);
      list.addAll(piece);
    }
    return list;
  }

  <T> T parse(Frame frame, Class<T> type) throws IOException {
    return reader(json.readerFor(type), frame).readValue(frame.payload());
  }

  <T> T parse(Frame frame, TypeReference<T> type) throws IOException {
    return reader(json.readerFor(type), frame).readValue(frame.payload());
  }

  private static ObjectReader reader(ObjectReader type, Frame frame) {
    return RuntimeJson.sharing(type, frame.payload());
  }

  /** A result that may be none. */
  <T> Optional<T> parseOptional(Frame frame, Class<T> type) throws IOException {
    return Arrays.equals(frame.payload(), NONE)
        ? Optional.empty()
        : Optional.of(parse(frame, type));
  }

  /** What follows the last frame, as plain bytes. */
  InputStream rawInput() {
    return input;
  }

  OutputStream rawOutput() {
    return output;
  }

  void endOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
