package dev.jctl.cli.client;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The client's side of a WebSocket (RFC 6455): whole binary messages; pings are answered. One
 * thread may receive while others send.
 */
public final class WebSocket implements AutoCloseable {
  private static final int CONTINUATION = 0;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  private final DataInputStream in;
  private final OutputStream out;
  private final AutoCloseable connection;

  WebSocket(InputStream in, OutputStream out, AutoCloseable connection) {
    this.in = new DataInputStream(in);
    this.out = out;
    this.connection = connection;
  }

  public void send(byte[] message) throws IOException {
    frame(BINARY, message);
  }

  /** The next message; empty when the other side closed. */
  public Optional<byte[]> receive() throws IOException {
    byte[] message = new byte[0];
    while (true) {
      int first = in.read();
      if (first < 0) {
        return Optional.empty();
      }
      int opcode = first & 0x0f;
      byte[] payload = payload();
      if (opcode == CLOSE) {
        frame(CLOSE, payload);
        return Optional.empty();
      } else if (opcode == PING) {
        frame(10, payload);
      } else if (opcode <= BINARY) {
        message = opcode == CONTINUATION ? concat(message, payload) : payload;
        if ((first & 0x80) != 0) {
          return Optional.of(message);
        }
      }
    }
  }

  private byte[] payload() throws IOException {
    long length = in.readUnsignedByte() & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    if (length < 0 || length > MAX_MESSAGE_BYTES) {
      throw new IOException("a WebSocket message of " + length + " bytes");
    }
    byte[] payload = new byte[(int) length];
    in.readFully(payload);
    return payload;
  }

  private static byte[] concat(byte[] a, byte[] b) throws IOException {
    if (a.length + b.length > MAX_MESSAGE_BYTES) {
      throw new IOException("a WebSocket message that is too long");
    }
    byte[] both = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** Clients mask what they send (5.3). */
  private synchronized void frame(int opcode, byte[] payload) throws IOException {
    int extra = payload.length < 126 ? 0 : payload.length < 65536 ? 2 : 8;
    byte[] frame = new byte[2 + extra + 4 + payload.length];
    frame[0] = (byte) (0x80 | opcode);
    frame[1] = (byte) (0x80 | (extra == 0 ? payload.length : extra == 2 ? 126 : 127));
    for (int i = 0; i < extra; i++) {
      frame[2 + i] = (byte) ((long) payload.length >>> (8 * (extra - 1 - i)));
    }
    byte[] mask = new byte[4];
    RandomGenerator.getDefault().nextBytes(mask);
    int at = 2 + extra;
    System.arraycopy(mask, 0, frame, at, 4);
    for (int i = 0; i < payload.length; i++) {
      frame[at + 4 + i] = (byte) (payload[i] ^ mask[i & 3]);
    }
    out.write(frame);
    out.flush();
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (Exception e) {
      throw new IllegalStateException("closing a connection", e);
    }
  }
}
