package dev.jctl.controller.api;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The server's side of a WebSocket (RFC 6455): whole messages in, binary messages out, pings
 * answered. One thread reads; any may write.
 */
final class WebSocketFrames implements CommandChannels {
  private static final int CONTINUATION = 0x0;
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int PONG = 0xA;
  private static final int FIN = 0x80;
  private static final int MAX_MESSAGE_BYTES = 4 << 20;

  private static final int NORMAL_CLOSURE = 1000;
  private static final int PROTOCOL_ERROR = 1002;
  private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final DataInputStream in;
  private final OutputStream out;
  private final ReentrantLock writing = new ReentrantLock();
  private boolean closeSent;

  WebSocketFrames(InputStream in, OutputStream out) {
    this.in = new DataInputStream(in);
    this.out = out;
  }

  /** {@code Sec-WebSocket-Accept} for a key; section 4.2.2. */
  static String accept(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT_GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  /** A message or a fragment of one. */
  @SuppressWarnings("ArrayRecordComponent") // made once, read once
  private record Frame(int opcode, boolean last, byte[] payload) {}

  @Override
  public Optional<byte[]> receive() throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    while (true) {
      Frame frame;
      try {
        frame = frame();
      } catch (EOFException e) {
        return Optional.empty();
      }
      switch (frame.opcode()) {
        case CONTINUATION, TEXT, BINARY -> {
          if (message.size() + frame.payload().length > MAX_MESSAGE_BYTES) {
            throw refuse("a message of more than " + MAX_MESSAGE_BYTES + " bytes");
          }
          message.writeBytes(frame.payload());
          if (frame.last()) {
            return Optional.of(message.toByteArray());
          }
        }
        case PING -> write(PONG, frame.payload(), 0, frame.payload().length);
        case PONG -> {}
        case CLOSE -> {
          close(NORMAL_CLOSURE);
          return Optional.empty();
        }
        default -> throw refuse("opcode " + frame.opcode());
      }
    }
  }

  private Frame frame() throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    if ((first & 0x70) != 0 || (second & 0x80) == 0) {
      throw refuse("a frame with reserved bits, or without a mask");
    }
    long length = second & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    if (length < 0 || length > MAX_MESSAGE_BYTES) {
      throw refuse("a frame of " + length + " bytes");
    }
    byte[] mask = in.readNBytes(4);
    byte[] payload = in.readNBytes((int) length);
    if (mask.length < 4 || payload.length < length) {
      throw new EOFException("a frame was cut off");
    }
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i & 3];
    }
    return new Frame(first & 0x0f, (first & FIN) != 0, payload);
  }

  private IOException refuse(String what) throws IOException {
    close(PROTOCOL_ERROR);
    return new IOException("WebSocket protocol error: " + what);
  }

  @Override
  public void send(int channel, byte[] bytes, int from, int length) throws IOException {
    byte[] message = new byte[length + 1];
    message[0] = (byte) channel;
    System.arraycopy(bytes, from, message, 1, length);
    write(BINARY, message, 0, message.length);
  }

  /** One message, of UTF-8. */
  void sendText(byte[] bytes, int from, int length) throws IOException {
    write(TEXT, bytes, from, length);
  }

  /** One message, of bytes that no channel is named in. */
  void send(byte[] bytes, int from, int length) throws IOException {
    write(BINARY, bytes, from, length);
  }

  @Override
  public void close() throws IOException {
    close(NORMAL_CLOSURE);
  }

  private void close(int code) throws IOException {
    byte[] payload = {(byte) (code >> 8), (byte) code};
    write(CLOSE, payload, 0, 2);
  }

  private void write(int opcode, byte[] payload, int from, int length) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(length + 10);
    frame.write(FIN | opcode);
    if (length < 126) {
      frame.write(length);
    } else if (length < 1 << 16) {
      frame.write(126);
      frame.write(length >> 8);
      frame.write(length);
    } else {
      frame.write(127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame.write((int) ((long) length >> shift));
      }
    }
    frame.write(payload, from, length);
    writing.lock();
    try {
      if (!closeSent) {
        out.write(frame.toByteArray());
        out.flush();
      }
      closeSent |= opcode == CLOSE;
    } finally {
      writing.unlock();
    }
  }
}
