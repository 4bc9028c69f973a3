package dev.jctl.controller.api;

import dev.jctl.controller.spdy.SpdyConnection;
import dev.jctl.controller.spdy.SpdyStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The channels of a remote command as streams of SPDY, each named by its {@code streamType}. */
final class SpdyChannels implements CommandChannels {
  private static final Logger LOG = LoggerFactory.getLogger(SpdyChannels.class);
  private static final List<String> TYPES = List.of("stdin", "stdout", "stderr", "error", "resize");
  private static final int MAX_WAITING = 32;
  private static final long PATIENCE_SECONDS = 30;
  private static final byte[] GONE = {};

  private final Map<String, SpdyStream> streams = new HashMap<>(); // guarded by this
  private final int expected;
  private final CountDownLatch missing;
  private volatile boolean gone;
  private final BlockingQueue<byte[]> messages = new ArrayBlockingQueue<>(MAX_WAITING);

  /**
   * @param expected types of the streams that the client opens
   */
  SpdyChannels(SpdyConnection connection, Set<String> expected) {
    this.expected = expected.size();
    missing = new CountDownLatch(expected.size());
    Thread.ofVirtual().name("spdy").start(() -> read(connection, expected));
  }

  private void read(SpdyConnection connection, Set<String> expected) {
    try {
      connection.run(stream -> opened(stream, expected));
    } catch (IOException e) {
      LOG.debug("command ended: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private void end() {
    // what is still to be read is of no use to a process that ends with the connection
    gone = true;
    messages.clear();
    var _ = messages.offer(GONE);
    while (missing.getCount() > 0) {
      missing.countDown();
    }
  }

  private synchronized void opened(SpdyStream stream, Set<String> expected) {
    String type = stream.header("streamtype");
    if (!expected.contains(type) || streams.putIfAbsent(type, stream) != null) {
      stream.forget();
      return;
    }
    if (type.equals("stdin") || type.equals("resize")) {
      Thread.ofVirtual().name("spdy-" + type).start(() -> pass(stream, TYPES.indexOf(type)));
    }
    missing.countDown();
  }

  private void pass(SpdyStream stream, int channel) {
    try {
      for (Optional<byte[]> b = stream.receive(); b.isPresent(); b = stream.receive()) {
        byte[] message = new byte[b.get().length + 1];
        message[0] = (byte) channel;
        System.arraycopy(b.get(), 0, message, 1, b.get().length);
        enqueue(message);
      }
      enqueue(new byte[] {(byte) CLOSE_CHANNEL, (byte) channel});
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void enqueue(byte[] message) throws InterruptedException {
    while (!gone && !messages.offer(message, 1, TimeUnit.SECONDS)) {
      // the process is slow, or was never started
    }
  }

  /** Returns whether the client has opened all streams in time; false at once when it has gone. */
  boolean awaitStreams() {
    try {
      return missing.await(PATIENCE_SECONDS, TimeUnit.SECONDS) && areAllOpened();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized boolean areAllOpened() {
    return streams.size() == expected;
  }

  @Override
  public Optional<byte[]> receive() throws IOException {
    try {
      byte[] message = messages.take();
      return message.length == 0 ? Optional.empty() : Optional.of(message);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** What the client has no stream for is dropped. */
  @Override
  public void send(int channel, byte[] bytes, int from, int length) throws IOException {
    SpdyStream stream = stream(TYPES.get(channel));
    if (stream != null) {
      stream.send(from == 0 ? bytes : Arrays.copyOfRange(bytes, from, from + length), length);
    }
  }

  private synchronized @Nullable SpdyStream stream(String type) {
    return streams.get(type);
  }

  @Override
  public void close() throws IOException {
    for (String type : List.of("stdout", "stderr", "error")) {
      SpdyStream stream = stream(type);
      if (stream != null) {
        stream.finish();
      }
    }
  }
}
