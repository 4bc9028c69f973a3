package dev.jctl.controller.api;

import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.store.Store;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;

/**
 * The API on a Unix socket. Who may open the socket may do anything: its file mode is the guard.
 * {@link #routing} and {@link #connections} are all that a further listener (TLS for remote
 * clients) needs.
 */
public final class ApiServer implements AutoCloseable {
  private static final Duration GRACE = Duration.ofMillis(500);

  private final WebServer server;
  private final Streams streams;
  private final Path socket;

  private ApiServer(WebServer server, Streams streams, Path socket) {
    this.server = server;
    this.streams = streams;
    this.socket = socket;
  }

  /** What the API serves from. All stay the caller's. */
  public record Backend(
      Store store,
      StoreResources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      Path logDirectory,
      Clock clock) {}

  /**
   * Starts to listen.
   *
   * @throws IllegalStateException when another server listens on this socket
   */
  public static ApiServer start(Path socket, Backend backend) {
    Streams streams = new Streams();
    ApiDispatch dispatch =
        new ApiDispatch(
            backend.store(),
            backend.resources(),
            backend.cache(),
            backend.runtime(),
            backend.logDirectory(),
            backend.clock());
    removeStale(socket);
    WebServer server =
        WebServer.builder()
            .bindAddress(UnixDomainSocketAddress.of(socket))
            .shutdownHook(false)
            .shutdownGracePeriod(GRACE)
            .addConnectionSelector(connections(dispatch))
            .routing(routing(dispatch, streams))
            .build()
            .start();
    restrict(socket);
    return new ApiServer(server, streams, socket);
  }

  private static Http1ConnectionSelector connections(ApiDispatch dispatch) {
    return Http1ConnectionSelector.builder()
        .config(Http1Config.create())
        .addUpgrader(new CommandUpgrader(dispatch.commands()))
        .build();
  }

  private static HttpRouting.Builder routing(ApiDispatch dispatch, Streams streams) {
    return HttpRouting.builder()
        .any((request, response) -> serve(dispatch, streams, request, response));
  }

  private static void serve(
      ApiDispatch dispatch, Streams streams, ServerRequest request, ServerResponse response) {
    switch (dispatch.answer(translated(request))) {
      case ApiReply.Whole whole -> {
        response.status(Status.create(whole.status()));
        response.header(HeaderNames.CONTENT_TYPE, whole.contentType());
        whole
            .warnings()
            .forEach(w -> response.headers().add(HeaderNames.WARNING, "299 - " + quoted(w)));
        response.send(whole.body());
      }
      case ApiReply.Streamed streamed -> {
        response.header(HeaderNames.CONTENT_TYPE, streamed.contentType());
        stream(streams, streamed, response);
      }
    }
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static void stream(Streams streams, ApiReply.Streamed streamed, ServerResponse response) {
    try (OutputStream out = response.outputStream()) {
      streams.run(streamed.body(), out);
    } catch (IOException e) {
      throw new UncheckedIOException("the client has gone", e);
    }
  }

  private static ApiRequest translated(ServerRequest request) {
    String contentType = header(request, "Content-Type");
    int parameters = contentType.indexOf(';');
    return new ApiRequest(
        request.prologue().method().text(),
        request.path().rawPath(),
        Query.parse(request.query().rawValue()),
        (parameters < 0 ? contentType : contentType.substring(0, parameters))
            .strip()
            .toLowerCase(Locale.ROOT),
        header(request, "Accept"),
        header(request, "User-Agent"),
        header(request, "Content-Encoding").equalsIgnoreCase("gzip"),
        () -> request.content().inputStream());
  }

  private static String header(ServerRequest request, String name) {
    return String.join(",", request.headers().all(HeaderNames.create(name), java.util.List::of));
  }

  /** A socket file outlives a killed server; only connecting tells. */
  private static void removeStale(Path socket) {
    if (!Files.exists(socket)) {
      return;
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(socket));
      throw new IllegalStateException("another controller listens on " + socket);
    } catch (IOException nobodyListens) {
      try {
        Files.deleteIfExists(socket);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot remove the stale socket " + socket, e);
      }
    }
  }

  private static void restrict(Path socket) {
    try {
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot set the mode of " + socket, e);
    }
  }

  /** Ends streams, lets requests finish, and stops listening. */
  @Override
  public void close() {
    streams.close();
    server.stop();
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + socket, e);
    }
  }
}
