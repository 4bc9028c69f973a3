package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.spdy.SpdyConnection;
import dev.jctl.shim.ContainerRuntime;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes a connection over for a Pod's {@code portforward}. */
final class PortForwardUpgrader implements Http1Upgrader {
  static final String PROTOCOL = "SPDY/3.1";
  private static final String STREAMS = "portforward.k8s.io";

  private final PodCommands commands;
  private final ContainerRuntime runtime;
  private final ApiRoutes.Identification identification;

  PortForwardUpgrader(
      PodCommands commands, ContainerRuntime runtime, ApiRoutes.Identification identification) {
    this.commands = commands;
    this.runtime = runtime;
    this.identification = identification;
  }

  @Override
  public String supportedProtocol() {
    return PROTOCOL;
  }

  @Override
  public @Nullable ServerConnection upgrade(
      ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
    boolean known =
        headers.contains(HeaderNames.create("X-Stream-Protocol-Version"))
            && headers
                .get(HeaderNames.create("X-Stream-Protocol-Version"))
                .allValues()
                .contains(STREAMS);
    Optional<String> sandbox =
        known
            ? UpgradedConnection.target(identification, context, prologue, headers)
                .flatMap(this::sandbox)
            : Optional.empty();
    if (sandbox.isEmpty()) {
      return null;
    }
    UpgradedConnection.accept(context, PROTOCOL, "X-Stream-Protocol-Version", STREAMS);
    return new ForwardingConnection(context, new PortForward(runtime, sandbox.get()));
  }

  private Optional<String> sandbox(ApiTarget target) {
    try {
      return target instanceof ApiTarget.PodPortForward forward
          ? Optional.of(commands.sandbox(forward.ref()))
          : Optional.empty();
    } catch (ApiException e) {
      return Optional.empty(); // the routes answer it
    }
  }

  private record ForwardingConnection(ConnectionContext context, PortForward forward)
      implements ServerConnection {
    @Override
    public void handle(Limit limit) {
      forward.run(
          new SpdyConnection(UpgradedConnection.in(context), UpgradedConnection.out(context)));
    }

    @Override
    public Duration idleTime() {
      return Duration.ZERO; // the client ends it
    }

    @Override
    public void close(boolean interrupt) {
      context.serverSocket().close();
    }
  }
}
