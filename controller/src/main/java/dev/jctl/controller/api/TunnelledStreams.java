package dev.jctl.controller.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * The messages of a WebSocket as two streams of bytes, for the protocol that a client has wrapped
 * in it. Where one message ends and the next begins means nothing.
 */
final class TunnelledStreams {
  private TunnelledStreams() {}

  static InputStream in(WebSocketFrames frames) {
    return new In(frames);
  }

  static OutputStream out(WebSocketFrames frames) {
    return new Out(frames);
  }

  private static final class In extends InputStream {
    private final WebSocketFrames frames;
    private byte[] message = {};
    private int at;

    In(WebSocketFrames frames) {
      this.frames = frames;
    }

    /** False at the end. */
    private boolean isFilled() throws IOException {
      while (at == message.length) {
        Optional<byte[]> next = frames.receive();
        if (next.isEmpty()) {
          return false;
        }
        message = next.get();
        at = 0;
      }
      return true;
    }

    @Override
    public int read() throws IOException {
      return isFilled() ? message[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!isFilled()) {
        return -1;
      }
      int read = Math.min(length, message.length - at);
      System.arraycopy(message, at, to, offset, read);
      at += read;
      return read;
    }
  }

  private static final class Out extends OutputStream {
    private final WebSocketFrames frames;

    Out(WebSocketFrames frames) {
      this.frames = frames;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      frames.send(bytes, offset, length);
    }
  }
}
