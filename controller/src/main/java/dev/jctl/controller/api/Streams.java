package dev.jctl.controller.api;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * The replies that go on: watches and followed logs. A peer that does not take what is written for
 * too long is cut off, and all end when the server does.
 */
final class Streams implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration CHECK = Duration.ofSeconds(10);

  private final Set<Sink> open = ConcurrentHashMap.newKeySet();
  private final Thread watchdog;
  private volatile boolean closed;

  Streams() {
    watchdog = Thread.ofVirtual().name("stalled-streams").start(this::cutOffStalled);
  }

  /** Where a stream writes. For one thread, which is interrupted when the stream must end. */
  static class Sink {
    private final OutputStream out;
    private final Thread thread = Thread.currentThread();
    private volatile long writingSince;

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
      };
    }

    /** Sends it at once. */
    void write(byte[] bytes) throws IOException {
      writingSince = System.nanoTime();
      try {
        out.write(bytes);
        out.flush();
      } finally {
        writingSince = 0;
      }
    }

    private boolean isStalled() {
      long since = writingSince;
      return since != 0 && System.nanoTime() - since > PATIENCE.toNanos();
    }
  }

  /** Writes the whole body, in the calling thread. */
  void run(ApiReply.Body body, OutputStream out) throws IOException {
    Sink sink = new Sink(out);
    open.add(sink);
    try {
      if (!closed) {
        body.writeTo(sink);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(sink);
      // the connection may be used again: it must not inherit our interrupt
      Thread.interrupted();
    }
  }

  /** An interrupt closes the channel that a thread is blocked in. */
  private void cutOffStalled() {
    try {
      while (!closed) {
        Thread.sleep(CHECK);
        open.stream().filter(Sink::isStalled).forEach(sink -> sink.thread.interrupt());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    watchdog.interrupt();
    open.forEach(sink -> sink.thread.interrupt());
  }
}
