package dev.jctl.controller.api;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;

/** Ends connections whose TLS handshake does not. */
final class PendingHandshakes {
  private final Duration patience;
  private final Map<SocketAddress, Future<?>> ends = new ConcurrentHashMap<>();

  PendingHandshakes(Duration patience) {
    this.patience = patience;
  }

  void begun(Socket socket) {
    SocketAddress peer = socket.getRemoteSocketAddress();
    ends.put(
        peer,
        AwaitedInput.after(
            patience.toNanos(),
            () -> {
              ends.remove(peer);
              close(socket);
            }));
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return; // it has ended by itself
    }
  }

  /** The handshake with that peer is over, if there was one. */
  void done(SocketAddress peer) {
    Future<?> end = ends.remove(peer);
    if (end != null) {
      end.cancel(false);
    }
  }
}
