package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.spdy.SpdyConnection;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes a connection over for a Pod's {@code portforward}, and for {@code exec} and {@code attach}
 * of clients that know no WebSockets. Whatever is wrong is left to the routes, as by {@link
 * CommandUpgrader}.
 */
final class SpdyUpgrader implements Http1Upgrader {
  static final String PROTOCOL = "SPDY/3.1";
  private static final HeaderName STREAMS = HeaderNames.create("X-Stream-Protocol-Version");
  static final String FORWARDING = "portforward.k8s.io";
  static final String COMMAND = "v4.channel.k8s.io";

  private final ApiDispatch dispatch;
  private final PodCommands commands;
  private final ApiRoutes.Identification identification;

  SpdyUpgrader(ApiDispatch dispatch, ApiRoutes.Identification identification) {
    this.dispatch = dispatch;
    this.commands = dispatch.commands();
    this.identification = identification;
  }

  @Override
  public String supportedProtocol() {
    return PROTOCOL;
  }

  @Override
  public @Nullable ServerConnection upgrade(
      ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
    List<String> offered = headers.contains(STREAMS) ? headers.get(STREAMS).allValues() : List.of();
    Optional<UpgradedConnection.Opening> opening =
        UpgradedConnection.opening(dispatch, identification, context, prologue, headers);
    if (opening.isEmpty()) {
      return null;
    }
    try {
      ServerConnection connection =
          opening.get().target() instanceof ApiTarget.PodPortForward forward
              ? forward(forward, offered, context)
              : command(
                  opening.get().target(),
                  Query.parse(prologue.query().rawValue()),
                  offered,
                  context);
      if (connection != null) {
        dispatch.takenOver(opening.get().request());
      }
      return connection;
    } catch (ApiException e) {
      return null;
    }
  }

  private @Nullable ServerConnection forward(
      ApiTarget.PodPortForward target, List<String> offered, ConnectionContext context) {
    if (!offered.contains(FORWARDING)) {
      return null;
    }
    PortForward forward = commands.forward(target.ref());
    return accepted(context, FORWARDING, () -> forward.run(connection(context)));
  }

  private @Nullable ServerConnection command(
      ApiTarget target, Query query, List<String> offered, ConnectionContext context) {
    Optional<PodCommands.Command> command = commands.of(target, query);
    if (command.isEmpty() || !offered.contains(COMMAND)) {
      return null;
    }
    return accepted(
        context,
        COMMAND,
        () -> {
          SpdyChannels channels = new SpdyChannels(connection(context), streams(query));
          if (channels.awaitStreams()) {
            new RemoteCommand(channels, UpgradedConnection.disconnecting(context))
                .run(command.get());
          }
        });
  }

  private static ServerConnection accepted(
      ConnectionContext context, String streams, Runnable work) {
    UpgradedConnection.accept(context, PROTOCOL, STREAMS.defaultCase(), streams);
    return UpgradedConnection.served(context, work);
  }

  private static SpdyConnection connection(ConnectionContext context) {
    return new SpdyConnection(UpgradedConnection.in(context), UpgradedConnection.out(context));
  }

  /** Those that a client opens: a terminal has no stderr, but a size. */
  private static Set<String> streams(Query query) {
    Set<String> types = new HashSet<>(Set.of("error"));
    boolean terminal = query.flag("tty");
    if (query.flag("stdin")) {
      types.add("stdin");
    }
    if (query.flag("stdout")) {
      types.add("stdout");
    }
    if (query.flag("stderr") && !terminal) {
      types.add("stderr");
    }
    if (terminal) {
      types.add("resize");
    }
    return types;
  }
}
