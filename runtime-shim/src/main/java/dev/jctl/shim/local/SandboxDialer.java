package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.SandboxConnection;
import dev.jctl.shim.kernel.NetworkNamespace;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** TCP connections from inside a sandbox's network namespace. */
final class SandboxDialer {
  private SandboxDialer() {}

  /**
   * @param namespace null for the host's own
   */
  static SandboxConnection connect(
      @Nullable Path namespace, InetSocketAddress target, Duration timeout) {
    SocketChannel channel = open(namespace);
    try {
      channel.socket().connect(target, Math.toIntExact(Math.max(1, timeout.toMillis())));
      return new Connection(channel, Channels.newInputStream(channel), output(channel));
    } catch (IOException e) {
      try {
        channel.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw new RuntimeFailure(
          Reason.UNAVAILABLE, "connect to " + target + ": " + e.getMessage(), e);
    }
  }

  /** A socket belongs to the namespace that its thread was in when it was made. */
  private static SocketChannel open(@Nullable Path namespace) {
    try {
      return namespace == null
          ? SocketChannel.open()
          : NetworkNamespace.enter(namespace, fd -> opened());
    } catch (IOException | RuntimeException e) {
      throw new RuntimeFailure(Reason.KERNEL, "socket in " + namespace + ": " + e, e);
    }
  }

  private static SocketChannel opened() {
    try {
      return SocketChannel.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static OutputStream output(SocketChannel channel) {
    return new FilterOutputStream(Channels.newOutputStream(channel)) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        channel.shutdownOutput();
      }
    };
  }

  private record Connection(SocketChannel channel, InputStream input, OutputStream output)
      implements SandboxConnection {
    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        return; // given up either way
      }
    }
  }
}
