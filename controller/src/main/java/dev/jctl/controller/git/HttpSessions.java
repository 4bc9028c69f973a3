package dev.jctl.controller.git;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jgit.transport.CredentialItem;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.eclipse.jgit.transport.http.JDKHttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/** HTTP(S) with what a Secret says of it. */
final class HttpSessions {
  private HttpSessions() {}

  /** Servers are those whom one of these authorities vouches for. */
  static HttpConnectionFactory trusting(String pem) {
    TrustManager[] authorities = authorities(pem);
    JDKHttpConnectionFactory connections = new JDKHttpConnectionFactory();
    return new HttpConnectionFactory() {
      @Override
      public HttpConnection create(URL url) throws IOException {
        return configured(connections.create(url));
      }

      @Override
      public HttpConnection create(URL url, Proxy proxy) throws IOException {
        return configured(connections.create(url, proxy));
      }

      private HttpConnection configured(HttpConnection connection) throws IOException {
        try {
          connection.configure(null, authorities, null);
          return connection;
        } catch (GeneralSecurityException e) {
          throw new IOException(e);
        }
      }
    };
  }

  private static TrustManager[] authorities(String pem) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
        store.setCertificateEntry("ca-" + store.size(), certificate);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new GitException(
          GitException.Reason.BAD_CREDENTIALS, "ca.crt holds no PEM certificates", e);
    }
  }

  /** Told to the host that it is for, and to none that this one redirects to. */
  static final class PasswordFor extends CredentialsProvider {
    private final URIish remote;
    private final Credentials.Password password;

    PasswordFor(URIish remote, Credentials.Password password) {
      this.remote = remote;
      this.password = password;
    }

    @Override
    public boolean isInteractive() {
      return false;
    }

    @Override
    public boolean supports(CredentialItem... items) {
      for (CredentialItem item : items) {
        if (!(item instanceof CredentialItem.Username)
            && !(item instanceof CredentialItem.Password)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public boolean get(@Nullable URIish uri, CredentialItem... items) {
      if (uri == null || !isRemote(uri) || !supports(items)) {
        return false;
      }
      for (CredentialItem item : items) {
        switch (item) {
          case CredentialItem.Username name -> name.setValue(password.user());
          case CredentialItem.Password secret -> secret.setValue(password.password().toCharArray());
          default -> throw new IllegalStateException("not asked for: " + item.getClass());
        }
      }
      return true;
    }

    private boolean isRemote(URIish uri) {
      return uri.getPort() == remote.getPort()
          && String.valueOf(uri.getScheme()).equals(remote.getScheme())
          && String.valueOf(uri.getHost()).equals(remote.getHost());
    }
  }
}
