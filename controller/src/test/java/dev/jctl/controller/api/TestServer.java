package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.Authenticator;
import dev.jctl.controller.access.CertificateAuthority;
import dev.jctl.controller.access.RemoteAddress;
import dev.jctl.controller.audit.AuditTrail;
import dev.jctl.controller.encryption.SealedStore;
import dev.jctl.controller.encryption.SecretSealing;
import dev.jctl.controller.fake.FakeImageStore;
import dev.jctl.controller.fake.FakeRuntime;
import dev.jctl.controller.image.ImageContents;
import dev.jctl.controller.image.PullSecrets;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.watch.StoreCache;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageStoreOptions;
import dev.jctl.images.Keyring;
import dev.jctl.images.store.ContentImageStore;
import dev.jctl.shim.kernel.NativeSha256;
import dev.jctl.store.Store;
import dev.jctl.store.StoreOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** The API on a socket, over a store of its own, without reconcilers. */
final class TestServer implements AutoCloseable {
  final SealedStore store;
  final StoreResources resources;
  final FakeImageStore images = new FakeImageStore();
  final SocketHttp http;
  private final Path directory;
  private final ImageStore content;
  private final StoreCache cache;
  private final ApiServer server;

  TestServer(Path directory) throws IOException {
    this(directory, AwaitedInput.Bounds.DEFAULT);
  }

  TestServer(Path directory, AwaitedInput.Bounds bounds) throws IOException {
    this.directory = directory;
    Clock clock = Clock.systemUTC();
    store =
        new SealedStore(
            Store.open(directory.resolve("store"), StoreOptions.DEFAULT),
            directory.resolve("secrets.key"));
    resources = new StoreResources(store, clock, Finalizers.BY_KIND);
    resources.ensureDefaultNamespace();
    cache = StoreCache.start(store, resources.decoded());
    content =
        ContentImageStore.open(
            directory.resolve("images"),
            ImageStoreOptions.host(directory, Map.of(), NativeSha256::of));
    images.serve(content.served());
    server =
        new ApiServer(
            directory.resolve("s"),
            new ApiServer.Backend(
                store,
                resources,
                new SecretSealing(store, resources),
                cache,
                new FakeRuntime(clock),
                new ImageContents(
                    resources, images, new PullSecrets(resources, Keyring.EMPTY), () -> {}),
                directory,
                AccountTokens.open(directory.resolve("pki"), clock, object -> true),
                new Authenticator(List.of()),
                AuditTrail.NONE,
                clock),
            bounds);
    server.listenOnSocket();
    http = new SocketHttp(directory.resolve("s"));
  }

  /** Listens to clients that come over TLS, too: nobody knows any of them. */
  InetSocketAddress listenOnTls() throws IOException {
    Instant now = Instant.now();
    CertificateAuthority authority = CertificateAuthority.open(directory.resolve("pki"), now);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    ApiServer.TlsKeys keys =
        new ApiServer.TlsKeys(
            authority.issueServer(
                List.of(new CertificateAuthority.Host(loopback.getHostAddress(), true)), now),
            authority.certificate());
    while (true) {
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, loopback)) {
        port = free.getLocalPort();
      }
      try {
        server.listenOnTls(new RemoteAddress(loopback.getHostAddress(), port), keys);
        return new InetSocketAddress(loopback, port);
      } catch (IllegalStateException taken) {
        assertThat(taken).hasMessageContaining("taken");
      }
    }
  }

  /** A client of that listener, which does not ask whom it talks to. */
  static SSLSocket handshaken(InetSocketAddress remote) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Trusting()}, null);
      SSLSocket socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(remote.getAddress(), remote.getPort());
      socket.startHandshake();
      return socket;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Override
  public void close() {
    server.close();
    content.close();
    cache.close();
    store.close();
  }
}
