package dev.jctl.controller.api;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The replies that go on: watches and followed logs. A peer that does not take what is written for
 * too long is cut off, and all end when the server does.
 */
final class Streams implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration CHECK = Duration.ofSeconds(10);

  private final Set<Sink> open = ConcurrentHashMap.newKeySet();
  private final Duration patience;
  private final Duration check;
  private final Thread watchdog;
  private volatile boolean closed;

  Streams() {
    this(PATIENCE, CHECK);
  }

  /**
   * @param patience with a peer that takes nothing
   * @param check how often that is looked at
   */
  Streams(Duration patience, Duration check) {
    this.patience = patience;
    this.check = check;
    watchdog = Thread.ofVirtual().name("stalled-streams").start(this::cutOffStalled);
  }

  /**
   * Where a stream writes. Of one thread, which is interrupted when the stream must end; so is
   * another that writes for it.
   */
  static class Sink {
    private final OutputStream out;
    private final Thread thread = Thread.currentThread();
    private volatile long writingSince;
    private @Nullable Thread writer;
    private boolean over;

    private Sink(OutputStream out) {
      this.out = out;
    }

    /** One that changes what is written on its way to this one. */
    Sink through(UnaryOperator<byte[]> change) {
      Sink outer = this;
      return new Sink(OutputStream.nullOutputStream()) {
        @Override
        void write(byte[] bytes) throws IOException {
          outer.write(change.apply(bytes));
        }

        @Override
        void cutOff() {
          outer.cutOff();
        }
      };
    }

    /** Sends it at once. */
    void write(byte[] bytes) throws IOException {
      begin();
      try {
        out.write(bytes);
        out.flush();
      } finally {
        done();
      }
    }

    private synchronized void begin() {
      writer = Thread.currentThread();
      writingSince = System.nanoTime();
    }

    private synchronized void done() {
      writer = null;
      writingSince = 0;
    }

    /** Ends a write that is under way, and with it the connection. */
    void cutOff() {
      synchronized (this) {
        if (writer != null) {
          writer.interrupt();
        }
      }
    }

    private boolean isStalled(Duration patience) {
      long since = writingSince;
      return since != 0 && System.nanoTime() - since > patience.toNanos();
    }

    /** An interrupt also closes the channel that a thread is blocked in. */
    private synchronized void end() {
      if (!over) {
        cutOff();
        thread.interrupt();
      }
    }

    /** Its thread does other things from now on, which must not inherit our interrupt. */
    private synchronized void leave() {
      over = true;
      Thread.interrupted();
    }
  }

  /** What is heard of who reads a stream. */
  @FunctionalInterface
  interface Peer {
    /** Waits for its next word; false when that is not its end. */
    boolean awaitEnd();
  }

  /** Writes the body, in the calling thread, until the peer ends. */
  void run(ApiReply.Body body, OutputStream out, Peer peer) throws IOException {
    Sink sink = new Sink(out);
    Thread.ofVirtual().name("stream-peer").start(() -> endWith(peer, sink));
    run(body, sink);
  }

  /** Writes the whole body, in the calling thread. */
  void run(ApiReply.Body body, OutputStream out) throws IOException {
    run(body, new Sink(out));
  }

  private void run(ApiReply.Body body, Sink sink) throws IOException {
    open.add(sink);
    try {
      if (!closed) {
        body.writeTo(sink);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(sink);
      sink.leave();
    }
  }

  private static void endWith(Peer peer, Sink sink) {
    if (peer.awaitEnd()) {
      sink.end();
    }
  }

  private void cutOffStalled() {
    try {
      while (!closed) {
        Thread.sleep(check);
        open.stream().filter(sink -> sink.isStalled(patience)).forEach(Sink::end);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    watchdog.interrupt();
    open.forEach(Sink::end);
  }
}
