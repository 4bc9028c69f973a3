package dev.jctl.controller.api;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.SocketWriter;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** One over a Unix socket. */
final class SocketConnection implements ConnectionContext, AutoCloseable {
  private static final PeerInfo LOCAL = new Local(UnixDomainSocketAddress.of(""));

  private final ListenerContext listenerContext;
  private final Router router;
  private final Socket socket;
  private final DataReader reader;
  private final DataWriter writer;

  SocketConnection(ListenerContext listenerContext, Router router, SocketChannel channel) {
    this.listenerContext = listenerContext;
    this.router = router;
    this.socket = new Socket(channel);
    this.reader = DataReader.create(this::received);
    this.writer = SocketWriter.create(socket);
  }

  private byte @Nullable [] received() {
    try {
      return socket.get();
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("cannot read from the socket", e);
    }
  }

  /** Whoever is at the other end: sockets of clients have no name. */
  private record Local(SocketAddress address) implements PeerInfo {
    @Override
    public String host() {
      return "localhost";
    }

    @Override
    public int port() {
      return 0;
    }

    @Override
    public Optional<Principal> tlsPrincipal() {
      return Optional.empty();
    }

    @Override
    public Optional<Certificate[]> tlsCertificates() {
      return Optional.empty();
    }
  }

  /** What is read at once, and kept meanwhile, is as much as came before at once. */
  private static final class Socket implements HelidonSocket {
    private static final int LEAST_BYTES = 1 << 10;
    private static final int MOST_BYTES = 16 << 10;

    /**
     * Through which all sockets write: memory of the heap the JDK would copy to such, after we had
     * copied it there.
     */
    private static final Queue<ByteBuffer> OUT = new ArrayBlockingQueue<>(16);

    private static final int OUT_BYTES = 64 << 10;

    private final SocketChannel channel;
    private ByteBuffer room = ByteBuffer.allocate(LEAST_BYTES);

    Socket(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public byte @Nullable [] get() {
      try {
        if (channel.read(room.clear()) < 0) {
          return null;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      byte[] bytes = Arrays.copyOf(room.array(), room.position());
      if (!room.hasRemaining() && room.capacity() < MOST_BYTES) {
        room = ByteBuffer.allocate(2 * room.capacity());
      }
      return bytes;
    }

    /**
     * @deprecated by the web server, and not called by it
     */
    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public int read(BufferData buffer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(BufferData buffer) {
      ByteBuffer free = OUT.poll();
      ByteBuffer out = free == null ? ByteBuffer.allocateDirect(OUT_BYTES) : free;
      try {
        while (!buffer.consumed()) {
          buffer.writeTo(out.clear(), Math.min(buffer.available(), OUT_BYTES));
          out.flip();
          while (out.hasRemaining()) {
            channel.write(out);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        OUT.offer(out);
      }
    }

    @Override
    public void idle() {}

    @Override
    public boolean isConnected() {
      return channel.isOpen();
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public PeerInfo remotePeer() {
      return LOCAL;
    }

    @Override
    public PeerInfo localPeer() {
      return LOCAL;
    }

    @Override
    public boolean isSecure() {
      return false;
    }

    @Override
    public String socketId() {
      return "socket";
    }

    @Override
    public String childSocketId() {
      return Integer.toHexString(System.identityHashCode(this));
    }
  }

  @Override
  public ListenerContext listenerContext() {
    return listenerContext;
  }

  @Override
  public ExecutorService executor() {
    return listenerContext.executor();
  }

  @Override
  public DataWriter dataWriter() {
    return writer;
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public Router router() {
    return router;
  }

  @Override
  public HelidonSocket serverSocket() {
    return socket;
  }

  @Override
  public PeerInfo remotePeer() {
    return socket.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return socket.localPeer();
  }

  @Override
  public boolean isSecure() {
    return socket.isSecure();
  }

  @Override
  public String socketId() {
    return socket.socketId();
  }

  @Override
  public String childSocketId() {
    return socket.childSocketId();
  }

  @Override
  public void close() {
    socket.close();
  }
}
