package dev.jctl.controller.spdy;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A connection on which the client opens streams. One thread reads; any may write. Windows are not
 * kept, as Kubernetes' clients do not: who does not read a stream holds up the others.
 *
 * @see <a href="https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/">SPDY/3.1</a>
 */
public final class SpdyConnection {
  private static final int VERSION = 0x8003;
  private static final int SYN_STREAM = 1;
  private static final int SYN_REPLY = 2;
  private static final int RST_STREAM = 3;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int HEADERS = 8;
  private static final int FIN = 1;

  private static final int HEAD_BYTES = 8;

  /** Before the headers of a SYN_STREAM: two stream ids, priority and slot. */
  private static final int SYN_STREAM_BYTES = 10;

  private static final int REFUSED_STREAM = 3;
  private static final int CANCEL = 5;
  private static final int MAX_FRAME_BYTES = 1 << 20;
  private static final int MAX_STREAMS = 256;

  private final DataInputStream in;
  private final OutputStream out;
  private final ReentrantLock writing = new ReentrantLock();
  private final Map<Integer, SpdyStream> streams = new ConcurrentHashMap<>();

  public SpdyConnection(InputStream in, OutputStream out) {
    this.in = new DataInputStream(in);
    this.out = out;
  }

  /**
   * Reads until the client has gone; then all streams have ended.
   *
   * @param opened is told of each stream, and must not wait
   */
  public void run(Consumer<SpdyStream> opened) throws IOException, InterruptedException {
    try (HeaderBlocks headers = new HeaderBlocks()) {
      while (frame(headers, opened)) {
        // one after the other
      }
    } finally {
      streams.values().forEach(SpdyStream::breakOff);
      streams.clear();
    }
  }

  /** False at the end of the connection. */
  private boolean frame(HeaderBlocks headers, Consumer<SpdyStream> opened)
      throws IOException, InterruptedException {
    int first;
    try {
      first = in.readInt();
    } catch (EOFException e) {
      return false;
    }
    int flagsAndLength = in.readInt();
    int length = flagsAndLength & 0xff_ffff;
    if (length > MAX_FRAME_BYTES) {
      throw new IOException("a frame of " + length + " bytes");
    }
    byte[] payload = in.readNBytes(length);
    if (payload.length < length) {
      return false;
    }
    boolean fin = (flagsAndLength >>> 24 & FIN) != 0;
    if (first >= 0) {
      data(first, payload, fin);
      return true;
    }
    if (first >>> 16 != VERSION) {
      throw new IOException("not SPDY/3");
    }
    return control(first & 0xffff, payload, fin, headers, opened);
  }

  private boolean control(
      int type, byte[] payload, boolean fin, HeaderBlocks headers, Consumer<SpdyStream> opened)
      throws IOException, InterruptedException {
    switch (type) {
      case SYN_STREAM -> open(payload, fin, headers, opened);
      case RST_STREAM -> ended(integer(payload));
      case HEADERS -> headers.read(payload, Integer.BYTES);
      case PING -> write(PING, 0, payload);
      case GOAWAY -> {
        return false;
      }
      default -> {} // settings and windows
    }
    return true;
  }

  private static int integer(byte[] payload) throws IOException {
    if (payload.length < Integer.BYTES) {
      throw new IOException("a frame of " + payload.length + " bytes");
    }
    return ByteBuffer.wrap(payload).getInt() & 0x7fff_ffff;
  }

  private void open(byte[] payload, boolean fin, HeaderBlocks headers, Consumer<SpdyStream> opened)
      throws IOException, InterruptedException {
    int id = integer(payload);
    SpdyStream stream = new SpdyStream(this, id, headers.read(payload, SYN_STREAM_BYTES));
    if (streams.size() >= MAX_STREAMS || streams.putIfAbsent(id, stream) != null) {
      reset(id, REFUSED_STREAM);
      return;
    }
    byte[] none = headers.writeNone();
    write(
        SYN_REPLY,
        0,
        ByteBuffer.allocate(Integer.BYTES + none.length).putInt(id).put(none).array());
    if (fin) {
      stream.received(SpdyStream.END);
    }
    opened.accept(stream);
  }

  private void data(int id, byte[] payload, boolean fin) throws InterruptedException {
    SpdyStream stream = streams.get(id);
    if (stream == null) {
      return; // it was given up here, which the client had not heard yet
    }
    if (payload.length > 0) {
      stream.received(payload);
    }
    if (fin) {
      stream.received(SpdyStream.END);
    }
  }

  private void ended(int id) {
    SpdyStream stream = streams.remove(id);
    if (stream != null) {
      stream.breakOff();
    }
  }

  void send(int id, byte[] bytes, int offset, int length, boolean fin) throws IOException {
    byte[] frame =
        ByteBuffer.allocate(HEAD_BYTES + length)
            .putInt(id)
            .putInt((fin ? FIN : 0) << 24 | length)
            .put(bytes, offset, length)
            .array();
    write(frame);
  }

  /** Forgets a stream; what still comes of it is passed over. */
  void cancel(int id) throws IOException {
    if (streams.remove(id) != null) {
      reset(id, CANCEL);
    }
  }

  void forget(int id) {
    streams.remove(id);
  }

  private void reset(int id, int status) throws IOException {
    write(RST_STREAM, 0, ByteBuffer.allocate(HEAD_BYTES).putInt(id).putInt(status).array());
  }

  private void write(int type, int flags, byte[] payload) throws IOException {
    write(
        ByteBuffer.allocate(HEAD_BYTES + payload.length)
            .putInt(VERSION << 16 | type)
            .putInt(flags << 24 | payload.length)
            .put(payload)
            .array());
  }

  private void write(byte[] frame) throws IOException {
    writing.lock();
    try {
      out.write(frame);
      out.flush();
    } finally {
      writing.unlock();
    }
  }
}
