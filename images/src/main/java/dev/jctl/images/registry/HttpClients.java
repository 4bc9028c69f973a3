package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** HTTP clients for registries. */
final class HttpClients {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /**
   * The JDK sends no password to a proxy that tunnels (net.properties) unless it is told so before
   * its client is loaded. It goes in the clear to a proxy that is spoken to in the clear, as with
   * curl and Go.
   */
  private static final String NO_TUNNEL_PASSWORDS = "jdk.http.auth.tunneling.disabledSchemes";

  /** How much the JDK reads at once; by itself 16 KiB, each of which wakes several threads. */
  private static final String BUFFER_BYTES = "jdk.httpclient.bufsize";

  static {
    if (System.getProperty(NO_TUNNEL_PASSWORDS) == null) {
      System.setProperty(NO_TUNNEL_PASSWORDS, "");
    }
    if (System.getProperty(BUFFER_BYTES) == null) {
      System.setProperty(BUFFER_BYTES, String.valueOf(1 << 17));
    }
  }

  private HttpClients() {}

  static HttpClient trusting(ProxySelector proxies) {
    return builder(proxies).build();
  }

  /**
   * For a registry that authorities of its own vouch for.
   *
   * @throws ImageException BAD_CONFIGURATION when the file has no certificates
   */
  static HttpClient trusting(Path authorities, ProxySelector proxies) {
    try (InputStream in = Files.newInputStream(authorities)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca-" + store.size(), certificate);
      }
      if (store.size() == 0) {
        throw bad(authorities, "it has no certificates", null);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return builder(proxies).sslContext(context).build();
    } catch (IOException | GeneralSecurityException e) {
      throw bad(authorities, e.toString(), e);
    }
  }

  private static ImageException bad(Path authorities, String why, @Nullable Exception cause) {
    ImageException bad =
        new ImageException(
            Reason.BAD_CONFIGURATION,
            "the authorities of a registry in %s cannot be used: %s".formatted(authorities, why));
    if (cause != null) {
      bad.initCause(cause);
    }
    return bad;
  }

  /** For registries of which the configuration says that their certificates do not matter. */
  static HttpClient believingAnybody(ProxySelector proxies) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Anybody()}, null);
      return builder(proxies).sslContext(context).build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  private static HttpClient.Builder builder(ProxySelector proxies) {
    return HttpClient.newBuilder()
        // HTTP/2's windows make one large download slower, and several need several connections
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(CONNECT_TIMEOUT)
        .proxy(proxies)
        .executor(Executors.newVirtualThreadPerTaskExecutor());
  }

  /** An extended one, as only that keeps the JDK from comparing host names. */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
