package dev.jctl.shim.dns;

import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Makes sockets in a network namespace; they belong to it for good. */
public interface Sockets {
  /** A server's, bound to port 53 of all addresses. */
  DatagramChannel datagrams() throws IOException;

  /** A server's, bound to port 53 of all addresses. */
  ServerSocketChannel connections() throws IOException;

  /** For asking the host's servers, as the host would. */
  DatagramChannel toUpstream() throws IOException;

  /** For asking the host's servers, as the host would. */
  SocketChannel connectionToUpstream() throws IOException;
}
