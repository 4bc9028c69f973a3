package dev.jctl.shim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.network.Networking.Attached;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import dev.jctl.shim.spec.ServiceSpec;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetworkingPrivilegedIT {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String INSTANCE = "c0ffee00";
  private static final NetworkSpec BLUE =
      new NetworkSpec("blue", List.of("10.90.0.0/24"), List.of("10.90.0.1/24"), false, 0);
  private static final NetworkSpec RED =
      new NetworkSpec("red", List.of("10.91.0.0/24"), List.of("10.91.0.1/24"), false, 1400);
  private static final NetworkSpec SIX =
      new NetworkSpec("six", List.of("fd00:90::/64"), List.of("fd00:90::1/64"), false, 0);
  private static final NetworkSpec INNER =
      new NetworkSpec("inner", List.of("10.92.0.0/24"), List.of("10.92.0.1/24"), true, 0);

  private static final NetworkSpec DUAL =
      new NetworkSpec(
          "dual",
          List.of("10.94.0.0/24", "fd00:94::/64"),
          List.of("10.94.0.1/24", "fd00:94::1/64"),
          false,
          0);
  private static final List<String> DUAL_ADDRESSES = List.of("10.94.0.2/24", "fd00:94::2/64");

  private static final OciSpec.Resources NO_LIMITS =
      new OciSpec.Resources(List.of(), null, null, null, Map.of());

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
    networking = host.networking(INSTANCE);
  }

  @AfterEach
  void stop() throws Exception {
    try {
      networking.close();
    } finally {
      host.close();
    }
  }

  private record Box(SandboxSpec spec, Path namespace) {}

  private Box box(String id, NetworkAttachment... networks) throws IOException {
    SandboxSpec spec =
        new SandboxSpec(
            id,
            id,
            Set.of(),
            List.of(networks),
            SandboxSpec.Dns.OF_HOST,
            Map.of(),
            Map.of(),
            NO_LIMITS,
            Map.of());
    Box box = new Box(spec, host.namespace(id));
    networking.attach(spec, box.namespace());
    return box;
  }

  private static NetworkAttachment on(NetworkSpec network, String name, String address) {
    return new NetworkAttachment(network.id(), name, List.of(address), null, List.of());
  }

  private List<String> drift(Box box) {
    return networking.attachments(box.spec(), box.namespace()).stream()
        .flatMap(attachment -> attachment.drift().stream())
        .toList();
  }

  private static PortSpec tcp(Box box, String hostIp, int hostPort, String target) {
    return new PortSpec(box.spec().id(), "TCP", hostIp, hostPort, target, 8080, Exposure.WORLD);
  }

  @Test
  void neighboursReachEachOtherAndOtherNetworksDoNot() throws Exception {
    networking.ensureNetwork(BLUE);
    networking.ensureNetwork(RED);
    networking.ensureNetwork(INNER);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    Box b = box("b", on(BLUE, "eth0", "10.90.0.3/24"), on(INNER, "eth1", "10.92.0.2/24"));
    Box c = box("c", on(RED, "eth0", "10.91.0.2/24"));
    Box d = box("d", on(INNER, "eth0", "10.92.0.3/24"));
    for (Box box : List.of(a, b, c, d)) {
      host.serve(box.namespace(), 8080);
      assertThat(drift(box)).isEmpty();
    }
    host.serve(host.outside, 80);
    assertThat(PrivateHost.sh(a.namespace(), "ip link show eth0")).contains(" mtu 1500 ");
    assertThat(PrivateHost.sh(c.namespace(), "ip link show eth0")).contains(" mtu 1400 ");

    assertThat(PrivateHost.ask(a.namespace(), "10.90.0.3", 8080)).isEqualTo("10.90.0.2");
    assertThat(PrivateHost.ask(d.namespace(), "10.92.0.2", 8080)).isEqualTo("10.92.0.3");
    assertThat(PrivateHost.glance(a.namespace(), "10.91.0.2", 8080)).isEqualTo("unreachable");
    assertThat(PrivateHost.glance(c.namespace(), "10.90.0.2", 8080)).isEqualTo("unreachable");
    assertThat(PrivateHost.glance(a.namespace(), "10.92.0.3", 8080)).isEqualTo("unreachable");

    String out = PrivateHost.OUTSIDE_ADDRESS;
    assertThat(PrivateHost.ask(a.namespace(), out, 80)).isEqualTo(PrivateHost.HOST_ADDRESS);
    assertThat(PrivateHost.ask(c.namespace(), out, 80)).isEqualTo(PrivateHost.HOST_ADDRESS);
    assertThat(PrivateHost.glance(d.namespace(), out, 80)).isEqualTo("unreachable");
    assertThat(PrivateHost.glance(host.outside, "10.90.0.2", 8080)).isEqualTo("unreachable");
  }

  @Test
  void aSandboxIsConnectedAndDisconnectedWhileItRuns() throws Exception {
    networking.ensureNetwork(BLUE);
    networking.ensureNetwork(RED);
    NetworkAttachment blue = on(BLUE, "eth0", "10.90.0.2/24");
    Box a = box("a", blue);
    Box c = box("c", on(RED, "eth0", "10.91.0.2/24"));
    host.serve(c.namespace(), 8080);
    String kept = index(a, "eth0");
    List<String> before = PrivateHost.linkNames(host.host);

    Box both = reattached(a, blue, on(RED, "eth1", "10.91.0.3/24"));
    assertThat(drift(both)).isEmpty();
    assertThat(PrivateHost.ask(a.namespace(), "10.91.0.2", 8080)).isEqualTo("10.91.0.3");
    assertThat(index(a, "eth0")).isEqualTo(kept);
    Box moved = reattached(a, blue, on(RED, "eth1", "10.91.0.4/24"));
    assertThat(PrivateHost.ask(a.namespace(), "10.91.0.2", 8080)).isEqualTo("10.91.0.4");
    assertThat(PrivateHost.sh(a.namespace(), "ip -4 addr show eth1")).doesNotContain("10.91.0.3");
    assertThat(drift(moved)).isEmpty();
    reattached(a, blue);
    assertThat(PrivateHost.glance(a.namespace(), "10.91.0.2", 8080)).isEqualTo("unreachable");
    assertThat(PrivateHost.linkNames(host.host)).isEqualTo(before);

    // one that was killed between its record and the kernel
    reattached(a, blue, on(RED, "eth1", "10.91.0.3/24"));
    networking.close();
    networking = host.networking("c0ffee00");
    networking.adopt(known(a, c));
    assertThat(PrivateHost.linkNames(host.host)).isEqualTo(before);

    reattached(a, on(BLUE, "eth0", "10.90.0.7/24"));
    networking.close();
    networking = host.networking("c0ffee00");
    networking.adopt(known(a, c));
    assertThat(drift(a)).contains("address 10.90.0.2/24 missing");
    assertThat(drift(reattached(a, blue))).isEmpty();
    assertThat(PrivateHost.sh(a.namespace(), "ip -4 addr show eth0"))
        .contains("10.90.0.2/24")
        .doesNotContain("10.90.0.7");
    assertThat(PrivateHost.linkNames(host.host)).isEqualTo(before);
  }

  /** The kernel's number of it; /sys has those of the namespace that it was mounted in. */
  private static String index(Box box, String link) {
    return PrivateHost.sh(box.namespace(), "ip -o link show " + link).replaceFirst("(?s):.*", "");
  }

  private static Networking.Known known(Box... boxes) {
    return new Networking.Known(
        List.of(BLUE, RED),
        Arrays.stream(boxes)
            .map(box -> new Networking.Attached(box.spec(), box.namespace()))
            .toList(),
        List.of(),
        List.of(),
        List.of());
  }

  private Box reattached(Box box, NetworkAttachment... networks) {
    SandboxSpec spec =
        new SandboxSpec(
            box.spec().id(),
            box.spec().hostname(),
            Set.of(),
            List.of(networks),
            SandboxSpec.Dns.OF_HOST,
            Map.of(),
            Map.of(),
            NO_LIMITS,
            Map.of());
    networking.attach(spec, box.namespace());
    return new Box(spec, box.namespace());
  }

  @Test
  void publishedPortsAreReachedFromEverywhere() throws Exception {
    networking.ensureNetwork(BLUE);
    networking.ensureNetwork(RED);
    networking.ensureNetwork(INNER);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    Box b = box("b", on(BLUE, "eth0", "10.90.0.3/24"));
    Box c = box("c", on(RED, "eth0", "10.91.0.2/24"));
    Box d = box("d", on(INNER, "eth0", "10.92.0.2/24"));
    host.serve(a.namespace(), 8080);
    host.serve(d.namespace(), 8080);
    networking.publishPorts("a", List.of(tcp(a, "0.0.0.0", 18080, "10.90.0.2")));
    networking.publishPorts("d", List.of(tcp(d, "127.0.0.1", 18081, "10.92.0.2")));
    assertThat(networking.ports().drift()).isEmpty();

    assertThat(PrivateHost.ask(host.host, "127.0.0.1", 18080)).isEqualTo("10.90.0.1");
    assertThat(PrivateHost.ask(host.host, PrivateHost.HOST_ADDRESS, 18080)).isEqualTo("10.90.0.1");
    assertThat(PrivateHost.ask(host.outside, PrivateHost.HOST_ADDRESS, 18080))
        .isEqualTo(PrivateHost.OUTSIDE_ADDRESS);
    for (Box box : List.of(a, b)) {
      assertThat(PrivateHost.ask(box.namespace(), "10.90.0.1", 18080)).isEqualTo("10.90.0.1");
    }
    assertThat(PrivateHost.ask(c.namespace(), PrivateHost.HOST_ADDRESS, 18080))
        .isEqualTo("10.90.0.1");

    assertThat(PrivateHost.ask(host.host, "127.0.0.1", 18081)).isEqualTo("10.92.0.1");
    assertThat(PrivateHost.glance(host.outside, PrivateHost.HOST_ADDRESS, 18081))
        .isEqualTo("unreachable");
    assertThat(PrivateHost.glance(d.namespace(), "10.92.0.1", 18080)).isEqualTo("unreachable");

    networking.publishPorts("a", List.of());
    assertThat(PrivateHost.glance(host.host, "127.0.0.1", 18080)).isEqualTo("unreachable");
  }

  /** An answer comes from the address that was asked, or it would not be taken. */
  @Test
  void datagramsArePublishedAlike() throws Exception {
    networking.ensureNetwork(DUAL);
    Box a = box("a", new NetworkAttachment("dual", "eth0", DUAL_ADDRESSES, null, List.of()));
    List<String> other = List.of("10.94.0.3/24", "fd00:94::3/64");
    Box b = box("b", new NetworkAttachment("dual", "eth0", other, null, List.of()));
    host.serveDatagrams(a.namespace(), 53);
    networking.publishPorts(
        "a",
        List.of(
            new PortSpec("a", "UDP", "0.0.0.0", 5353, "10.94.0.2", 53, Exposure.WORLD),
            new PortSpec("a", "UDP", "::", 5353, "fd00:94::2", 53, Exposure.WORLD)));
    String host4 = PrivateHost.HOST_ADDRESS;
    assertThat(PrivateHost.askDatagram(host.outside, host4, 5353))
        .isEqualTo(PrivateHost.OUTSIDE_ADDRESS);
    for (Box box : List.of(a, b)) {
      assertThat(PrivateHost.askDatagram(box.namespace(), host4, 5353)).isEqualTo("10.94.0.1");
    }
    assertThat(PrivateHost.askDatagram(host.host, "127.0.0.1", 5353)).isEqualTo("10.94.0.1");
    assertThat(PrivateHost.askDatagram(host.host, "::1", 5353)).isEqualTo("fd00:94:0:0:0:0:0:1");
    assertThat(networking.ports().drift()).isEmpty();
  }

  /** Each talker's socket stays the same, and with it its flow. */
  @Test
  void datagramsOfAFlowThatGoesOnAreSentWhereTheRulesLeadNow() throws Exception {
    networking.ensureNetwork(DUAL);
    Box a = box("a", new NetworkAttachment("dual", "eth0", DUAL_ADDRESSES, null, List.of()));
    List<String> others = List.of("10.94.0.3/24", "fd00:94::3/64");
    Box b = box("b", new NetworkAttachment("dual", "eth0", others, null, List.of()));
    host.serveDatagrams(b.namespace(), 53);
    List<DatagramChannel> talkers =
        List.of(
            host.talker(host.outside, PrivateHost.HOST_ADDRESS, 5353),
            host.talker(host.outside, PrivateHost.HOST_ADDRESS6, 5353),
            host.talker(host.host, "127.0.0.1", 5353),
            host.talker(a.namespace(), "10.96.0.10", 53),
            host.talker(host.outside, PrivateHost.HOST_ADDRESS, 30053));
    assertThat(talkers).as("no rule yet").noneMatch(PrivateHost::isAnswered);
    datagramsTo(a, "10.94.0.2", "fd00:94::2");
    assertThat(talkers).as("nobody listens").noneMatch(PrivateHost::isAnswered);

    networking.publishPorts("a", List.of());
    datagramsTo(b, "10.94.0.3", "fd00:94::3");
    for (DatagramChannel talker : talkers) {
      await().atMost(LONG).until(() -> PrivateHost.isAnswered(talker));
    }
    // what has its place goes on when others come
    networking.ensureService(service("UDP", "10.94.0.2", "10.94.0.3"));
    assertThat(PrivateHost.isAnswered(talkers.get(3))).isTrue();
    networking.publishPorts("b", List.of());
    assertThat(talkers.subList(0, 3)).noneMatch(PrivateHost::isAnswered);
  }

  /** As after a kill between what is on disk and what the kernel knows. */
  @Test
  void datagramsGoNoMoreWhereTheRulesOfAnEarlierStartHaveLed() throws Exception {
    networking.ensureNetwork(DUAL);
    Box a = box("a", new NetworkAttachment("dual", "eth0", DUAL_ADDRESSES, null, List.of()));
    host.serveDatagrams(a.namespace(), 53);
    datagramsTo(a, "10.94.0.2", "fd00:94::2");
    List<DatagramChannel> talkers =
        List.of(
            host.talker(host.outside, PrivateHost.HOST_ADDRESS, 5353),
            host.talker(host.outside, PrivateHost.HOST_ADDRESS6, 5353),
            host.talker(host.outside, PrivateHost.HOST_ADDRESS, 30053));
    for (DatagramChannel talker : talkers) {
      await().atMost(LONG).until(() -> PrivateHost.isAnswered(talker));
    }
    ServiceSpec kept = service("UDP", "10.94.0.2");
    networking.close();
    networking = host.networking(INSTANCE);
    networking.adopt(
        new Networking.Known(
            List.of(DUAL),
            List.of(new Networking.Attached(a.spec(), a.namespace())),
            List.of(),
            List.of(kept),
            List.of()));
    assertThat(talkers.subList(0, 2)).noneMatch(PrivateHost::isAnswered);
    assertThat(PrivateHost.isAnswered(talkers.get(2))).as("still led there").isTrue();
  }

  private void datagramsTo(Box box, String ip, String ip6) {
    String id = box.spec().id();
    networking.publishPorts(
        id,
        List.of(
            new PortSpec(id, "UDP", "0.0.0.0", 5353, ip, 53, Exposure.WORLD),
            new PortSpec(id, "UDP", "::", 5353, ip6, 53, Exposure.WORLD)));
    networking.ensureService(service("UDP", ip));
  }

  private static ServiceSpec service(String protocol, String... targets) {
    List<ServiceSpec.Target> all =
        Arrays.stream(targets).map(ip -> new ServiceSpec.Target(ip, 53)).toList();
    return new ServiceSpec(
        "ns.names",
        "names.ns.svc.cluster.local",
        List.of(),
        List.of("10.96.0.10"),
        List.of(new ServiceSpec.Port("", protocol, 53, 30053, all)),
        List.of(),
        null,
        0,
        Exposure.WORLD,
        List.of(),
        null);
  }

  @Test
  void containersDoNotReachWhatListensOnTheHostsLoopback() throws Exception {
    networking.ensureNetwork(BLUE);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    host.serve(host.host, 9000);
    PrivateHost.sh(
        a.namespace(), "ip link set lo down; ip route add 127.0.0.1 via 10.90.0.1 dev eth0");
    PrivateHost.sh(a.namespace(), "sysctl -qw net.ipv4.conf.all.route_localnet=1");

    assertThat(PrivateHost.glance(a.namespace(), "127.0.0.1", 9000)).isEqualTo("unreachable");
    assertThat(PrivateHost.ask(a.namespace(), "10.90.0.1", 9000)).isEqualTo("10.90.0.2");

    networking.ensureNetwork(SIX);
    Box b = box("b", on(SIX, "eth0", "fd00:90::2/64"));
    PrivateHost.sh(
        b.namespace(),
        "ip -6 address del ::1/128 dev lo; ip link set lo down;"
            + " ip -6 route add ::1 via fd00:90::1 dev eth0");
    assertThat(PrivateHost.glance(b.namespace(), "::1", 9000)).isEqualTo("unreachable");
    assertThat(PrivateHost.ask(b.namespace(), "fd00:90::1", 9000)).startsWith("fd00:90:");
  }

  @Test
  void aPortOfTheMachineIsAServicesOrAContainersWhoeverCameFirst() throws Exception {
    networking.ensureNetwork(BLUE);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    List<PortSpec> published = List.of(tcp(a, "127.0.0.1", 30080, "10.90.0.2"));
    ServiceSpec service = nodePorts("ns.web", 30080);
    networking.publishPorts("a", published);
    assertThat(networking.ensureService(service))
        .containsExactly("node port tcp 0.0.0.0:30080: sandbox a has it");
    assertThat(networking.services()).containsExactly(nodePorts("ns.web", 0));

    networking.publishPorts("a", List.of());
    assertThat(networking.ensureService(service)).isEmpty();
    refusesAsTaken(
        () -> networking.publishPorts("a", published),
        "publish port tcp 127.0.0.1:30080: service ns.web has it");
    assertThat(networking.ensureService(nodePorts("ns.other", 30080)))
        .containsExactly("node port tcp 0.0.0.0:30080: service ns.web has it");
    networking.removeService("ns.web");
    networking.publishPorts("a", published);
  }

  @Test
  void aNodePortIsHeldAndOneThatAProcessHasIsLeftToItWhileTheOthersWork() throws Exception {
    networking.ensureNetwork(BLUE);
    host.serve(box("a", on(BLUE, "eth0", "10.90.0.2/24")).namespace(), 8080);
    Closeable process = host.serve(host.host, 30081);
    ServiceSpec service = nodePorts("ns.web", 30080, 30081);
    String taken = "node port tcp 0.0.0.0:30081: a process of the host listens there";
    assertThat(networking.ensureService(service)).containsExactly(taken);
    assertThat(PrivateHost.ask(host.host, "127.0.0.1", 30080)).isEqualTo("10.90.0.1");
    assertThat(PrivateHost.ask(host.host, "127.0.0.1", 30081)).isEqualTo("127.0.0.1");
    assertThatThrownBy(() -> host.serve(host.host, 30080))
        .hasRootCauseInstanceOf(BindException.class);

    process.close();
    assertThat(networking.ensureService(service)).isEmpty();
    assertThat(PrivateHost.ask(host.host, "127.0.0.1", 30081)).isEqualTo("10.90.0.1");

    networking.close();
    host.serve(host.host, 30081);
    networking = host.networking(INSTANCE);
    networking.adopt(
        new Networking.Known(List.of(BLUE), List.of(), List.of(), List.of(service), List.of()));
    assertThat(networking.services()).containsExactly(nodePorts("ns.web", 30080, 0));
    assertThat(PrivateHost.ask(host.host, "127.0.0.1", 30081)).isEqualTo("127.0.0.1");
    assertThat(networking.ensureService(service)).containsExactly(taken);

    networking.removeService("ns.web");
    host.serve(host.host, 30080);
  }

  private static void refusesAsTaken(ThrowingCallable change, String message) {
    assertThatThrownBy(change)
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.PORT_TAKEN))
        .hasMessage(message);
  }

  /** Of a port each, from 80 on; 0 for none. */
  private static ServiceSpec nodePorts(String id, int... nodePorts) {
    List<ServiceSpec.Target> targets = List.of(new ServiceSpec.Target("10.90.0.2", 8080));
    List<ServiceSpec.Port> ports = new ArrayList<>();
    for (int nodePort : nodePorts) {
      ports.add(new ServiceSpec.Port("", "TCP", 80 + ports.size(), nodePort, targets));
    }
    return new ServiceSpec(
        id,
        id + ".svc.cluster.local",
        List.of(),
        List.of("10.96.0." + id.length()),
        ports,
        List.of(),
        null,
        0,
        Exposure.LOCALHOST,
        List.of(),
        null);
  }

  @Test
  void aPortThatIsTakenIsRefusedWithItsOwner() throws Exception {
    networking.ensureNetwork(BLUE);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    Box b = box("b", on(BLUE, "eth0", "10.90.0.3/24"));
    networking.publishPorts("a", List.of(tcp(a, "0.0.0.0", 18080, "10.90.0.2")));

    refusesAsTaken(
        () -> networking.publishPorts("b", List.of(tcp(b, "127.0.0.1", 18080, "10.90.0.3"))),
        "publish port tcp 127.0.0.1:18080: sandbox a has it");
    assertThatThrownBy(() -> host.serve(host.host, 18080))
        .hasRootCauseInstanceOf(BindException.class);
    host.serve(host.host, 18081);
    assertThatThrownBy(
            () ->
                networking.publishPorts(
                    "b",
                    List.of(
                        tcp(b, "0.0.0.0", 18082, "10.90.0.3"),
                        tcp(b, "0.0.0.0", 18081, "10.90.0.3"))))
        .hasMessage("publish port tcp 0.0.0.0:18081: a process of the host listens there");
    assertThatThrownBy(
            () -> networking.publishPorts("b", List.of(tcp(b, "198.51.100.9", 80, "10.90.0.3"))))
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND))
        .hasMessageContaining("198.51.100.9 is not an address of this host");
    assertThat(networking.ports().ports()).extracting(PortSpec::hostPort).containsExactly(18080);
    networking.publishPorts("a", List.of());
    host.serve(host.host, 18082);
    host.serve(host.host, 18080);
  }

  /** Nothing in the sandbox could listen there. */
  @Test
  void sctpIsPublishedWhereTheKernelHasIt() throws Exception {
    networking.ensureNetwork(BLUE);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    PortSpec web = tcp(a, "0.0.0.0", 18080, "10.90.0.2");
    PortSpec signals =
        new PortSpec("a", "SCTP", "0.0.0.0", 3868, "10.90.0.2", 3868, Exposure.WORLD);
    networking.publishPorts("a", List.of(web));
    List<PortSpec> both = List.of(web, signals);
    Throwable failure = catchThrowable(() -> networking.publishPorts("a", both));
    Throwable ofService =
        catchThrowable(() -> networking.ensureService(service("SCTP", "10.90.0.2")));
    // its module is loaded on demand
    if (Files.exists(Path.of("/proc/net/sctp"))) {
      assertThat(failure).isNull();
      assertThat(ofService).isNull();
      assertThat(networking.ports()).isEqualTo(new Observed.Ports(both, List.of(), List.of()));
      return;
    }
    assertThat(failure)
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
        .hasMessage(
            "publish port sctp 0.0.0.0:3868: this kernel has no sctp: load the module (modprobe"
                + " sctp), or use a kernel built with it");
    assertThat(ofService)
        .hasMessageStartingWith("service ns.names: this kernel has no sctp: load the module");
    assertThat(networking.ports())
        .isEqualTo(new Observed.Ports(List.of(web), List.of(), List.of()));
  }

  @Test
  void tcpInLargePacketsArrivesAtNeighboursAndOutside() throws Exception {
    networking.ensureNetwork(BLUE);
    networking.ensureNetwork(INNER);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"), on(INNER, "eth1", "10.92.0.2/24"));
    Box b = box("b", on(BLUE, "eth0", "10.90.0.3/24"));
    assertThat(gso(a, "eth0")).isEqualTo(64 * 1024);
    assertThat(gso(a, "eth1")).as("of an internal network").isEqualTo(192 * 1024);

    networking.ensureNetwork(
        new NetworkSpec("blue", BLUE.subnets(), BLUE.gateways(), false, 0, true, null));
    assertThat(gso(a, "eth0")).as("of one that is there").isEqualTo(192 * 1024);
    PrivateHost.sh(a.namespace(), "ip link set eth0 gso_max_size 65536");
    assertThat(drift(a)).containsExactly("gso_max_size is 65536");
    networking.attach(a.spec(), a.namespace());
    assertThat(drift(a)).isEmpty();
    byte[] sent = new byte[16 << 20];
    ThreadLocalRandom.current().nextBytes(sent);
    assertThat(carried(sent, a.namespace(), b.namespace(), "10.90.0.3")).isEqualTo(sent);
    assertThat(carried(sent, a.namespace(), host.outside, PrivateHost.OUTSIDE_ADDRESS))
        .isEqualTo(sent);
  }

  private static int gso(Box box, String device) {
    String shown = PrivateHost.sh(box.namespace(), "ip -d link show " + device);
    return Integer.parseInt(shown.replaceAll("(?s).*gso_max_size (\\d+).*", "$1"));
  }

  private static byte[] carried(byte[] content, Path from, Path to, String address)
      throws Exception {
    InetAddress target = InetAddress.ofLiteral(address);
    try (ServerSocket server = PrivateHost.in(to, () -> new ServerSocket(9000, 1, target))) {
      Socket client = PrivateHost.in(from, () -> new Socket(target, 9000));
      try (client;
          Socket accepted = server.accept()) {
        Thread writer =
            Thread.startVirtualThread(
                () -> {
                  try (client) {
                    client.getOutputStream().write(content);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
        accepted.setSoTimeout((int) LONG.toMillis());
        byte[] arrived = accepted.getInputStream().readAllBytes();
        writer.join();
        return arrived;
      }
    }
  }

  @Test
  void overlappingSubnetsAreRefusedWithTheirOwner() throws Exception {
    networking.ensureNetwork(BLUE);
    NetworkSpec wide =
        new NetworkSpec("wide", List.of("10.90.0.0/16"), List.of("10.90.0.1/16"), false, 0);
    NetworkSpec wan =
        new NetworkSpec("wan", List.of("192.0.2.128/25"), List.of("192.0.2.129/25"), false, 0);

    assertThatThrownBy(() -> networking.ensureNetwork(wide))
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.SUBNET_TAKEN))
        .hasMessageContaining("10.90.0.0/16 overlaps 10.90.0.0/24 (network blue)");
    assertThatThrownBy(() -> networking.ensureNetwork(wan)).hasMessageContaining("wan0");
    assertThat(networking.networks()).extracting(n -> n.spec().id()).containsExactly("blue");
    networking.ensureNetwork(BLUE);
  }

  @Test
  void aNetworkInUseIsNotRemoved() throws Exception {
    networking.ensureNetwork(BLUE);
    box("a", on(BLUE, "eth0", "10.90.0.2/24"));

    assertThatThrownBy(() -> networking.removeNetwork("blue"))
        .isInstanceOfSatisfying(
            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.IN_USE))
        .hasMessageContaining("used by a");
    networking.detach("a");
    networking.removeNetwork("blue");
    networking.removeNetwork("blue");
    assertThat(PrivateHost.linkNames(host.host)).containsExactly("lo", "wan0");
    assertThat(PrivateHost.sh(host.host, "nft list tables")).isEmpty();
  }

  @Test
  void whatOthersBreakIsReportedAndRepaired() throws Exception {
    List<RuntimeEvent> events = new CopyOnWriteArrayList<>();
    networking.ensureNetwork(BLUE);
    networking.onDrift(events::add);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    Box b = box("b", on(BLUE, "eth0", "10.90.0.3/24"));
    host.serve(a.namespace(), 8080);
    networking.publishPorts("a", List.of(tcp(a, "0.0.0.0", 18080, "10.90.0.2")));

    List<Breakage> breakages =
        List.of(
            new Breakage(a.namespace(), "ip link del eth0", "veth missing"),
            new Breakage(
                a.namespace(), "ip address flush dev eth0", "address 10.90.0.2/24 missing"),
            new Breakage(a.namespace(), "ip route del default", "route to 0.0.0.0/0 missing"),
            new Breakage(a.namespace(), "ip link set eth0 down", "link down"));
    for (Breakage breakage : breakages) {
      events.clear();
      PrivateHost.sh(breakage.where(), breakage.command());
      await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.SandboxChanged("a")));
      assertThat(drift(a)).contains(breakage.words());
      networking.attach(a.spec(), a.namespace());
      assertThat(drift(a)).isEmpty();
      assertThat(PrivateHost.ask(b.namespace(), "10.90.0.2", 8080)).isEqualTo("10.90.0.3");
    }
    assertThat(events).doesNotContain(new RuntimeEvent.SandboxChanged("b"));

    events.clear();
    String bridge = networking.networks().getFirst().device();
    PrivateHost.sh(host.host, "ip link del " + bridge);
    assertThat(networking.networks().getFirst().drift()).contains("bridge missing");
    await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.NetworksChanged()));
    await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.SandboxChanged("b")));
    networking.ensureNetwork(BLUE);
    networking.attach(a.spec(), a.namespace());
    networking.attach(b.spec(), b.namespace());
    assertThat(PrivateHost.ask(b.namespace(), "10.90.0.2", 8080)).isEqualTo("10.90.0.3");

    for (String command : List.of("flush table", "delete table")) {
      events.clear();
      PrivateHost.sh(host.host, "nft " + command + " inet jctl_" + INSTANCE);
      assertThat(networking.ports().drift()).isNotEmpty();
      await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.NetworksChanged()));
      networking.repairPorts();
      assertThat(networking.ports().drift()).isEmpty();
      assertThat(PrivateHost.ask(host.host, "127.0.0.1", 18080)).isEqualTo("10.90.0.1");
    }
    PrivateHost.sh(host.host, "nft flush map inet jctl_" + INSTANCE + " any4");
    assertThat(networking.ports().drift())
        .containsExactly("element missing in any4: tcp . 18080 : 10.90.0.2 . 8080");
  }

  @Test
  void whatAChangePutsBackBeforeAnybodyLooksIsToldAllTheSame() throws Exception {
    List<RuntimeEvent> events = new CopyOnWriteArrayList<>();
    networking.ensureNetwork(BLUE);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    host.serve(a.namespace(), 8080);
    PortSpec first = tcp(a, "0.0.0.0", 18080, "10.90.0.2");
    networking.publishPorts("a", List.of(first));

    PrivateHost.sh(host.host, "nft delete table inet jctl_" + INSTANCE);
    networking.publishPorts("a", List.of(first, tcp(a, "0.0.0.0", 18081, "10.90.0.2")));
    assertThat(networking.ports().drift()).isEmpty();
    assertThat(networking.ports().repaired())
        .containsExactly("table inet jctl_" + INSTANCE + " missing");
    assertThat(PrivateHost.ask(host.host, "127.0.0.1", 18081)).isEqualTo("10.90.0.1");
    networking.repairPorts();
    assertThat(networking.ports().changed()).isEmpty();

    networking.onDrift(events::add);
    PrivateHost.sh(host.host, "ip link del " + networking.networks().getFirst().device());
    PrivateHost.sh(host.host, "nft flush ruleset");
    Box b = box("b", on(BLUE, "eth0", "10.90.0.3/24"));
    networking.publishPorts("b", List.of(tcp(b, "0.0.0.0", 18082, "10.90.0.3")));
    await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.NetworksChanged()));
    Observed.Network blue = networking.networks().getFirst();
    assertThat(blue.drift()).isEmpty();
    assertThat(blue.repaired()).containsExactly("bridge missing");
    assertThat(networking.ports().repaired()).isNotEmpty();
    networking.ensureNetwork(BLUE);
    assertThat(networking.networks().getFirst().changed()).isEmpty();
  }

  private static NetworkSpec shared(String id, NetworkSpec.Mode mode, String parent) {
    return new NetworkSpec(
        id,
        List.of("192.0.2.0/24"),
        List.of("192.0.2.2/24"),
        false,
        0,
        false,
        new NetworkSpec.Uplink(mode, parent));
  }

  @Test
  void sandboxesAreBesideTheMachineOnItsOwnNetwork() throws Exception {
    NetworkSpec lan = shared("lan", NetworkSpec.Mode.MACVLAN_BRIDGE, "wan0");
    networking.ensureNetwork(lan);
    networking.ensureNetwork(BLUE);
    assertThat(PrivateHost.linkNames(host.host)).filteredOn(l -> l.startsWith("jv")).hasSize(2);
    Box a = box("a", on(lan, "eth0", "192.0.2.50/24"));
    Box b = box("b", on(BLUE, "eth0", "10.90.0.3/24"), on(lan, "eth1", "192.0.2.51/24"));
    host.serve(host.outside, 80);
    host.serve(b.namespace(), 8080);
    assertThat(drift(a)).isEmpty();
    assertThat(drift(b)).isEmpty();
    assertThat(PrivateHost.ask(a.namespace(), PrivateHost.OUTSIDE_ADDRESS, 80))
        .isEqualTo("192.0.2.50");
    assertThat(PrivateHost.ask(a.namespace(), "192.0.2.51", 8080)).isEqualTo("192.0.2.50");
    assertThat(PrivateHost.ask(host.outside, "192.0.2.51", 8080))
        .isEqualTo(PrivateHost.OUTSIDE_ADDRESS);
    assertThat(PrivateHost.sh(a.namespace(), "ip route show default")).contains("via 192.0.2.2");
    assertThatThrownBy(() -> networking.removeNetwork("lan"))
        .hasMessageContaining("network lan is used by a, b");

    List<RuntimeEvent> events = new CopyOnWriteArrayList<>();
    networking.onDrift(events::add);
    PrivateHost.sh(a.namespace(), "ip link del eth0");
    await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.SandboxChanged("a")));
    assertThat(drift(a)).containsExactly("macvlan missing");
    networking.attach(a.spec(), a.namespace());
    assertThat(PrivateHost.ask(a.namespace(), "192.0.2.51", 8080)).isEqualTo("192.0.2.50");

    networking.close();
    networking = host.networking(INSTANCE);
    networking.adopt(
        new Networking.Known(
            List.of(BLUE, lan),
            List.of(new Attached(a.spec(), a.namespace()), new Attached(b.spec(), b.namespace())),
            List.of(),
            List.of(),
            List.of()));
    assertThat(drift(a)).isEmpty();
    networking.onDrift(events::add);
    events.clear();
    PrivateHost.sh(a.namespace(), "ip link set eth0 down");
    await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.SandboxChanged("a")));

    SandboxSpec without = box(b.spec(), on(BLUE, "eth0", "10.90.0.3/24"));
    networking.attach(without, b.namespace());
    assertThat(PrivateHost.linkNames(b.namespace())).doesNotContain("eth1").contains("eth0");
    networking.detach("a");
    networking.removeNetwork("lan");
  }

  private static SandboxSpec box(SandboxSpec like, NetworkAttachment... networks) {
    return new SandboxSpec(
        like.id(),
        like.hostname(),
        like.hostNamespaces(),
        List.of(networks),
        like.dns(),
        like.hosts(),
        like.sysctls(),
        like.resources(),
        like.labels());
  }

  @Test
  void aDeviceThatIsMissingOrThatTheKernelCannotMakeIsSaidAtOnce() throws Exception {
    assertThatThrownBy(
            () -> networking.ensureNetwork(shared("lan", NetworkSpec.Mode.MACVLAN_BRIDGE, "eth77")))
        .hasMessageContaining("the machine has no device eth77; make it, or name another")
        .extracting(e -> ((RuntimeFailure) e).reason())
        .isEqualTo(Reason.NOT_FOUND);
    List<String> before = PrivateHost.linkNames(host.host);
    PrivateHost.sh(host.host, "ip link add cable0 type veth peer name cable1");
    NetworkSpec lan = shared("lan", NetworkSpec.Mode.MACVLAN_BRIDGE, "cable0");
    networking.ensureNetwork(lan);
    List<RuntimeEvent> events = new CopyOnWriteArrayList<>();
    networking.onDrift(events::add);
    PrivateHost.sh(host.host, "ip link del cable0");
    await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.NetworksChanged()));
    assertThat(networking.networks().getFirst().drift()).containsExactly("device cable0 missing");
    networking.removeNetwork("lan");
    assertThat(PrivateHost.linkNames(host.host)).isEqualTo(before);

    NetworkSpec ipvlan = shared("ip", NetworkSpec.Mode.IPVLAN_L2, "wan0");
    try {
      networking.ensureNetwork(ipvlan);
      Box a = box("a", on(ipvlan, "eth0", "192.0.2.50/24"));
      host.serve(host.outside, 80);
      assertThat(PrivateHost.ask(a.namespace(), PrivateHost.OUTSIDE_ADDRESS, 80))
          .isEqualTo("192.0.2.50");
    } catch (RuntimeFailure e) {
      assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED);
      assertThat(e).hasMessageContaining("this kernel has no ipvlan: load the module");
    }
  }

  @Test
  void aDeviceThatOthersMadeIsLeftAlone() throws Exception {
    networking.ensureNetwork(BLUE);
    String bridge = networking.networks().getFirst().device();
    networking.removeNetwork("blue");
    PrivateHost.sh(host.host, "ip link add " + bridge + " type bridge");
    assertTaken(() -> networking.ensureNetwork(BLUE), bridge);
    assertThat(PrivateHost.linkNames(host.host)).contains(bridge);
    assertThat(PrivateHost.sh(host.host, "ip address show dev " + bridge)).doesNotContain("10.90");

    PrivateHost.sh(host.host, "ip link del " + bridge);
    networking.ensureNetwork(BLUE);
    PrivateHost.sh(
        host.host, "ip link del " + bridge + " && ip link add " + bridge + " type bridge");
    assertTaken(() -> box("a", on(BLUE, "eth0", "10.90.0.2/24")), bridge);
  }

  private static void assertTaken(ThrowingCallable work, String device) {
    assertThatThrownBy(work)
        .hasMessageContaining("another has made a device " + device + "; rename or delete that one")
        .extracting(e -> ((RuntimeFailure) e).reason())
        .isEqualTo(Reason.ALREADY_EXISTS);
  }

  @Test
  void rulesAreChangedHoweverManyFilesAreOpen() throws Exception {
    List<Closeable> open = new ArrayList<>();
    try {
      for (int i = 0; i < 1_100; i++) {
        open.add(Files.newInputStream(Path.of("/dev/null")));
      }
      networking.ensureNetwork(DUAL);
      Box a = box("a", new NetworkAttachment("dual", "eth0", DUAL_ADDRESSES, null, List.of()));
      networking.publishPorts("a", List.of(tcp(a, "0.0.0.0", 18080, "10.94.0.2")));
      assertThat(hostDrift()).isEmpty();
    } finally {
      for (Closeable one : open) {
        one.close();
      }
    }
  }

  private record Breakage(Path where, String command, String words) {}

  @Test
  void whatOthersBreakOnTheHostIsToldOfAndRepairedWithinSeconds() throws Exception {
    List<RuntimeEvent> events = new CopyOnWriteArrayList<>();
    networking.ensureNetwork(DUAL);
    networking.onDrift(events::add);
    Box a = box("a", new NetworkAttachment("dual", "eth0", DUAL_ADDRESSES, null, List.of()));
    host.serve(a.namespace(), 8080);
    networking.publishPorts("a", List.of(tcp(a, "0.0.0.0", 18080, "10.94.0.2")));
    String bridge = networking.networks().getFirst().device();
    String table = "inet jctl_" + INSTANCE;
    for (Breakage breakage :
        List.of(
            broken("ip address del 10.94.0.1/24 dev " + bridge, "address 10.94.0.1/24 missing"),
            broken("ip address add 10.99.0.1/24 dev " + bridge, "address 10.99.0.1/24 is not ours"),
            broken("ip route del 10.94.0.0/24", "no route to 10.94.0.0/24"),
            broken("ip -6 route del fd00:94::/64", "no route to fd00:94::/64"),
            broken("ip link set " + bridge + " down", "link down"),
            broken("ip link set " + bridge + " alias x", "alias is x"),
            broken("echo 0 > /proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward is off"),
            broken(
                "echo 0 > /proc/sys/net/ipv6/conf/all/forwarding",
                "net.ipv6.conf.all.forwarding is off"),
            broken(
                "echo 0 > /proc/sys/net/ipv4/conf/" + bridge + "/route_localnet",
                "net.ipv4.conf." + bridge + ".route_localnet is off"),
            broken("nft add rule " + table + " forward drop", "rule not ours in chain forward"),
            broken("nft flush chain " + table + " output", "rule missing in chain output"),
            broken("nft flush ruleset", "table " + table + " missing"))) {
      events.clear();
      PrivateHost.sh(breakage.where(), breakage.command());
      await()
          .alias(breakage.command())
          .atMost(LONG)
          .untilAsserted(() -> assertThat(events).contains(new RuntimeEvent.NetworksChanged()));
      assertThat(String.join("; ", hostDrift())).as(breakage.command()).contains(breakage.words());
      networking.ensureNetwork(DUAL);
      networking.repairPorts();
      networking.attach(a.spec(), a.namespace());
      assertThat(hostDrift()).as("after " + breakage.command()).isEmpty();
      assertThat(drift(a)).as("after " + breakage.command()).isEmpty();
      assertThat(PrivateHost.ask(host.host, "127.0.0.1", 18080)).isEqualTo("10.94.0.1");
    }
  }

  private Breakage broken(String command, String words) {
    return new Breakage(host.host, command, words);
  }

  private List<String> hostDrift() {
    List<String> drift = new ArrayList<>(networking.ports().drift());
    networking.networks().forEach(network -> drift.addAll(network.drift()));
    return drift;
  }

  @Test
  void aNewProcessTakesOverAndSweepsWhatHasNoOwner() throws Exception {
    networking.ensureNetwork(BLUE);
    networking.ensureNetwork(RED);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    Box gone = box("gone", on(RED, "eth0", "10.91.0.2/24"));
    host.serve(a.namespace(), 8080);
    PortSpec port = tcp(a, "0.0.0.0", 18080, "10.90.0.2");
    networking.publishPorts("a", List.of(port));
    networking.publishPorts("gone", List.of(tcp(gone, "0.0.0.0", 18081, "10.91.0.2")));
    String before = PrivateHost.sh(a.namespace(), "ip -o link");
    networking.close();

    startAgain(a, port);

    assertThat(PrivateHost.sh(a.namespace(), "ip -o link")).isEqualTo(before);
    assertThat(PrivateHost.linkNames(host.host)).hasSize(5);
    assertThat(networking.ports())
        .isEqualTo(new Observed.Ports(List.of(port), List.of(), List.of()));
    assertThat(networking.networks()).allSatisfy(n -> assertThat(n.drift()).isEmpty());
    assertThat(PrivateHost.ask(host.host, "127.0.0.1", 18080)).isEqualTo("10.90.0.1");
    assertThat(PrivateHost.glance(host.host, "127.0.0.1", 18081)).isEqualTo("unreachable");
  }

  /** With that sandbox on its network, and its port, as what ought to be. */
  private void startAgain(Box box, PortSpec port) {
    networking = host.networking(INSTANCE);
    networking.adopt(
        new Networking.Known(
            List.of(BLUE),
            List.of(new Attached(box.spec(), box.namespace())),
            List.of(port),
            List.of(),
            List.of()));
  }

  @Test
  void whatOthersTakeWhileThereIsNoProcessIsPutBackAtTheNextStartAndTold() throws Exception {
    networking.ensureNetwork(BLUE);
    Box a = box("a", on(BLUE, "eth0", "10.90.0.2/24"));
    PortSpec port = tcp(a, "0.0.0.0", 18080, "10.90.0.2");
    networking.publishPorts("a", List.of(port));
    String bridge = networking.networks().getFirst().device();
    networking.close();
    PrivateHost.sh(host.host, "ip link del " + bridge + " && nft flush table inet jctl_c0ffee00");

    startAgain(a, port);
    assertThat(networking.networks().getFirst().repaired()).containsExactly("bridge missing");
    assertThat(networking.networks().getFirst().drift()).isEmpty();
    assertThat(networking.ports().repaired())
        .anyMatch(text -> text.startsWith("rule missing in chain"));
    assertThat(networking.ports().drift()).isEmpty();
    networking.forgetRepaired();
    assertThat(networking.networks().getFirst().repaired()).isEmpty();
    assertThat(networking.ports().repaired()).isEmpty();
  }

  @Test
  void rulesThatServeNobodyGoWhenTheEngineEndsAndComeBackWithTheNextStart() throws Exception {
    ServiceSpec service = nodePorts("ns.web", 0);
    networking.ensureService(service);
    networking.ensureNetwork(BLUE);
    networking.releaseUnused();
    assertThat(PrivateHost.sh(host.host, "nft list tables")).contains(INSTANCE);
    networking.removeNetwork("blue");
    networking.releaseUnused();
    assertThat(PrivateHost.sh(host.host, "nft list tables")).isEmpty();
    networking.close();

    networking = host.networking(INSTANCE);
    networking.adopt(
        new Networking.Known(List.of(), List.of(), List.of(), List.of(service), List.of()));
    assertThat(networking.ports().changed()).isEmpty();
    assertThat(PrivateHost.sh(host.host, "nft list ruleset"))
        .contains(service.addresses().getFirst());
  }

  @Test
  void attachAndDetachLeaveNothing() throws Exception {
    networking.ensureNetwork(BLUE);
    networking.ensureNetwork(RED);
    List<String> before = PrivateHost.linkNames(host.host);
    for (int i = 0; i < 60; i++) {
      int number = i;
      Box box =
          box(
              "s" + number,
              on(BLUE, "eth0", "10.90.0." + (2 + number) + "/24"),
              on(RED, "eth1", "10.91.0." + (2 + number) + "/24"));
      networking.publishPorts(
          "s" + number, List.of(tcp(box, "0.0.0.0", 20000 + number, "10.90.0." + (2 + number))));
      assertThat(drift(box)).isEmpty();
      networking.publishPorts("s" + number, List.of());
      networking.detach("s" + number);
      host.removeNamespace(box.namespace());
    }
    assertThat(PrivateHost.linkNames(host.host)).isEqualTo(before);
    assertThat(networking.ports()).isEqualTo(new Observed.Ports(List.of(), List.of(), List.of()));
    networking.detach("never-there");
    List<String> left = new ArrayList<>();
    networking.networks().forEach(network -> left.addAll(network.drift()));
    assertThat(left).isEmpty();
  }

  @Test
  void anAttachmentThatFailsLeavesNothing() throws Exception {
    networking.ensureNetwork(BLUE);
    List<String> before = PrivateHost.linkNames(host.host);

    assertThatThrownBy(
            () ->
                box(
                    "a",
                    on(BLUE, "eth0", "10.90.0.2/24"),
                    on(BLUE, "a-name-longer-than-15", "10.90.0.3/24")))
        .isInstanceOf(RuntimeFailure.class);
    assertThatThrownBy(() -> box("b", on(RED, "eth0", "10.91.0.2/24")))
        .hasMessageContaining("no network red");
    assertThat(PrivateHost.linkNames(host.host)).isEqualTo(before);
  }

  @Test
  void whereIpv6IsSwitchedOffThatIsSaidAndTheOthersStay() throws Exception {
    networking.ensureNetwork(BLUE);
    List<String> before = PrivateHost.linkNames(host.host);
    PrivateHost.sh(host.host, "sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
    assertThatThrownBy(() -> networking.ensureNetwork(SIX))
        .hasMessageContaining("add address fd00:90::1/64: IPv6 is switched off: sysctl -w");
    assertThat(PrivateHost.linkNames(host.host)).isEqualTo(before);
    assertThat(networking.networks().getFirst().drift()).isEmpty();
  }

  @Test
  void ipv6NetworksWorkAlike() throws Exception {
    networking.ensureNetwork(SIX);
    Box a = box("a", on(SIX, "eth0", "fd00:90::2/64"));
    host.serve(a.namespace(), 8080);
    networking.publishPorts(
        "a",
        List.of(
            new PortSpec("a", "UDP", "::", 5353, "fd00:90::2", 53, Exposure.WORLD),
            tcp(a, "::", 18080, "fd00:90::2"),
            tcp(a, "::1", 18081, "fd00:90::2")));

    assertThat(PrivateHost.ask(host.host, "::1", 18080)).isEqualTo("fd00:90:0:0:0:0:0:1");
    assertThat(PrivateHost.ask(host.host, "::1", 18081)).isEqualTo("fd00:90:0:0:0:0:0:1");
    PrivateHost.sh(
        host.host, "! cd /proc/sys/net/bridge 2>/dev/null || echo 0 > bridge-nf-call-ip6tables");
    assertThat(PrivateHost.ask(host.host, "::1", 18081)).isEqualTo("fd00:90:0:0:0:0:0:1");
    assertThat(PrivateHost.glance(a.namespace(), "fd00:90::1", 18081)).isEqualTo("unreachable");
    assertThat(drift(a)).isEmpty();
    assertThat(networking.networks().getFirst().drift()).isEmpty();
    assertThat(networking.ports().drift()).isEmpty();
    assertThat(networking.attachments(a.spec(), a.namespace()).getFirst().addresses())
        .containsExactly("fd00:90::2/64");
  }
}
