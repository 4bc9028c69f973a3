package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.SandboxConnection;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** TCP connections from inside a sandbox's network namespace. */
final class SandboxDialer {
  private static final int CLONE_NEWNET = 0x40000000;

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
    CompletableFuture<SocketChannel> made = new CompletableFuture<>();
    Thread.ofPlatform()
        .name("dial")
        .start(
            () -> {
              try {
                if (namespace != null) {
                  enter(namespace);
                }
                made.complete(SocketChannel.open());
              } catch (IOException | RuntimeException e) {
                made.completeExceptionally(e);
              }
            });
    try {
      return made.join();
    } catch (CompletionException e) {
      throw new RuntimeFailure(Reason.KERNEL, "socket in " + namespace + ": " + e.getCause(), e);
    }
  }

  private static void enter(Path namespace) throws KernelException {
    int fd = Kernel.open(namespace.toString(), Kernel.O_RDONLY, 0);
    try {
      Kernel.setns(fd, CLONE_NEWNET, namespace.toString());
    } finally {
      Kernel.close(fd);
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
