package dev.jctl.controller.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * Whose sockets ask their clients for a certificate, which those may have. The web server has two
 * ways to do TLS: with engines, which take 110 KB a connection, most of it for buffers; and with
 * sockets, which take less than half, but does not ask there.
 */
final class AskingTlsContext extends SSLContext {
  private AskingTlsContext(SSLContext plain, Consumer<Socket> begun) {
    super(new Spi(plain, begun), plain.getProvider(), plain.getProtocol());
  }

  /**
   * @param initialized with keys, and whom to trust
   * @param begun is told of each connection before its handshake
   */
  static SSLContext of(SSLContext initialized, Consumer<Socket> begun) {
    return new AskingTlsContext(initialized, begun);
  }

  private static final class Spi extends SSLContextSpi {
    private final SSLContext plain;
    private final Consumer<Socket> begun;

    Spi(SSLContext plain, Consumer<Socket> begun) {
      this.plain = plain;
      this.begun = begun;
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
        throws KeyManagementException {
      plain.init(keys, trust, random);
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      return new Sockets(plain.getSocketFactory(), begun);
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return plain.getServerSocketFactory();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return plain.createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      return plain.createSSLEngine(host, port);
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return plain.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return plain.getClientSessionContext();
    }
  }

  private static final class Sockets extends SSLSocketFactory {
    private final SSLSocketFactory plain;
    private final Consumer<Socket> begun;

    Sockets(SSLSocketFactory plain, Consumer<Socket> begun) {
      this.plain = plain;
      this.begun = begun;
    }

    /** The server's side of a connection. */
    @Override
    public Socket createSocket(Socket socket, InputStream consumed, boolean autoClose)
        throws IOException {
      SSLSocket created = (SSLSocket) plain.createSocket(socket, consumed, autoClose);
      created.setWantClientAuth(true);
      begun.accept(socket);
      return created;
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
        throws IOException {
      return plain.createSocket(socket, host, port, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return plain.createSocket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return plain.createSocket(host, port, local, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return plain.createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      return plain.createSocket(host, port, local, localPort);
    }

    @Override
    public String[] getDefaultCipherSuites() {
      return plain.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
      return plain.getSupportedCipherSuites();
    }
  }
}
