package dev.jctl.controller.api;

import dev.jctl.controller.access.Identity;
import dev.jctl.controller.resources.ResourceCodec;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** From the web server's requests to ours and back, for one listener. */
final class ApiRoutes {
  /** Who is at the other end; empty when nothing proves it. */
  @FunctionalInterface
  interface Identification {
    Optional<Identity> of(PeerInfo peer, String authorization);
  }

  private static final int SLICE = 128 << 10;

  /** In bytes: the command of an exec, which may be a script, is in the query. */
  private static final int MAX_REQUEST_LINE = 64 << 10;

  /** What the web server says of more than 16 KB of headers, as of a bad request. */
  private static final String HEADERS_TOO_LARGE = "Header size exceeded";

  private final ApiDispatch dispatch;
  private final Streams streams;
  private final Identification identification;
  private final Chunks chunks = new Chunks();

  ApiRoutes(ApiDispatch dispatch, Streams streams, Identification identification) {
    this.dispatch = dispatch;
    this.streams = streams;
    this.identification = identification;
  }

  /**
   * @param begun is told of the peer of each connection
   */
  ServerConnectionSelector connections(AwaitedInput.Bounds bounds, Consumer<SocketAddress> begun) {
    return new BoundedConnection.Selector(
        Http1ConnectionSelector.builder()
            .config(
                Http1Config.builder()
                    .maxPrologueLength(MAX_REQUEST_LINE)
                    .addReceiveListener(new AwaitedInput.Received())
                    .addSendListener(new AwaitedInput.Sent())
                    .build())
            .addUpgrader(new CommandUpgrader(dispatch, streams, identification))
            .addUpgrader(new SpdyUpgrader(dispatch, identification))
            .build(),
        bounds,
        begun);
  }

  HttpRouting.Builder routing() {
    return HttpRouting.builder().any(this::serve);
  }

  private void serve(ServerRequest request, ServerResponse response) {
    switch (dispatch.answer(translated(request))) {
      case ApiReply.Whole whole -> {
        response.status(Status.create(whole.status()));
        response.header(HeaderNames.CONTENT_TYPE, whole.contentType());
        whole
            .warnings()
            .forEach(w -> response.headers().add(HeaderNames.WARNING, "299 - " + quoted(w)));
        if (whole.status() == Status.TOO_MANY_REQUESTS_429.code()) {
          response.header(HeaderNames.RETRY_AFTER, Integer.toString(InFlight.RETRY_AFTER_SECONDS));
        }
        send(whole.body(), request, response);
        closeIfAsked(request);
      }
      case ApiReply.Pieces pieces -> {
        response.header(HeaderNames.CONTENT_TYPE, ApiReply.JSON);
        send(pieces, request, response);
        if (pieces.length().isPresent()) {
          closeIfAsked(request);
        }
      }
      case ApiReply.Tagged tagged -> {
        boolean known = header(request.headers(), HeaderNames.IF_NONE_MATCH).contains(tagged.tag());
        response.status(known ? Status.NOT_MODIFIED_304 : Status.OK_200);
        response.header(HeaderNames.ETAG, tagged.tag());
        response.header(HeaderNames.VARY, "Accept");
        response.header(HeaderNames.CACHE_CONTROL, "public");
        if (known) {
          response.send();
        } else {
          response.header(HeaderNames.CONTENT_TYPE, tagged.contentType());
          response.send(tagged.body());
        }
        closeIfAsked(request);
      }
      case ApiReply.Streamed streamed -> {
        response.header(HeaderNames.CONTENT_TYPE, streamed.contentType());
        follow(streamed.body(), response);
      }
      case ApiReply.Headed headed -> {
        headed(headed, request, response);
        closeIfAsked(request);
      }
    }
  }

  private void headed(ApiReply.Headed headed, ServerRequest request, ServerResponse response) {
    response.status(Status.create(headed.status()));
    headed.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
    if (headed.length() > 0) {
      response.header(HeaderNames.CONTENT_LENGTH, Long.toString(headed.length()));
    }
    if (headed.length() == 0 || request.prologue().method().equals(Method.HEAD)) {
      response.send();
    } else {
      stream(headed.body(), response);
    }
  }

  /**
   * A large body goes out in pieces: the web server would copy it whole, and the JDK what is left
   * of it, into memory outside the heap, for each of the many writes that it takes.
   */
  private void send(byte[] body, ServerRequest request, ServerResponse response) {
    if (body.length <= SLICE || !isGet(request)) {
      response.send(body);
    } else {
      send(new ApiReply.Pieces(sliced(body), OptionalInt.of(body.length)), request, response);
    }
  }

  private static boolean isGet(ServerRequest request) {
    return request.prologue().method().equals(Method.GET);
  }

  private static Iterable<byte[]> sliced(byte[] body) {
    return () ->
        IntStream.iterate(0, at -> at < body.length, at -> at + SLICE)
            .mapToObj(at -> Arrays.copyOfRange(body, at, Math.min(body.length, at + SLICE)))
            .iterator();
  }

  private void send(ApiReply.Pieces pieces, ServerRequest request, ServerResponse response) {
    if (pieces.length().orElse(Integer.MAX_VALUE) <= SLICE || !isGet(request)) {
      response.send(pieces.joined());
      return;
    }
    pieces.length().ifPresent(response::contentLength);
    stream(
        sink -> {
          for (byte[] piece : pieces.pieces()) {
            sink.write(piece);
          }
        },
        response);
  }

  /**
   * RFC 9112, section 9.6. The web server answers {@code Connection: close} and then waits for
   * another request (helidon-io/helidon#12324). Where a body is streamed, its last chunk tells the
   * end.
   */
  private static void closeIfAsked(ServerRequest request) {
    if (header(request.headers(), HeaderNames.CONNECTION)
        .toLowerCase(Locale.ROOT)
        .contains("close")) {
      throw new CloseConnectionException("as the client asked");
    }
  }

  /**
   * What the web server does not take, such as an encoding of the body. It comes to no handler, and
   * often without a message.
   */
  static DirectHandler.TransportResponse unreadable(
      DirectHandler.TransportRequest request,
      DirectHandler.EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    Status code =
        HEADERS_TOO_LARGE.equals(message)
            ? Status.create(431, "Request Header Fields Too Large")
            : status;
    String why = "cannot read the request: " + reason(request, message);
    headers.set(HeaderNames.CONTENT_TYPE, ApiReply.JSON);
    return DirectHandler.TransportResponse.builder()
        .status(code)
        .headers(headers)
        .keepAlive(type.keepAlive())
        .entity(ResourceCodec.bytes(Statuses.unreadable(code.code(), why)))
        .build();
  }

  private static String reason(DirectHandler.TransportRequest request, @Nullable String message) {
    String encoding = header(request.headers(), HeaderNames.CONTENT_ENCODING);
    if (!encoding.isEmpty()) {
      return "Content-Encoding " + encoding + " is not taken; send the body as it is";
    }
    return message == null ? "it is malformed" : message;
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /**
   * Also listens to the client, to notice when it goes: as long as nothing happens, nothing is
   * written that would tell. So the connection is for nothing else afterwards.
   */
  private void follow(ApiReply.Body body, ServerResponse response) {
    response.header(HeaderValues.CONNECTION_CLOSE);
    try {
      response.outputStream();
      HeaderFlush.Flushed head = HeaderFlush.of(response);
      streams.run(
          body,
          chunks.to(head.connection().dataWriter()),
          () -> awaitEnd(head.connection().dataReader()));
      head.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the client has gone", e);
    }
    throw new CloseConnectionException("the stream is over");
  }

  /**
   * Who asks for something else before the stream is over will not be answered, but has not gone.
   */
  private static boolean awaitEnd(DataReader client) {
    try {
      client.ensureAvailable();
      return false;
    } catch (RuntimeException e) {
      return true; // however a connection ends
    }
  }

  private void stream(ApiReply.Body body, ServerResponse response) {
    try (OutputStream out = response.outputStream()) {
      HeaderFlush.of(response);
      streams.run(body, out);
    } catch (IOException e) {
      throw new UncheckedIOException("the client has gone", e);
    }
  }

  private ApiRequest translated(ServerRequest request) {
    return request(
        identification,
        request.remotePeer(),
        request.prologue(),
        request.headers(),
        () -> new ClientBody(request.content().inputStream()));
  }

  /** Of what a web server has read. */
  static ApiRequest request(
      Identification identification,
      PeerInfo peer,
      HttpPrologue prologue,
      Headers headers,
      Supplier<InputStream> body) {
    String contentType = header(headers, HeaderNames.CONTENT_TYPE);
    int parameters = contentType.indexOf(';');
    return OlderWatches.current(
        new ApiRequest(
            identification.of(peer, header(headers, HeaderNames.AUTHORIZATION)),
            Impersonation.of(headers),
            prologue.method().text(),
            prologue.uriPath().rawPath(),
            Query.parse(prologue.query().rawValue()),
            (parameters < 0 ? contentType : contentType.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT),
            header(headers, HeaderNames.ACCEPT),
            header(headers, HeaderNames.USER_AGENT),
            uri(prologue),
            peer.address() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "",
            name -> header(headers, HeaderNames.create(name)),
            body));
  }

  private static String uri(HttpPrologue prologue) {
    String query = prologue.query().rawValue();
    return prologue.uriPath().rawPath() + (query.isEmpty() ? "" : "?" + query);
  }

  private static String header(Headers headers, HeaderName name) {
    List<String> values = headers.all(name, List::of);
    return values.size() == 1 ? values.getFirst() : String.join(",", values);
  }
}
