package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.dns.NameServer;
import dev.jctl.shim.dns.NameTable;
import dev.jctl.shim.dns.ResolvConf;
import dev.jctl.shim.dns.Sockets;
import dev.jctl.shim.kernel.Kernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/**
 * The network namespace in which sandboxes' questions for names are answered, and the server in it.
 * It is a thread's own, so that the kernel takes it away with this process, whatever ends it.
 */
final class ResolverNamespace implements AutoCloseable {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int PORT = 53;

  /**
   * It has an interface on every network, and must not be a way from one to another; a new
   * namespace starts with what the host has set. Answers go only to where questions come from.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "ipv4/ip_forward", "0",
          "ipv4/conf/all/rp_filter", "1",
          "ipv4/conf/all/accept_redirects", "0",
          "ipv6/conf/all/forwarding", "0",
          "ipv6/conf/default/accept_ra", "0",
          "ipv6/conf/default/accept_redirects", "0");

  private final HostThread inside = new HostThread();
  private final Path path;
  private final NameServer server;

  /**
   * @param host sockets that ask the machine's servers are made there
   * @param conf how the machine asks
   */
  ResolverNamespace(HostThread host, NameTable table, Supplier<ResolvConf> conf) {
    try {
      path = inside.run(ResolverNamespace::make);
      server = NameServer.start(table, new Made(inside, host), conf);
    } catch (IOException e) {
      inside.close();
      throw new RuntimeFailure(Reason.KERNEL, "answer questions for names: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      inside.close();
      throw e;
    }
  }

  private static Path make() throws IOException {
    Kernel.unshare(CLONE_NEWNET);
    for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
      Path file = Path.of("/proc/sys/net", setting.getKey());
      if (Files.exists(file)) {
        Files.writeString(file, setting.getValue());
      }
    }
    return Path.of("/proc")
        .resolve(Files.readSymbolicLink(Path.of("/proc/thread-self")))
        .resolve("ns/net");
  }

  /** A file that stands for it while this is open. */
  Path path() {
    return path;
  }

  @Override
  public void close() {
    server.close();
    inside.close();
  }

  /** Each socket is of the namespace of the thread that makes it. */
  private record Made(HostThread inside, HostThread host) implements Sockets {
    @Override
    public DatagramChannel datagrams() throws IOException {
      return on(inside, () -> DatagramChannel.open().bind(new InetSocketAddress(PORT)));
    }

    @Override
    public ServerSocketChannel connections() throws IOException {
      return on(inside, () -> ServerSocketChannel.open().bind(new InetSocketAddress(PORT)));
    }

    @Override
    public DatagramChannel toUpstream() throws IOException {
      return on(host, DatagramChannel::open);
    }

    @Override
    public SocketChannel connectionToUpstream() throws IOException {
      return on(host, SocketChannel::open);
    }

    private static <T> T on(HostThread thread, Callable<T> work) throws IOException {
      try {
        return thread.run(work);
      } catch (IllegalStateException e) {
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        throw e;
      }
    }
  }
}
