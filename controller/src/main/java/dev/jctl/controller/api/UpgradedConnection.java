package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** What all have in common that take a connection over from HTTP. */
final class UpgradedConnection {
  private UpgradedConnection() {}

  /** A request of somebody who may, and what it names. */
  record Opening(ApiRequest request, ApiTarget target) {}

  /** What is asked for, by somebody who may: the routes do not see such requests. */
  static Optional<Opening> opening(
      ApiDispatch dispatch,
      ApiRoutes.Identification identification,
      ConnectionContext context,
      HttpPrologue prologue,
      WritableHeaders<?> headers) {
    ApiRequest request =
        ApiRoutes.request(
            identification, context.remotePeer(), prologue, headers, InputStream::nullInputStream);
    try {
      return dispatch.admitted(request).map(target -> new Opening(request, target));
    } catch (ApiException e) {
      return Optional.empty();
    }
  }

  /**
   * @param headers more of them: names and values in turn
   */
  static void accept(ConnectionContext context, String protocol, String... headers) {
    StringBuilder answer = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
    answer.append("Connection: Upgrade\r\nUpgrade: ").append(protocol).append("\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      answer.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    answer.append("\r\n");
    ((BoundedConnection) context).input().takenOver();
    context
        .dataWriter()
        .writeNow(BufferData.create(answer.toString().getBytes(StandardCharsets.US_ASCII)));
  }

  /** A connection that {@code work} reads and writes until it returns. */
  static ServerConnection served(ConnectionContext context, Runnable work) {
    return new Served(context, work);
  }

  /** Ends it, so that a peer that does not close is not waited for. */
  static Runnable disconnecting(ConnectionContext context) {
    return () -> context.serverSocket().close();
  }

  private record Served(ConnectionContext context, Runnable work) implements ServerConnection {
    @Override
    public void handle(Limit limit) {
      work.run();
    }

    @Override
    public Duration idleTime() {
      // a terminal in which nobody types is not idle
      return Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
      disconnecting(context).run();
    }
  }

  static InputStream in(ConnectionContext context) {
    return new In(context.dataReader());
  }

  static OutputStream out(ConnectionContext context) {
    return new Out(context.dataWriter());
  }

  private static final class In extends InputStream {
    private final DataReader reader;

    In(DataReader reader) {
      this.reader = reader;
    }

    @Override
    public int read() {
      try {
        return reader.read() & 0xff;
      } catch (RuntimeException e) {
        return -1; // however a connection ends, there is no more to read
      }
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      try {
        reader.ensureAvailable();
        return reader.readBuffer(Math.min(length, reader.available())).read(to, offset, length);
      } catch (RuntimeException e) {
        return -1;
      }
    }
  }

  private static final class Out extends OutputStream {
    private final DataWriter writer;

    Out(DataWriter writer) {
      this.writer = writer;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        writer.writeNow(BufferData.create(bytes, offset, length));
      } catch (RuntimeException e) {
        throw new IOException("the connection is gone", e);
      }
    }
  }
}
