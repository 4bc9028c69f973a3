package dev.jctl.shim.network;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NetworkNamespace;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.netlink.RouteRequest;
import dev.jctl.shim.netlink.RouteSocket;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A host for tests: network namespaces, one of which plays the host and one the world outside,
 * joined by a cable (192.0.2.1 and 192.0.2.2, 2001:db8:1::1 and ::2). Everything is gone when it is
 * closed.
 */
final class PrivateHost implements AutoCloseable {
  static final String HOST_ADDRESS = "192.0.2.1";
  static final String OUTSIDE_ADDRESS = "192.0.2.2";
  static final String HOST_ADDRESS6 = "2001:db8:1::1";
  static final String OUTSIDE_ADDRESS6 = "2001:db8:1::2";

  /** The world outside has these as well. */
  static final String PRIVATE_ADDRESS = "10.200.0.2";

  static final String PRIVATE_ADDRESS6 = "fd00:200::2";
  private static final String UNREACHABLE = "unreachable";
  private static final int CLONE_NEWNET = 0x40000000;

  /**
   * For what is to be reached: the first packet to a new neighbour may be lost, and is sent again
   * after a second, and an address of IPv6 is not used before nobody else claims it.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final int CONNECT_MILLIS = 4_000;

  /** For what is not to be reached, where nobody answers. */
  private static final int GLANCE_MILLIS = 400;

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Path directory;
  private final List<Path> bound = new ArrayList<>();
  private final List<Channel> servers = new ArrayList<>();
  final Path host;
  final Path outside;

  PrivateHost() throws IOException {
    directory = Files.createTempDirectory("jctl-net");
    host = namespace("host");
    outside = namespace("outside");
    try {
      cable();
    } catch (KernelException e) {
      close();
      throw e;
    }
  }

  private void cable() {
    NetworkNamespace.enter(
        outside,
        fd -> {
          try (RouteSocket near = in(host, RouteSocket::new);
              RouteSocket far = new RouteSocket()) {
            near.perform(
                List.of(
                    new RouteRequest.CreateVeth(
                        "wan0", 0, "eth0", "02:00:00:00:00:02", RouteRequest.USUAL_GSO, fd),
                    new RouteRequest.SetUp("wan0"),
                    new RouteRequest.SetUp("lo")));
            int wan = index(near, "wan0");
            int eth = index(far, "eth0");
            near.perform(
                List.of(
                    new RouteRequest.AddAddress(wan, Cidr.parse(HOST_ADDRESS + "/24")),
                    new RouteRequest.AddAddress(wan, Cidr.parse(HOST_ADDRESS6 + "/64"))));
            far.perform(
                List.of(
                    new RouteRequest.SetUp("eth0"),
                    new RouteRequest.SetUp("lo"),
                    new RouteRequest.AddAddress(eth, Cidr.parse(OUTSIDE_ADDRESS + "/24")),
                    new RouteRequest.AddAddress(eth, Cidr.parse(OUTSIDE_ADDRESS6 + "/64")),
                    new RouteRequest.AddAddress(eth, Cidr.parse(PRIVATE_ADDRESS + "/32")),
                    new RouteRequest.AddAddress(eth, Cidr.parse(PRIVATE_ADDRESS6 + "/128")),
                    new RouteRequest.AddRoute(
                        Cidr.parse("0.0.0.0/0"), InetAddress.ofLiteral(HOST_ADDRESS), eth),
                    new RouteRequest.AddRoute(
                        Cidr.parse("::/0"), InetAddress.ofLiteral(HOST_ADDRESS6), eth)));
            return true;
          }
        });
  }

  private static int index(RouteSocket socket, String name) {
    return Objects.requireNonNull(socket.links(List.of(name)).get(name), name).index();
  }

  /** A new namespace, bound to a file as sandboxes' are. */
  Path namespace(String name) throws IOException {
    Path file = Files.createFile(directory.resolve(name));
    AtomicReference<KernelException> failure = new AtomicReference<>();
    Thread maker =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    Kernel.unshare(CLONE_NEWNET);
                    Kernel.mount(
                        "/proc/thread-self/ns/net", file.toString(), null, Kernel.MS_BIND, null);
                  } catch (KernelException e) {
                    failure.set(e);
                  }
                });
    try {
      maker.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (failure.get() != null) {
      throw failure.get();
    }
    bound.add(file);
    return file;
  }

  void removeNamespace(Path file) throws IOException {
    Kernel.umount(file.toString(), Kernel.MNT_DETACH);
    Files.delete(file);
    bound.remove(file);
  }

  LinuxNetworking networking(String instance) {
    return in(host, () -> new LinuxNetworking(instance, sandbox -> true));
  }

  static <T> T in(Path namespace, Callable<T> work) {
    return NetworkNamespace.enter(
        namespace,
        fd -> {
          try {
            return work.call();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** Answers every connection with the address that it comes from, until it is closed. */
  Closeable serve(Path namespace, int port) {
    ServerSocketChannel server =
        in(
            namespace,
            () ->
                ServerSocketChannel.open(StandardProtocolFamily.INET6)
                    .bind(new InetSocketAddress("::", port)));
    servers.add(server);
    Thread answering = Thread.ofPlatform().daemon().start(() -> answer(server));
    return () -> {
      server.close();
      joined(answering);
    };
  }

  /** A socket that a thread waits at is closed by that thread, somewhat later. */
  private static void joined(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(ServerSocketChannel server) {
    while (server.isOpen()) {
      try (SocketChannel peer = server.accept()) {
        String from = ((InetSocketAddress) peer.getRemoteAddress()).getAddress().getHostAddress();
        peer.write(ByteBuffer.wrap(from.getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        // that one has gone, or the server is closed
      }
    }
  }

  /** Answers every datagram with the address that it comes from. */
  void serveDatagrams(Path namespace, int port) {
    DatagramChannel server =
        in(
            namespace,
            () ->
                DatagramChannel.open(StandardProtocolFamily.INET6)
                    .bind(new InetSocketAddress("::", port)));
    servers.add(server);
    Thread.ofPlatform().daemon().start(() -> answer(server));
  }

  private static void answer(DatagramChannel server) {
    ByteBuffer buffer = ByteBuffer.allocate(64);
    while (server.isOpen()) {
      try {
        InetSocketAddress from = (InetSocketAddress) server.receive(buffer.clear());
        String text = from.getAddress().getHostAddress();
        server.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), from);
      } catch (IOException e) {
        // that one has gone, or the server is closed
      }
    }
  }

  /** As whom the server at that address saw us, or {@code unreachable}. */
  static String askDatagram(Path namespace, String address, int port) {
    return in(
        namespace,
        () -> {
          Instant end = Instant.now().plus(PATIENCE);
          String seen = askDatagram(new InetSocketAddress(address, port));
          while (seen.equals(UNREACHABLE) && Instant.now().isBefore(end)) {
            LockSupport.parkNanos(PAUSE.toNanos());
            seen = askDatagram(new InetSocketAddress(address, port));
          }
          return seen;
        });
  }

  private static String askDatagram(InetSocketAddress server) {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.connect(server);
      channel.write(ByteBuffer.wrap(new byte[1]));
      channel.socket().setSoTimeout(CONNECT_MILLIS);
      DatagramPacket answer = new DatagramPacket(new byte[64], 64);
      channel.socket().receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return UNREACHABLE;
    }
  }

  /** Whose datagrams are one flow. */
  DatagramChannel talker(Path namespace, String address, int port) {
    DatagramChannel talker =
        in(namespace, () -> DatagramChannel.open().connect(new InetSocketAddress(address, port)));
    servers.add(talker);
    return talker;
  }

  /** Whether it gets an answer now. */
  static boolean isAnswered(DatagramChannel talker) {
    try {
      talker.write(ByteBuffer.wrap(new byte[1]));
      talker.socket().setSoTimeout(GLANCE_MILLIS);
      talker.socket().receive(new DatagramPacket(new byte[64], 64));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** As whom the server at that address saw us, or {@code unreachable}. */
  static String ask(Path namespace, String address, int port) {
    return in(
        namespace,
        () -> {
          Instant end = Instant.now().plus(PATIENCE);
          InetSocketAddress server = new InetSocketAddress(address, port);
          String seen = ask(new InetSocketAddress(0), server, CONNECT_MILLIS);
          while (seen.equals(UNREACHABLE) && Instant.now().isBefore(end)) {
            LockSupport.parkNanos(PAUSE.toNanos());
            seen = ask(new InetSocketAddress(0), server, CONNECT_MILLIS);
          }
          return seen;
        });
  }

  /** The same where {@code unreachable} is expected, which takes less patience. */
  static String glance(Path namespace, String address, int port) {
    return in(
        namespace,
        () -> ask(new InetSocketAddress(0), new InetSocketAddress(address, port), GLANCE_MILLIS));
  }

  /**
   * @param source the own address to do so from
   */
  static String glance(Path namespace, String source, String address, int port) {
    return in(
        namespace,
        () ->
            ask(
                new InetSocketAddress(source, 0),
                new InetSocketAddress(address, port),
                GLANCE_MILLIS));
  }

  private static String ask(InetSocketAddress source, InetSocketAddress server, int millis) {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.bind(source);
      channel.socket().connect(server, millis);
      channel.socket().setSoTimeout(CONNECT_MILLIS);
      return new String(channel.socket().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return UNREACHABLE;
    }
  }

  /** Of the namespace's links. */
  static List<String> linkNames(Path namespace) {
    try (RouteSocket socket = in(namespace, RouteSocket::new)) {
      return socket.links().stream().map(link -> link.name()).sorted().toList();
    }
  }

  static String sh(Path namespace, String command) {
    return in(
        namespace,
        () -> {
          Process process =
              new ProcessBuilder("nsenter", "--net=" + namespace, "sh", "-c", command)
                  .redirectErrorStream(true)
                  .start();
          String output =
              new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          if (process.waitFor() != 0) {
            throw new IllegalStateException(command + ": " + output);
          }
          return output;
        });
  }

  @Override
  public void close() throws IOException {
    for (Channel server : servers) {
      server.close();
    }
    for (Path file : List.copyOf(bound)) {
      removeNamespace(file);
    }
    Files.delete(directory);
  }
}
