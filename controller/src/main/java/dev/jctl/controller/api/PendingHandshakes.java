package dev.jctl.controller.api;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Ends connections whose TLS handshake does not. */
final class PendingHandshakes {
  private final Duration patience;
  private final Map<SocketAddress, Pending> pending = new ConcurrentHashMap<>();

  PendingHandshakes(Duration patience) {
    this.patience = patience;
  }

  /**
   * One that fails is told to nobody: it is here until its time is over or its peer comes again.
   */
  private final class Pending implements Runnable {
    private final SocketAddress peer;
    private final Socket socket;
    private final Future<?> end;

    Pending(Socket socket) {
      this.peer = socket.getRemoteSocketAddress();
      this.socket = socket;
      this.end = AwaitedInput.after(patience.toNanos(), this);
    }

    @Override
    public void run() {
      if (pending.remove(peer, this)) {
        close(socket);
      }
    }
  }

  void begun(Socket socket) {
    Pending begun = new Pending(socket);
    cancel(pending.put(begun.peer, begun));
  }

  /** The handshake with that peer is over, if there was one. */
  void done(SocketAddress peer) {
    cancel(pending.remove(peer));
  }

  private static void cancel(@Nullable Pending handshake) {
    if (handshake != null) {
      handshake.end.cancel(false);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return; // it has ended by itself
    }
  }
}
