package dev.jctl.controller.api;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.context.Context;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Has the web server's HTTP spoken on a Unix socket. Its own listener keeps two buffers of 8 KB for
 * each connection there, which are most of what a watch takes.
 */
final class SocketListener implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SocketListener.class.getName());

  private static final Duration AFTER_FAILURE = Duration.ofMillis(100);

  private final ServerSocketChannel channel;
  private final Shared context;
  private final Router router;
  private final FixedLimit unlimited = FixedLimit.create();
  private final Set<ServerConnection> open = ConcurrentHashMap.newKeySet();
  private final Thread accepting;

  private SocketListener(ServerSocketChannel channel, ListenerConfig config) {
    this.channel = channel;
    this.context = Shared.of(config);
    this.router = Router.builder().addRouting(config.routing().orElseThrow()).build();
    this.accepting = Thread.ofPlatform().name("api-socket-accept").unstarted(this::accept);
  }

  /** What the connections of one listener have in common. */
  private record Shared(
      ListenerConfig config,
      Context context,
      MediaContext mediaContext,
      ContentEncodingContext contentEncodingContext,
      DirectHandlers directHandlers,
      ExecutorService executor)
      implements ListenerContext {
    static Shared of(ListenerConfig config) {
      return new Shared(
          config,
          Context.create(),
          MediaContext.create(),
          ContentEncodingContext.create(),
          config.directHandlers().orElseThrow(),
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("api-socket").factory()));
    }
  }

  /**
   * Listens there from now on.
   *
   * @param config with routing, handlers of errors, and one selector of connections
   * @throws IOException when the path can't be bound
   */
  static SocketListener listen(Path socket, ListenerConfig config) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(socket), config.backlog());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    SocketListener listener = new SocketListener(channel, config);
    listener.accepting.start();
    return listener;
  }

  private void accept() {
    while (channel.isOpen()) {
      try {
        SocketChannel accepted = channel.accept();
        context.executor().execute(() -> serve(accepted));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.log(Level.WARNING, "cannot accept a connection", e); // for want of descriptors
        LockSupport.parkNanos(AFTER_FAILURE.toNanos());
      }
    }
  }

  private void serve(SocketChannel accepted) {
    try (SocketConnection context = new SocketConnection(this.context, router, accepted)) {
      ServerConnection connection =
          this.context.config().connectionSelectors().getFirst().connection(context);
      open.add(connection);
      try {
        connection.handle(unlimited);
      } finally {
        open.remove(connection);
      }
    } catch (CloseConnectionException | UncheckedIOException e) {
      LOG.log(Level.FINER, "a connection has ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a connection has failed", e);
    }
  }

  /** Lets requests finish, for the configured time. */
  @Override
  public void close() {
    try {
      channel.close();
      accepting.join(); // what it has accepted is served
      context.executor().shutdown();
      open.forEach(connection -> connection.close(false));
      if (!awaitEnd()) {
        open.forEach(connection -> connection.close(true));
        awaitEnd();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the socket", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean awaitEnd() throws InterruptedException {
    return context
        .executor()
        .awaitTermination(context.config().shutdownGracePeriod().toMillis(), TimeUnit.MILLISECONDS);
  }
}
