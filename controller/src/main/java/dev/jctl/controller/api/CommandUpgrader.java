package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
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

  private final ApiDispatch dispatch;
  private final PodCommands commands;
  private final ApiRoutes.Identification identification;

  CommandUpgrader(ApiDispatch dispatch, ApiRoutes.Identification identification) {
    this.dispatch = dispatch;
    this.commands = dispatch.commands();
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
    Optional<UpgradedConnection.Opening> opening =
        UpgradedConnection.opening(dispatch, identification, context, prologue, headers);
    Optional<PodCommands.Command> command = opening.flatMap(o -> command(o.target(), prologue));
    if (command.isEmpty()) {
      return null;
    }
    dispatch.takenOver(opening.get().request());
    UpgradedConnection.accept(
        context,
        "websocket",
        "Sec-WebSocket-Accept",
        WebSocketFrames.accept(key),
        "Sec-WebSocket-Protocol",
        protocol.get());
    return UpgradedConnection.served(
        context,
        () ->
            new RemoteCommand(
                    new WebSocketFrames(
                        UpgradedConnection.in(context), UpgradedConnection.out(context)),
                    UpgradedConnection.disconnecting(context))
                .run(command.get().start(), command.get().input()));
  }

  private static Optional<String> protocol(WritableHeaders<?> headers) {
    List<String> offered =
        Arrays.stream(
                headers.first(HeaderNames.create("Sec-WebSocket-Protocol")).orElse("").split(","))
            .map(String::strip)
            .toList();
    return PROTOCOLS.stream().filter(offered::contains).findFirst();
  }

  private Optional<PodCommands.Command> command(ApiTarget target, HttpPrologue prologue) {
    try {
      return commands.of(target, Query.parse(prologue.query().rawValue()));
    } catch (ApiException e) {
      return Optional.empty();
    }
  }
}
