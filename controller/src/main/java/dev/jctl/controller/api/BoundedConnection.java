package dev.jctl.controller.api;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/** A connection of which neither too much is kept nor too long anything awaited. */
record BoundedConnection(ConnectionContext plain, AwaitedInput input, DataReader dataReader)
    implements ConnectionContext {
  static BoundedConnection of(ConnectionContext plain, AwaitedInput.Bounds bounds) {
    AwaitedInput input = new AwaitedInput(plain, bounds);
    return new BoundedConnection(plain, input, new BoundedReader(input));
  }

  /**
   * Makes those of {@code http} so.
   *
   * @param begun is told of the peer of each
   */
  record Selector(
      ServerConnectionSelector http, AwaitedInput.Bounds bounds, Consumer<SocketAddress> begun)
      implements ServerConnectionSelector {
    @Override
    public int bytesToIdentifyConnection() {
      return http.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
      // nothing else is spoken here: what is no HTTP/1.1 is answered so, not just cut off
      return Support.SUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
      return http.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
      begun.accept(context.remotePeer().address());
      return http.connection(BoundedConnection.of(context, bounds));
    }
  }

  @Override
  public ListenerContext listenerContext() {
    return plain.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return plain.executor();
  }

  @Override
  public DataWriter dataWriter() {
    return plain.dataWriter();
  }

  @Override
  public Router router() {
    return plain.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return plain.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return plain.serverSocket();
  }

  @Override
  public PeerInfo remotePeer() {
    return plain.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return plain.localPeer();
  }

  @Override
  public boolean isSecure() {
    return plain.isSecure();
  }

  @Override
  public String socketId() {
    return plain.socketId();
  }

  @Override
  public String childSocketId() {
    return plain.childSocketId();
  }
}
