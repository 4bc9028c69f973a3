package dev.jctl.shim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.spec.NameService;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Names, asked for from inside sandboxes. */
class ResolverPrivilegedIT {
  private static final String INSTANCE = "c0ffee01";

  /** The host's server that is asked first and does not answer takes one second of it. */
  private static final int ANSWER_MILLIS = 20_000;

  private static final int SILENCE_MILLIS = 1_000;
  private static final NetworkSpec BLUE =
      new NetworkSpec("blue", List.of("10.90.0.0/24"), List.of("10.90.0.1/24"), false, 0);
  private static final NetworkSpec RED =
      new NetworkSpec("red", List.of("10.91.0.0/24"), List.of("10.91.0.1/24"), false, 0);
  private static final NetworkSpec INNER =
      new NetworkSpec("inner", List.of("10.92.0.0/24"), List.of("10.92.0.1/24"), true, 0);
  private static final NetworkSpec SIX =
      new NetworkSpec("six", List.of("fd00:93::/64"), List.of("fd00:93::1/64"), true, 0);

  @TempDir private Path directory;
  private final Set<String> running = ConcurrentHashMap.newKeySet();
  private PrivateHost host;
  private LinuxNetworking networking;

  @BeforeAll
  static void needsRoot() {
    assumeTrue(
        Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "needs root to make namespaces");
  }

  @BeforeEach
  void start() throws IOException {
    host = new PrivateHost();
    Files.writeString(
        directory.resolve("resolv.conf"),
        "nameserver "
            + PrivateHost.OUTSIDE_ADDRESS
            + "\nnameserver "
            + PrivateHost.PRIVATE_ADDRESS
            + "\noptions timeout:1 attempts:1\n");
    PrivateHost.sh(
        host.host,
        "ip route add " + PrivateHost.PRIVATE_ADDRESS + " via " + PrivateHost.OUTSIDE_ADDRESS);
    networking = networking();
  }

  private LinuxNetworking networking() {
    return PrivateHost.in(
        host.host,
        () -> new LinuxNetworking(INSTANCE, running::contains, directory.resolve("resolv.conf")));
  }

  @AfterEach
  void stop() throws Exception {
    try {
      networking.close();
    } finally {
      host.close();
    }
  }

  private Networking.Attached box(String id, NetworkAttachment... networks) throws IOException {
    SandboxSpec spec =
        new SandboxSpec(
            id,
            id,
            Set.of(),
            List.of(networks),
            SandboxSpec.Dns.OF_HOST,
            Map.of(),
            Map.of(),
            new OciSpec.Resources(List.of(), null, null, null, Map.of()),
            Map.of());
    Networking.Attached box = new Networking.Attached(spec, host.namespace(id));
    networking.attach(spec, box.networkNamespace());
    running.add(id);
    return box;
  }

  private static NetworkAttachment on(NetworkSpec network, String name, String address, String as) {
    return new NetworkAttachment(network.id(), name, List.of(address), null, List.of(as));
  }

  private static Message query(String name, int type) throws IOException {
    return Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), type, DClass.IN));
  }

  /** The addresses, or the code of an answer without, or {@code silence}. */
  private static String ask(Networking.Attached box, String name) {
    return ask(box, NameService.ADDRESS, name, Type.A, ANSWER_MILLIS);
  }

  private static String ask(
      Networking.Attached box, String server, String name, int type, int millis) {
    return PrivateHost.in(
        box.networkNamespace(),
        () -> {
          try (DatagramChannel channel = DatagramChannel.open()) {
            channel.socket().setSoTimeout(millis);
            channel.connect(new InetSocketAddress(server, 53));
            channel.write(ByteBuffer.wrap(query(name, type).toWire()));
            byte[] buffer = new byte[4096];
            java.net.DatagramPacket packet = new java.net.DatagramPacket(buffer, buffer.length);
            channel.socket().receive(packet);
            return text(new Message(ByteBuffer.wrap(buffer, 0, packet.getLength())));
          } catch (IOException e) {
            return "silence";
          }
        });
  }

  /** Of a server of this test, which may be late on a busy machine. */
  private static void awaitAnswer(Networking.Attached box, String name, String answer) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(ask(box, name)).isEqualTo(answer));
  }

  private static String askByTcp(Networking.Attached box, String name) {
    return PrivateHost.in(
        box.networkNamespace(),
        () -> {
          try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET)) {
            channel.socket().connect(new InetSocketAddress(NameService.ADDRESS, 53), ANSWER_MILLIS);
            byte[] wire = query(name, Type.A).toWire();
            channel.write(
                ByteBuffer.allocate(2 + wire.length)
                    .putShort((short) wire.length)
                    .put(wire)
                    .flip());
            java.io.DataInputStream input =
                new java.io.DataInputStream(channel.socket().getInputStream());
            return text(new Message(input.readNBytes(input.readUnsignedShort())));
          }
        });
  }

  private static String text(Message message) {
    List<Record> records = message.getSection(Section.ANSWER);
    return records.isEmpty()
        ? Rcode.string(message.getRcode())
        : String.join(" ", records.stream().map(Record::rdataToString).toList());
  }

  @Test
  void neighboursAreFoundByNameAlsoWhereThereIsNoWayOut() throws Exception {
    List.of(BLUE, RED, INNER, SIX).forEach(networking::ensureNetwork);
    Networking.Attached a = box("a", on(BLUE, "eth0", "10.90.0.2/24", "a"));
    Networking.Attached b =
        box(
            "b",
            on(BLUE, "eth0", "10.90.0.3/24", "b"),
            on(INNER, "eth1", "10.92.0.2/24", "b.inner"));
    Networking.Attached c = box("c", on(RED, "eth0", "10.91.0.2/24", "c"));
    Networking.Attached d = box("d", on(INNER, "eth0", "10.92.0.3/24", "d"));
    Networking.Attached e = box("e", on(SIX, "eth0", "fd00:93::2/64", "e"));

    assertThat(ask(a, "b")).isEqualTo("10.90.0.3");
    assertThat(ask(b, "d")).isEqualTo("10.92.0.3");
    assertThat(ask(d, "b.inner")).isEqualTo("10.92.0.2");
    assertThat(askByTcp(d, "b.inner")).isEqualTo("10.92.0.2");
    assertThat(ask(c, "a")).isEqualTo("NXDOMAIN");
    assertThat(ask(d, "example.org")).isEqualTo("REFUSED");
    assertThat(ask(e, NameService.ADDRESS6, "e", Type.AAAA, ANSWER_MILLIS))
        .isEqualTo("fd00:93:0:0:0:0:0:2");

    running.remove("b");
    assertThat(ask(a, "b")).isEqualTo("NXDOMAIN");
    networking.detach("c");
    assertThat(networking.networks().stream().flatMap(n -> n.drift().stream())).isEmpty();
  }

  private static NetworkSpec beside(String id, String subnet, String gateway) {
    return new NetworkSpec(
        id,
        List.of(subnet),
        List.of(gateway),
        false,
        0,
        false,
        new NetworkSpec.Uplink(NetworkSpec.Mode.MACVLAN_PRIVATE, "wan0"));
  }

  /** Over an interface that leads to the resolver and to nobody else. */
  @Test
  void whoIsOnlyBesideTheMachineHasNamesToo() throws Exception {
    NetworkSpec lan = beside("lan", "192.0.2.0/24", "192.0.2.2/24");
    NetworkSpec lan6 = beside("lan6", "2001:db8:7::/64", "2001:db8:7::1/64");
    List.of(lan, lan6, BLUE).forEach(networking::ensureNetwork);
    Networking.Attached a = box("a", on(lan, "eth0", "192.0.2.50/24", "a"));
    Networking.Attached b = box("b", on(lan, "eth0", "192.0.2.51/24", "b"));
    Networking.Attached six = box("six", on(lan6, "eth0", "2001:db8:7::50/64", "six"));
    box("c", on(BLUE, "eth0", "10.90.0.2/24", "c"));
    assertThat(ask(a, "b")).isEqualTo("192.0.2.51");
    assertThat(askByTcp(a, "b")).isEqualTo("192.0.2.51");
    assertThat(ask(a, "c")).isEqualTo("NXDOMAIN");
    assertThat(ask(six, NameService.ADDRESS6, "six", Type.AAAA, ANSWER_MILLIS))
        .isEqualTo("2001:db8:7:0:0:0:0:50");
    try (DatagramChannel server = nameServer(PrivateHost.OUTSIDE_ADDRESS)) {
      Thread.ofPlatform().daemon().start(() -> answerAll(server, Rcode.NOERROR));
      awaitAnswer(a, "example.org", "203.0.113.7");
    }

    Names names = new Names(INSTANCE);
    String bridge = names.bridge("lan");
    host.serve(host.host, 8080);
    String local = PrivateHost.sh(host.host, "ip -6 -o address show scope link dev " + bridge);
    String scoped = local.replaceFirst("(?s).*inet6 ([^/]*)/.*", "$1") + "%names0";
    assertThat(PrivateHost.glance(a.networkNamespace(), scoped, 8080)).isEqualTo("unreachable");
    host.serve(b.networkNamespace(), 8080);
    PrivateHost.sh(a.networkNamespace(), "ip route add 192.0.2.51/32 dev names0");
    PrivateHost.sh(b.networkNamespace(), "ip route add 192.0.2.50/32 dev names0");
    assertThat(PrivateHost.glance(a.networkNamespace(), "192.0.2.51", 8080))
        .isEqualTo("unreachable");

    networking.close();
    networking = networking();
    networking.adopt(
        new Networking.Known(
            List.of(lan, lan6, BLUE), List.of(a, b, six), List.of(), List.of(), List.of()));
    assertThat(ask(a, "b")).isEqualTo("192.0.2.51");
    PrivateHost.sh(a.networkNamespace(), "ip link del names0");
    assertThat(networking.attachments(a.sandbox(), a.networkNamespace()))
        .flatExtracting(Observed.Attachment::drift)
        .containsExactly("veth missing");
    networking.attach(a.sandbox(), a.networkNamespace());
    awaitAnswer(a, "b", "192.0.2.51");
    PrivateHost.sh(host.host, "ip link del " + bridge);
    assertThat(networking.networks())
        .flatExtracting(Observed.Network::drift)
        .contains("bridge missing");
    networking.ensureNetwork(lan);
    networking.attach(b.sandbox(), b.networkNamespace());
    awaitAnswer(b, "b", "192.0.2.51");

    List.of("a", "b", "c", "six").forEach(networking::detach);
    List.of("lan", "lan6", "blue").forEach(networking::removeNetwork);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(PrivateHost.linkNames(host.host)).containsExactly("lo", "wan0"));
  }

  /** Each is on one network of ten and finds the others there, and nobody else. */
  @Test
  void aHundredOnTenNetworksFindWhoIsOnTheirsWithinMilliseconds() throws Exception {
    List<List<Networking.Attached>> boxes = new ArrayList<>();
    for (int n = 0; n < 10; n++) {
      String subnet = "10.90." + n + ".";
      NetworkSpec network =
          new NetworkSpec(
              "n" + n, List.of(subnet + "0/24"), List.of(subnet + "1/24"), n % 2 == 0, 0);
      networking.ensureNetwork(network);
      List<Networking.Attached> here = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        String name = "b" + n + i;
        here.add(box(name, on(network, "eth0", subnet + (2 + i) + "/24", name)));
      }
      boxes.add(here);
    }
    List<Long> nanos = new ArrayList<>();
    for (int n = 0; n < 10; n++) {
      Networking.Attached asker = boxes.get(n).get(n);
      for (int i = 0; i < 10; i++) {
        long begin = System.nanoTime();
        assertThat(ask(asker, "b" + n + i)).isEqualTo("10.90." + n + "." + (2 + i));
        nanos.add(System.nanoTime() - begin);
        String elsewhere = "b" + (n + 1) % 10 + i;
        assertThat(ask(asker, elsewhere))
            .as(elsewhere + " from network " + n)
            .isEqualTo("NXDOMAIN");
      }
    }
    nanos.sort(null);
    // with the time to enter a namespace and leave it; bench/names has the figures
    assertThat(Duration.ofNanos(nanos.get(nanos.size() / 2))).isLessThan(Duration.ofMillis(250));
  }

  @Test
  void theResolverIsNoWayFromOneNetworkToAnother() throws Exception {
    networking.ensureNetwork(BLUE);
    networking.ensureNetwork(RED);
    Networking.Attached a = box("a", on(BLUE, "eth0", "10.90.0.2/24", "a"));
    Networking.Attached c = box("c", on(RED, "eth0", "10.91.0.2/24", "c"));
    host.serve(c.networkNamespace(), 8080);
    PrivateHost.sh(
        a.networkNamespace(), "ip route add 10.91.0.0/24 via " + NameService.ADDRESS + " dev eth0");
    PrivateHost.sh(
        c.networkNamespace(), "ip route add 10.90.0.0/24 via " + NameService.ADDRESS + " dev eth0");
    assertThat(PrivateHost.glance(a.networkNamespace(), "10.91.0.2", 8080))
        .isEqualTo("unreachable");
  }

  @Test
  void aHostThatDropsAllInputStillHasNames() throws Exception {
    networking.ensureNetwork(BLUE);
    Networking.Attached a = box("a", on(BLUE, "eth0", "10.90.0.2/24", "a"));
    PrivateHost.sh(
        host.host,
        "nft add table inet strict; nft 'add chain inet strict input"
            + " { type filter hook input priority 0; policy drop; }'");
    assertThat(ask(a, "a")).isEqualTo("10.90.0.2");
  }

  @Test
  void otherNamesAreAskedOfTheHostsServers() throws Exception {
    networking.ensureNetwork(BLUE);
    Networking.Attached a = box("a", on(BLUE, "eth0", "10.90.0.2/24", "a"));
    assertThat(ask(a, "example.org")).isEqualTo("SERVFAIL");
    try (DatagramChannel server =
        PrivateHost.in(
            host.outside,
            () ->
                DatagramChannel.open(StandardProtocolFamily.INET)
                    .bind(new InetSocketAddress(53)))) {
      Thread.ofPlatform().daemon().start(() -> answerAll(server, Rcode.NOERROR));
      awaitAnswer(a, "example.org", "203.0.113.7");
      awaitAnswer(a, "nobody", "NXDOMAIN");
    }
  }

  @Test
  void aServerThatRefusesIsNoAnswerWhereAnotherKnows() throws Exception {
    networking.ensureNetwork(BLUE);
    Networking.Attached a = box("a", on(BLUE, "eth0", "10.90.0.2/24", "a"));
    try (DatagramChannel refusing = nameServer(PrivateHost.OUTSIDE_ADDRESS)) {
      Thread.ofPlatform().daemon().start(() -> answerAll(refusing, Rcode.REFUSED));
      awaitAnswer(a, "example.org", "REFUSED");
      try (DatagramChannel knowing = nameServer(PrivateHost.PRIVATE_ADDRESS)) {
        Thread.ofPlatform().daemon().start(() -> answerAll(knowing, Rcode.NOERROR));
        awaitAnswer(a, "example.org", "203.0.113.7");
      }
    }
  }

  private DatagramChannel nameServer(String address) {
    return PrivateHost.in(
        host.outside,
        () ->
            DatagramChannel.open(StandardProtocolFamily.INET)
                .bind(new InetSocketAddress(address, 53)));
  }

  private static void answerAll(DatagramChannel server, int rcode) {
    try {
      ByteBuffer buffer = ByteBuffer.allocate(512);
      while (true) {
        var from = server.receive(buffer.clear());
        Message query = new Message(buffer.flip());
        query.getHeader().setFlag(Flags.QR);
        query.getHeader().setRcode(rcode);
        if (rcode == Rcode.NOERROR) {
          query.addRecord(
              Record.fromString(
                  query.getQuestion().getName(), Type.A, DClass.IN, 60, "203.0.113.7", Name.root),
              Section.ANSWER);
        }
        server.send(ByteBuffer.wrap(query.toWire()), from);
      }
    } catch (IOException e) {
      return; // closed
    }
  }

  @Test
  void itComesBackWithTheNextProcessAndWhenItsInterfaceIsDeleted() throws Exception {
    networking.ensureNetwork(BLUE);
    Networking.Attached a = box("a", on(BLUE, "eth0", "10.90.0.2/24", "a"));
    networking.close();
    networking = networking();
    networking.adopt(
        new Networking.Known(List.of(BLUE), List.of(a), List.of(), List.of(), List.of()));
    assertThat(ask(a, "a")).isEqualTo("10.90.0.2");

    String port = new Names(INSTANCE).veth(ResolverLinks.OWNER, BLUE.id());
    PrivateHost.sh(host.host, "ip link del " + port);
    assertThat(ask(a, NameService.ADDRESS, "a", Type.A, SILENCE_MILLIS)).isEqualTo("silence");
    assertThat(networking.networks().getFirst().drift()).contains("resolver: veth missing");
    networking.ensureNetwork(BLUE);
    // a bridge's new port takes its first packets when the kernel has put it to work
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(ask(a, "a")).isEqualTo("10.90.0.2"));
    assertThat(networking.networks().getFirst().drift()).isEmpty();

    networking.detach("a");
    networking.removeNetwork(BLUE.id());
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(PrivateHost.linkNames(host.host)).containsExactly("lo", "wan0"));
  }
}
