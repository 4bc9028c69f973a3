package dev.jctl.shim.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Rcode;

/**
 * Asks the host's servers, one after the other, with the question's bytes as they came: whatever
 * options it has are between who asks and them. Only the id is another.
 */
final class Upstream {
  private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

  private static final int PORT = 53;
  private static final int MAX_BYTES = 65_535;
  private static final int HEADER_BYTES = 12;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Sockets sockets;
  private final Supplier<ResolvConf> host;
  private final AnswerCache cache = new AnswerCache(System::nanoTime);

  /**
   * @param host as it is now
   */
  Upstream(Sockets sockets, Supplier<ResolvConf> host) {
    this.sockets = sockets;
    this.host = host;
  }

  private interface Exchange {
    byte[] with(InetSocketAddress server, byte[] query, Duration timeout) throws IOException;
  }

  /** As one answered a short while ago, without asking. */
  Optional<byte[]> known(byte[] query) {
    return cache.find(query, host.get().nameservers());
  }

  /**
   * Empty when no server answers in time. An answer may say that it is truncated, or that none of
   * the servers could tell.
   */
  Optional<byte[]> askByUdp(byte[] query) {
    Optional<byte[]> known = known(query);
    if (known.isPresent()) {
      return known;
    }
    Optional<byte[]> answer = ask(query, this::datagram);
    answer.ifPresent(bytes -> cache.keep(query, bytes, host.get().nameservers()));
    return answer;
  }

  Optional<byte[]> askByTcp(byte[] query) {
    return ask(query, this::connection);
  }

  private Optional<byte[]> ask(byte[] query, Exchange exchange) {
    ResolvConf now = host.get();
    List<InetSocketAddress> servers = servers(now);
    Optional<byte[]> refusal = Optional.empty();
    for (int attempt = 0; attempt < now.attempts(); attempt++) {
      for (InetSocketAddress server : servers) {
        try {
          byte[] own = withId(query, RANDOM.nextInt());
          byte[] answer = withId(exchange.with(server, own, now.timeout()), id(query));
          if (!refuses(answer)) {
            return Optional.of(answer);
          }
          refusal = Optional.of(answer);
        } catch (IOException e) {
          // the next may know
          LOG.debug("ask {}", server, e);
        }
      }
    }
    return refusal;
  }

  /** As the C library has it, another server may know then. */
  private static boolean refuses(byte[] answer) {
    int rcode = answer[3] & 0xF;
    return rcode == Rcode.SERVFAIL || rcode == Rcode.NOTIMP || rcode == Rcode.REFUSED;
  }

  private static List<InetSocketAddress> servers(ResolvConf conf) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String text : conf.nameservers()) {
      try {
        servers.add(new InetSocketAddress(InetAddress.ofLiteral(text), PORT));
      } catch (IllegalArgumentException e) {
        // the C library passes over it too
        LOG.debug("a name server of the host: {}", text, e);
      }
    }
    return servers;
  }

  private byte[] datagram(InetSocketAddress server, byte[] query, Duration timeout)
      throws IOException {
    try (DatagramChannel channel = sockets.toUpstream()) {
      // from a port of its own, and connected: a forged answer must guess port and id
      channel.connect(server);
      channel.write(ByteBuffer.wrap(query));
      byte[] buffer = new byte[MAX_BYTES];
      long deadline = System.nanoTime() + timeout.toNanos();
      while (true) {
        int left = Math.toIntExact((deadline - System.nanoTime()) / 1_000_000);
        if (left <= 0) {
          throw new SocketTimeoutException(server + " does not answer");
        }
        channel.socket().setSoTimeout(left);
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        channel.socket().receive(packet);
        byte[] answer = Arrays.copyOf(buffer, packet.getLength());
        if (answers(query, answer)) {
          return answer;
        }
      }
    }
  }

  private byte[] connection(InetSocketAddress server, byte[] query, Duration timeout)
      throws IOException {
    try (SocketChannel channel = sockets.connectionToUpstream()) {
      int millis = Math.toIntExact(timeout.toMillis());
      channel.socket().connect(server, millis);
      channel.socket().setSoTimeout(millis);
      channel.socket().getOutputStream().write(framed(query));
      DataInputStream input = new DataInputStream(channel.socket().getInputStream());
      byte[] answer = new byte[input.readUnsignedShort()];
      input.readFully(answer);
      if (!answers(query, answer)) {
        throw new IOException(server + " answers another question");
      }
      return answer;
    }
  }

  /** As messages are sent over TCP (RFC 1035, 4.2.2). */
  static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(2 + message.length)
        .putShort((short) message.length)
        .put(message)
        .array();
  }

  private static boolean answers(byte[] query, byte[] answer) {
    return answer.length >= HEADER_BYTES && id(answer) == id(query) && (answer[2] & 0x80) != 0;
  }

  private static int id(byte[] message) {
    return ByteBuffer.wrap(message).getShort(0);
  }

  private static byte[] withId(byte[] message, int id) {
    byte[] copy = message.clone();
    ByteBuffer.wrap(copy).putShort(0, (short) id);
    return copy;
  }
}
