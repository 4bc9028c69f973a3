package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.spdy.SpdyConnection;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a connection over for exec, attach, portforward and watches. The routes do not see upgraded
 * requests, so who asks is checked here too. Whatever is wrong with a request is left to the
 * routes, which answer it as a Status.
 */
final class CommandUpgrader implements Http1Upgrader {
  /** In order of preference. */
  static final List<String> PROTOCOLS = List.of("v5.channel.k8s.io", "v4.channel.k8s.io");

  /** SPDY in the messages of a WebSocket, which gets through proxies that know no SPDY. */
  private static final String TUNNEL = "SPDY/3.1+portforward.k8s.io";

  static final List<String> FORWARDING = List.of(TUNNEL, "v4.channel.k8s.io");

  private final ApiDispatch dispatch;
  private final Streams streams;
  private final PodCommands commands;
  private final ApiRoutes.Identification identification;

  CommandUpgrader(ApiDispatch dispatch, Streams streams, ApiRoutes.Identification identification) {
    this.dispatch = dispatch;
    this.streams = streams;
    this.commands = dispatch.commands();
    this.identification = identification;
  }

  @Override
  public String supportedProtocol() {
    return "websocket";
  }

  /**
   * What is done on the connection.
   *
   * @param protocol one that the client has offered; empty for watches, which have none
   */
  private record Work(Optional<String> protocol, Consumer<WebSocketFrames> run) {}

  @Override
  public @Nullable ServerConnection upgrade(
      ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
    if (Handshakes.webSocketFault(name -> first(headers, name)).isPresent()) {
      return null;
    }
    Optional<UpgradedConnection.Opening> opening =
        UpgradedConnection.opening(dispatch, identification, context, prologue, headers);
    Optional<Work> work = opening.flatMap(o -> work(o, prologue, headers, context));
    if (work.isEmpty()) {
      return null;
    }
    dispatch.takenOver(opening.orElseThrow().request());
    List<String> answer = new ArrayList<>();
    answer.addAll(
        List.of(
            "Sec-WebSocket-Accept", WebSocketFrames.accept(first(headers, "Sec-WebSocket-Key"))));
    work.get()
        .protocol()
        .ifPresent(protocol -> answer.addAll(List.of("Sec-WebSocket-Protocol", protocol)));
    UpgradedConnection.accept(context, "websocket", answer.toArray(String[]::new));
    WebSocketFrames frames =
        new WebSocketFrames(UpgradedConnection.in(context), UpgradedConnection.out(context));
    return UpgradedConnection.served(context, () -> work.get().run().accept(frames));
  }

  private Optional<Work> work(
      UpgradedConnection.Opening opening,
      HttpPrologue prologue,
      WritableHeaders<?> headers,
      ConnectionContext context) {
    List<String> offered = Handshakes.offered(first(headers, "Sec-WebSocket-Protocol"));
    Query query = Query.parse(prologue.query().rawValue());
    try {
      return switch (opening.target()) {
        case ApiTarget.PodPortForward t ->
            first(FORWARDING, offered)
                .map(p -> new Work(Optional.of(p), forwarding(p, t.ref(), query)));
        case ApiTarget.Collection c when query.flag("watch") -> watch(opening.request(), context);
        default ->
            first(PROTOCOLS, offered)
                .flatMap(
                    p ->
                        command(opening.target(), query, context)
                            .map(run -> new Work(Optional.of(p), run)));
      };
    } catch (ApiException e) {
      return Optional.empty();
    }
  }

  /** Each event is a text of its own. What is no watch is left to the routes. */
  private Optional<Work> watch(ApiRequest request, ConnectionContext context) {
    return dispatch.answer(request) instanceof ApiReply.Streamed streamed
        ? Optional.of(
            new Work(
                Optional.empty(),
                frames ->
                    new WatchFrames(frames, UpgradedConnection.disconnecting(context))
                        .run(streams, streamed.body())))
        : Optional.empty();
  }

  private static String first(WritableHeaders<?> headers, String name) {
    return headers.first(HeaderNames.create(name)).orElse("");
  }

  private static Optional<String> first(List<String> protocols, List<String> offered) {
    return protocols.stream().filter(offered::contains).findFirst();
  }

  private Optional<Consumer<WebSocketFrames>> command(
      ApiTarget target, Query query, ConnectionContext context) {
    return commands
        .of(target, query)
        .map(
            command ->
                frames ->
                    new RemoteCommand(frames, UpgradedConnection.disconnecting(context))
                        .run(command));
  }

  private Consumer<WebSocketFrames> forwarding(String protocol, ObjectRef ref, Query query) {
    if (!protocol.equals(TUNNEL)) {
      return commands.forward(ref, query);
    }
    PortForward forward = commands.forward(ref);
    return frames ->
        forward.run(new SpdyConnection(TunnelledStreams.in(frames), TunnelledStreams.out(frames)));
  }
}
