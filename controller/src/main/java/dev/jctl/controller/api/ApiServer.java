package dev.jctl.controller.api;

import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.Authenticator;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.access.KeyPairAndCertificate;
import dev.jctl.controller.access.RemoteAddress;
import dev.jctl.controller.audit.AuditTrail;
import dev.jctl.controller.encryption.SecretSealing;
import dev.jctl.controller.image.ImageContents;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.store.Store;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.tls.Tls;
import io.helidon.http.DirectHandler;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * The API on a Unix socket, and over TLS for remote clients. Who may open the socket may do
 * anything: its file mode is the guard. Over TLS every client has to prove who it is.
 */
public final class ApiServer implements AutoCloseable {
  private static final Duration GRACE = Duration.ofMillis(500);

  /** Over TLS, where each takes up to 64 KB: whoever comes next waits until one is closed. */
  private static final int MAX_CONNECTIONS = 1200;

  /** Of each reply that goes on: what is written to one is flushed at once. */
  private static final int STREAM_BUFFER_BYTES = 256;

  private final ApiDispatch dispatch;
  private final Streams streams = new Streams();
  private final Path socket;
  private final Authenticator authenticator;
  private final AwaitedInput.Bounds bounds;
  private final PendingHandshakes handshakes;
  private final List<Runnable> stops = new ArrayList<>();
  private boolean ownsSocket;

  /** Listens to nothing yet. */
  public ApiServer(Path socket, Backend backend) {
    this(socket, backend, AwaitedInput.Bounds.DEFAULT);
  }

  ApiServer(Path socket, Backend backend, AwaitedInput.Bounds bounds) {
    this.socket = socket;
    this.bounds = bounds;
    this.handshakes = new PendingHandshakes(bounds.head());
    this.authenticator = backend.authenticator();
    this.dispatch = new ApiDispatch(backend);
  }

  /** What the API serves from. All stay the caller's. */
  public record Backend(
      Store store,
      StoreResources resources,
      SecretSealing sealing,
      ResourceCache cache,
      ContainerRuntime runtime,
      ImageContents images,
      Path logDirectory,
      AccountTokens accounts,
      Authenticator authenticator,
      AuditTrail audit,
      Clock clock) {}

  /** {@code server}: shown to clients; {@code authority}: whose client certificates are taken. */
  public record TlsKeys(KeyPairAndCertificate server, X509Certificate authority) {}

  /**
   * Listens on the Unix socket.
   *
   * @throws IllegalStateException when another server listens on this socket, or it can't be made
   */
  public void listenOnSocket() {
    removeStale(socket);
    WebServerConfig config =
        configured(WebServer.builder(), (peer, authorization) -> Optional.of(Identity.LOCAL))
            .buildPrototype();
    try {
      SocketListener listener = SocketListener.listen(socket, config);
      stops.add(listener::close);
    } catch (IOException e) {
      throw new IllegalStateException("cannot listen on " + socket + ": " + e.getMessage(), e);
    }
    ownsSocket = true;
    restrict(socket);
  }

  /**
   * Listens on TCP.
   *
   * @throws IllegalStateException when the address can't be had
   */
  public void listenOnTls(RemoteAddress address, TlsKeys keys) {
    SSLContext context =
        Tls.builder()
            .privateKey(keys.server().key())
            .privateKeyCertChain(List.of(keys.server().certificate()))
            .trust(List.of(keys.authority()))
            .build()
            .sslContext();
    WebServer listener =
        configured(
                WebServer.builder()
                    .host(address.host())
                    .port(address.port())
                    .tls(
                        Tls.builder()
                            .sslContext(AskingTlsContext.of(context, handshakes::begun))
                            .build())
                    .useNio(false)
                    .maxTcpConnections(MAX_CONNECTIONS),
                (peer, authorization) -> authenticator.identify(certificate(peer), authorization))
            .build()
            .start();
    // one that can't have its address says so in the log only
    if (!listener.isRunning()) {
      throw new IllegalStateException("the address to listen on is taken or not of this machine");
    }
    stops.add(listener::stop);
  }

  private static Optional<X509Certificate> certificate(PeerInfo peer) {
    return peer.tlsCertificates().stream()
        .flatMap(Arrays::stream)
        .findFirst()
        .map(X509Certificate.class::cast);
  }

  private WebServerConfig.Builder configured(
      WebServerConfig.Builder server, ApiRoutes.Identification identification) {
    ApiRoutes routes = new ApiRoutes(dispatch, streams, identification);
    return server
        .shutdownHook(false)
        .writeBufferSize(STREAM_BUFFER_BYTES)
        .shutdownGracePeriod(GRACE)
        .addConnectionSelector(routes.connections(bounds, handshakes::done))
        .errorHandling(ErrorHandling.builder().includeEntity(true).build())
        .directHandlers(
            DirectHandlers.builder()
                .addHandler(DirectHandler.EventType.BAD_REQUEST, ApiRoutes::unreadable)
                .addHandler(
                    DirectHandler.EventType.HTTP_VERSION_NOT_SUPPORTED, ApiRoutes::unreadable)
                .build())
        .routing(routes.routing());
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
    stops.forEach(Runnable::run);
    if (ownsSocket) {
      removeSocket();
    }
  }

  private void removeSocket() {
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + socket, e);
    }
  }
}
