package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ResourceCodec;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.Headers;
import io.helidon.http.Status;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What comes over a connection, which is ended when a request that has begun does not go on.
 * Between requests, while an answer is written, and once the connection is used for something else,
 * a client may say nothing for as long as it likes.
 */
final class AwaitedInput implements Supplier<byte[]> {
  /**
   * How long is waited.
   *
   * @param head for a TLS handshake, and for the line and headers of a request from its first byte
   *     on; of the first from the moment of connecting
   * @param body for more of a body
   */
  record Bounds(Duration head, Duration body) {
    /** Those of a kube-apiserver: its ReadHeaderTimeout, and its --request-timeout. */
    static final Bounds DEFAULT = new Bounds(Duration.ofSeconds(32), Duration.ofSeconds(60));
  }

  private enum Phase {
    HEAD,
    BODY,
    /** Nothing that is awaited has begun. */
    IDLE,
    TAKEN_OVER
  }

  private final ConnectionContext connection;
  private final Bounds bounds;
  private volatile Phase phase = Phase.HEAD;
  private volatile long headEnd;

  AwaitedInput(ConnectionContext connection, Bounds bounds) {
    this.connection = connection;
    this.bounds = bounds;
    beginHead();
  }

  private void beginHead() {
    headEnd = System.nanoTime() + bounds.head().toNanos();
    phase = Phase.HEAD;
  }

  @Override
  public byte[] get() {
    return switch (phase) {
      case HEAD -> read(headEnd - System.nanoTime(), this::disconnect);
      case BODY -> read(bounds.body().toNanos(), this::refuse);
      case IDLE -> {
        byte[] first = read();
        beginHead();
        yield first;
      }
      case TAKEN_OVER -> read();
    };
  }

  private byte[] read() {
    connection.dataReader().ensureAvailable();
    return connection.dataReader().readBytes(connection.dataReader().available());
  }

  private byte[] read(long nanos, Runnable otherwise) {
    Future<?> end = after(nanos, otherwise);
    try {
      return read();
    } finally {
      end.cancel(false);
    }
  }

  /** Runs it in a thread of its own, unless that is cancelled. */
  static Future<?> after(long nanos, Runnable work) {
    return ForkJoinPool.commonPool()
        .schedule(() -> Thread.startVirtualThread(work), nanos, TimeUnit.NANOSECONDS);
  }

  private void disconnect() {
    try {
      connection.serverSocket().close();
    } catch (UncheckedIOException e) {
      return; // it has ended by itself
    }
  }

  /** Nobody else writes: the thread of the request waits for its body. */
  private void refuse() {
    byte[] body =
        ResourceCodec.bytes(
            Statuses.of(
                new ApiException(
                    Reason.TIMEOUT,
                    "Timeout: request did not complete within the allotted timeout",
                    null,
                    List.of())));
    String head =
        "HTTP/1.1 504 Gateway Timeout\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(ApiReply.JSON, body.length);
    try {
      connection
          .dataWriter()
          .writeNow(
              BufferData.create(
                  BufferData.create(head.getBytes(StandardCharsets.US_ASCII)),
                  BufferData.create(body)));
    } catch (RuntimeException e) {
      return; // however a connection ends
    } finally {
      disconnect();
    }
  }

  /** It is for something else from now on. */
  void takenOver() {
    phase = Phase.TAKEN_OVER;
  }

  private static AwaitedInput of(ConnectionContext connection) {
    return ((BoundedConnection) connection).input();
  }

  /** Tells the input of each connection that the head of a request is whole. */
  static final class Received implements Http1ConnectionListener {
    @Override
    public void headers(ConnectionContext connection, Headers headers) {
      of(connection).phase = Phase.BODY;
    }
  }

  /**
   * Tells the input of each connection that an answer begins: what comes now is the next request,
   * part of which may be here already.
   */
  static final class Sent implements Http1ConnectionListener {
    @Override
    public void status(ConnectionContext connection, Status status) {
      AwaitedInput input = of(connection);
      if (connection.dataReader().available() > 0) {
        input.beginHead();
      } else {
        input.phase = Phase.IDLE;
      }
    }
  }
}
