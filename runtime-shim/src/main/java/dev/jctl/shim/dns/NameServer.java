package dev.jctl.shim.dns;

import dev.jctl.shim.dns.Answers.Verdict;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/**
 * Answers over UDP and TCP: at once what is known here, and by a virtual thread each what others
 * have to be asked for. Who asks for more than that at a time is refused the rest, so that nobody
 * takes it from the others.
 */
public final class NameServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NameServer.class);

  private static final int RECEIVE_BUFFER_BYTES = 1 << 20;
  private static final int MAX_QUERY_BYTES = 4096;

  /** Of one sandbox: forwarded questions and connections at a time. */
  private static final int MAX_AT_ONCE = 64;

  private static final int IDLE_MILLIS = 10_000;

  /** By then what came with the first network has mostly been started. */
  private static final int REHEARSED_AFTER_MILLIS = 2_000;

  private final Answers answers;
  private final Upstream upstream;
  private final DatagramChannel datagrams;
  private final ServerSocketChannel connections;
  private final Map<InetAddress, AtomicInteger> busy = new ConcurrentHashMap<>();

  private NameServer(
      Answers answers,
      Upstream upstream,
      DatagramChannel datagrams,
      ServerSocketChannel connections) {
    this.answers = answers;
    this.upstream = upstream;
    this.datagrams = datagrams;
    this.connections = connections;
  }

  /**
   * @param host the machine's own way of asking, as it is now
   */
  public static NameServer start(NameTable table, Sockets sockets, Supplier<ResolvConf> host)
      throws IOException {
    DatagramChannel datagrams = sockets.datagrams();
    try {
      datagrams.setOption(java.net.StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
      NameServer server =
          new NameServer(
              new Answers(table), new Upstream(sockets, host), datagrams, sockets.connections());
      Thread.ofPlatform().daemon().name("names-udp").start(server::serveDatagrams);
      Thread.ofPlatform().daemon().name("names-tcp").start(server::serveConnections);
      Thread.ofVirtual().start(NameServer::rehearse);
      return server;
    } catch (IOException e) {
      datagrams.close();
      throw e;
    }
  }

  /**
   * Has loaded what answering takes, some 50 ms of it, before somebody waits for the first answer.
   */
  private static void rehearse() {
    try {
      Thread.sleep(REHEARSED_AFTER_MILLIS);
      LOG.debug("rehearsed: {}", Answers.rehearsed());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.debug("rehearsal", e);
    }
  }

  private void serveDatagrams() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_QUERY_BYTES);
    while (datagrams.isOpen()) {
      try {
        SocketAddress from = datagrams.receive(buffer.clear());
        byte[] query = new byte[buffer.flip().remaining()];
        buffer.get(query);
        if (from instanceof InetSocketAddress peer) {
          datagram(query, peer);
        }
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | RuntimeException e) {
        // one who asks cannot be answered; the next may
        LOG.debug("a question over UDP", e);
      }
    }
  }

  private void datagram(byte[] bytes, InetSocketAddress peer) throws IOException {
    Optional<Message> query = parsed(bytes);
    if (query.isEmpty()) {
      return;
    }
    switch (answers.to(query.get(), peer.getAddress())) {
      case Verdict.Answer(Message message) ->
          send(message.toWire(Answers.limit(query.get())), peer);
      case Verdict.Forward forward -> forward(query.get(), bytes, peer);
      case Verdict.Alias alias ->
          occupying(
              peer.getAddress(),
              () ->
                  send(
                      behind(query.get(), alias, upstream::askByUdp)
                          .toWire(Answers.limit(query.get())),
                      peer),
              () -> send(failure(query.get(), Rcode.SERVFAIL), peer));
    }
  }

  private void forward(Message query, byte[] bytes, InetSocketAddress peer) throws IOException {
    Optional<byte[]> known = upstream.known(bytes);
    if (known.isPresent()) {
      send(known.get(), peer);
      return;
    }
    byte[] failure = failure(query, Rcode.SERVFAIL);
    occupying(
        peer.getAddress(),
        () -> send(upstream.askByUdp(bytes).orElse(failure), peer),
        () -> send(failure, peer));
  }

  private static Message behind(
      Message query, Verdict.Alias alias, Function<byte[], Optional<byte[]>> ask) {
    return ask.apply(alias.target().toWire())
        .flatMap(NameServer::answer)
        .map(found -> Answers.behind(query, alias.alias(), found))
        .orElseGet(() -> Answers.reply(query, Rcode.SERVFAIL));
  }

  private static Optional<Message> answer(byte[] bytes) {
    try {
      return Optional.of(new Message(bytes));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Empty for what is no question: it is not even answered, as with other servers. */
  private static Optional<Message> parsed(byte[] bytes) {
    try {
      Message message = new Message(bytes);
      return message.getHeader().getFlag(org.xbill.DNS.Flags.QR)
          ? Optional.empty()
          : Optional.of(message);
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static byte[] failure(Message query, int rcode) {
    return Answers.reply(query, rcode).toWire();
  }

  private void send(byte[] answer, InetSocketAddress peer) throws IOException {
    datagrams.send(ByteBuffer.wrap(answer), peer);
  }

  private interface Work {
    void run() throws IOException;
  }

  /** On a thread of its own, or {@code tooMuch} here. */
  private void occupying(InetAddress who, Work work, Work tooMuch) throws IOException {
    AtomicInteger inWork =
        busy.compute(
            who,
            (key, count) -> {
              AtomicInteger known = count == null ? new AtomicInteger() : count;
              known.incrementAndGet();
              return known;
            });
    if (inWork.get() > MAX_AT_ONCE) {
      release(who);
      tooMuch.run();
      return;
    }
    Thread.ofVirtual().start(() -> done(who, work));
  }

  private void done(InetAddress who, Work work) {
    try {
      work.run();
    } catch (IOException | RuntimeException e) {
      LOG.debug("a question of {}", who, e);
    } finally {
      release(who);
    }
  }

  private void release(InetAddress who) {
    busy.computeIfPresent(who, (key, count) -> count.decrementAndGet() == 0 ? null : count);
  }

  private void serveConnections() {
    while (connections.isOpen()) {
      try {
        SocketChannel peer = connections.accept();
        occupying(peer.socket().getInetAddress(), () -> serve(peer), peer::close);
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | RuntimeException e) {
        LOG.debug("a question over TCP", e);
      }
    }
  }

  /** One question after the other, until the peer has none for a while. */
  private void serve(SocketChannel peer) throws IOException {
    try (peer) {
      peer.socket().setSoTimeout(IDLE_MILLIS);
      InetAddress source = peer.socket().getInetAddress();
      DataInputStream input = new DataInputStream(peer.socket().getInputStream());
      while (true) {
        byte[] bytes = new byte[input.readUnsignedShort()];
        input.readFully(bytes);
        Optional<Message> query = parsed(bytes);
        if (query.isEmpty()) {
          return;
        }
        peer.socket().getOutputStream().write(Upstream.framed(byTcp(query.get(), bytes, source)));
      }
    }
  }

  private byte[] byTcp(Message query, byte[] bytes, InetAddress source) {
    return switch (answers.to(query, source)) {
      case Verdict.Answer(Message message) -> message.toWire();
      case Verdict.Forward forward ->
          upstream.askByTcp(bytes).orElseGet(() -> failure(query, Rcode.SERVFAIL));
      case Verdict.Alias alias -> behind(query, alias, upstream::askByTcp).toWire();
    };
  }

  @Override
  public void close() {
    try (datagrams;
        connections) {
      LOG.debug("no names any more");
    } catch (IOException e) {
      LOG.warn("close: {}", e.getMessage());
    }
  }
}
