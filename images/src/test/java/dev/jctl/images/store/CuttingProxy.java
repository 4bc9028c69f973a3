package dev.jctl.images.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes connections on to a server of loopback, and cuts one of them. */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final AtomicInteger sentBeforeCut = new AtomicInteger(Integer.MAX_VALUE);
  private final AtomicInteger receivedBeforeCut = new AtomicInteger(Integer.MAX_VALUE);
  private final AtomicInteger cuts = new AtomicInteger();

  CuttingProxy(String target) throws IOException {
    this.target = Integer.parseInt(target.substring(target.indexOf(':') + 1));
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String host() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** The first connection that sends so many bytes ends then. */
  void cutAfterSending(int bytes) {
    sentBeforeCut.set(bytes);
  }

  /** The first connection that receives so many bytes ends then. */
  void cutAfterReceiving(int bytes) {
    receivedBeforeCut.set(bytes);
  }

  int cuts() {
    return cuts.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
        Thread.ofVirtual().start(() -> pass(client, upstream, sentBeforeCut));
        Thread.ofVirtual().start(() -> pass(upstream, client, receivedBeforeCut));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void pass(Socket from, Socket to, AtomicInteger before) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[8192];
      int count = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        count += n;
        int limit = before.get();
        if (count > limit && before.compareAndSet(limit, Integer.MAX_VALUE)) {
          cuts.incrementAndGet();
          from.setSoLinger(true, 0); // both ends see a reset
          to.setSoLinger(true, 0);
          return;
        }
      }
    } catch (IOException e) {
      // one of them has gone, and so does the other
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
