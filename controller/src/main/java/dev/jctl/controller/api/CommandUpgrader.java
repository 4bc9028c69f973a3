package dev.jctl.controller.api;

import dev.jctl.controller.access.Identity;
import dev.jctl.controller.resources.ApiException;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes a connection over for exec and attach. The routes do not see upgraded requests, so who asks
 * is checked here too. Whatever is wrong with a request is left to the routes, which answer it as a
 * Status.
 */
final class CommandUpgrader implements Http1Upgrader {
  /** In order of preference. */
  static final List<String> PROTOCOLS = List.of("v5.channel.k8s.io", "v4.channel.k8s.io");

  private final PodCommands commands;
  private final ApiRoutes.Identification identification;

  CommandUpgrader(PodCommands commands, ApiRoutes.Identification identification) {
    this.commands = commands;
    this.identification = identification;
  }

  @Override
  public String supportedProtocol() {
    return "websocket";
  }

  @Override
  public @Nullable ServerConnection upgrade(
      ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
    String key = headers.first(HeaderNames.create("Sec-WebSocket-Key")).orElse("");
    Optional<String> protocol = protocol(headers);
    if (key.isEmpty() || protocol.isEmpty()) {
      return null;
    }
    String authorization = headers.first(HeaderNames.AUTHORIZATION).orElse("");
    Optional<PodCommands.Command> command =
        command(identification.of(context.remotePeer(), authorization), prologue);
    if (command.isEmpty()) {
      return null;
    }
    String answer =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Accept: "
            + WebSocketFrames.accept(key)
            + "\r\nSec-WebSocket-Protocol: "
            + protocol.get()
            + "\r\n\r\n";
    context.dataWriter().writeNow(BufferData.create(answer.getBytes(StandardCharsets.US_ASCII)));
    return new CommandConnection(context, command.get());
  }

  private static Optional<String> protocol(WritableHeaders<?> headers) {
    List<String> offered =
        Arrays.stream(
                headers.first(HeaderNames.create("Sec-WebSocket-Protocol")).orElse("").split(","))
            .map(String::strip)
            .toList();
    return PROTOCOLS.stream().filter(offered::contains).findFirst();
  }

  private Optional<PodCommands.Command> command(
      Optional<Identity> identity, HttpPrologue prologue) {
    try {
      Optional<ApiTarget> target = ApiTarget.parse(prologue.uriPath().rawPath());
      AccessCheck.require(identity, prologue.method().text(), target);
      return target.flatMap(t -> commands.of(t, Query.parse(prologue.query().rawValue())));
    } catch (ApiException e) {
      return Optional.empty();
    }
  }

  private record CommandConnection(ConnectionContext context, PodCommands.Command command)
      implements ServerConnection {
    @Override
    public void handle(Limit limit) {
      WebSocketFrames frames =
          new WebSocketFrames(new In(context.dataReader()), new Out(context.dataWriter()));
      new RemoteCommand(frames, this::disconnect).run(command.start(), command.input());
    }

    private void disconnect() {
      context.serverSocket().close();
    }

    @Override
    public Duration idleTime() {
      // a terminal in which nobody types is not idle
      return Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
      disconnect();
    }
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
