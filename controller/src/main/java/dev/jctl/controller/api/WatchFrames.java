package dev.jctl.controller.api;

import java.io.IOException;
import java.io.OutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A watch over a WebSocket: a message for each event, as clients prefer that have WebSockets. */
final class WatchFrames {
  private static final Logger LOG = LoggerFactory.getLogger(WatchFrames.class);

  private final WebSocketFrames frames;
  private final Runnable disconnect;

  /**
   * @param disconnect ends the connection
   */
  WatchFrames(WebSocketFrames frames, Runnable disconnect) {
    this.frames = frames;
    this.disconnect = disconnect;
  }

  /** Returns when the watch is over, or the client has gone. */
  void run(Streams streams, ApiReply.Body body) {
    try {
      streams.run(body, new Lines(), this::awaitEnd);
      frames.close();
    } catch (IOException e) {
      LOG.debug("watch ended: {}", e.getMessage());
    } finally {
      disconnect.run();
    }
  }

  /** A client says nothing but that it wants no more. */
  private boolean awaitEnd() {
    try {
      while (frames.receive().isPresent()) {
        // passed over
      }
    } catch (IOException e) {
      LOG.debug("watch: {}", e.getMessage());
    }
    return true;
  }

  /** Is given whole lines. */
  private final class Lines extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int start = offset;
      for (int i = offset; i < offset + length; i++) {
        if (bytes[i] == '\n') {
          frames.sendText(bytes, start, i - start);
          start = i + 1;
        }
      }
    }
  }
}
