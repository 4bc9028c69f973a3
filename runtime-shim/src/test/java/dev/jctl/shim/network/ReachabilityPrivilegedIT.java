package dev.jctl.shim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.Restriction.Allowed;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import dev.jctl.shim.spec.ServiceSpec;
import dev.jctl.shim.spec.ServiceSpec.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each cell of the table in docs/networks.md: who reaches whom, and as whom it is seen there. */
class ReachabilityPrivilegedIT {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final NetworkSpec BLUE =
      new NetworkSpec("blue", List.of("10.90.0.0/24"), List.of("10.90.0.1/24"), false, 0);
  private static final NetworkSpec RED =
      new NetworkSpec("red", List.of("10.91.0.0/24"), List.of("10.91.0.1/24"), false, 0);
  private static final OciSpec.Resources NO_LIMITS =
      new OciSpec.Resources(List.of(), null, null, null, Map.of());
  private static final String SERVICE = "10.96.0.10";
  private static final int NODE_PORT = 30_080;

  /** Of nobody; the outside has a route to the machine for it. */
  private static final String EXTERNAL = "198.51.100.7";

  private static final String NOBODY = "unreachable";
  private static final String OUT = PrivateHost.OUTSIDE_ADDRESS;
  private static final String HOST = PrivateHost.HOST_ADDRESS;

  private final Map<String, Path> places = new TreeMap<>();
  private PrivateHost host;
  private LinuxNetworking networking;

  @BeforeAll
  static void needsRoot() {
    assumeTrue(
        Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "needs root to make namespaces");
  }

  /** Two on one network, one on another, each a server; the world outside serves as well. */
  @BeforeEach
  void start() throws IOException {
    host = new PrivateHost();
    networking = host.networking("c0ffee00");
    networking.ensureNetwork(BLUE);
    networking.ensureNetwork(RED);
    places.put("host", host.host);
    places.put("outside", host.outside);
    sandbox("a", BLUE, "10.90.0.2");
    sandbox("b", BLUE, "10.90.0.3");
    sandbox("r", RED, "10.91.0.2");
    host.serve(host.outside, 80);
    PrivateHost.sh(host.host, "ip route add default via " + OUT);
  }

  @AfterEach
  void stop() throws Exception {
    try {
      networking.close();
    } finally {
      host.close();
    }
  }

  private void sandbox(String id, NetworkSpec network, String address) throws IOException {
    NetworkAttachment attachment =
        new NetworkAttachment(network.id(), "eth0", List.of(address + "/24"), null, List.of());
    Path namespace = host.namespace(id);
    networking.attach(
        new SandboxSpec(
            id,
            id,
            Set.of(),
            List.of(attachment),
            SandboxSpec.Dns.OF_HOST,
            Map.of(),
            Map.of(),
            NO_LIMITS,
            Map.of()),
        namespace);
    places.put(id, namespace);
    host.serve(namespace, 8080);
  }

  private String ask(String who, String address, int port) {
    return PrivateHost.ask(java.util.Objects.requireNonNull(places.get(who)), address, port);
  }

  /** The same where nobody is expected. */
  private String glance(String who, String address, int port) {
    return PrivateHost.glance(java.util.Objects.requireNonNull(places.get(who)), address, port);
  }

  private void publish(Exposure exposure) {
    networking.publishPorts(
        "a", List.of(new PortSpec("a", "TCP", "0.0.0.0", 18080, "10.90.0.2", 8080, exposure)));
  }

  private static final String[] BOTH = {"10.90.0.3", "10.91.0.2"};

  private static ServiceSpec service(int affinitySeconds, Exposure exposure, String... targets) {
    List<Target> all = Stream.of(targets).map(target -> new Target(target, 8080)).toList();
    return service(affinitySeconds, exposure, all);
  }

  private static ServiceSpec service(int affinitySeconds, Exposure exposure, List<Target> all) {
    return new ServiceSpec(
        "ns.web",
        "web.ns.svc.cluster.local",
        List.of("web.ns.svc.cluster.local"),
        List.of(SERVICE),
        List.of(new ServiceSpec.Port("http", "TCP", 80, NODE_PORT, all)),
        List.of(),
        null,
        affinitySeconds,
        exposure,
        List.of(EXTERNAL),
        null);
  }

  @Test
  void aPublishedPortIsReachedAsFarAsItIsExposed() {
    publish(Exposure.LOCALHOST);
    assertThat(ask("host", "127.0.0.1", 18080)).isEqualTo("10.90.0.1");
    assertThat(ask("host", HOST, 18080)).isEqualTo("10.90.0.1");
    assertThat(glance("b", "10.90.0.1", 18080)).isEqualTo(NOBODY);
    assertThat(glance("r", HOST, 18080)).isEqualTo(NOBODY);
    assertThat(glance("outside", HOST, 18080)).isEqualTo(NOBODY);

    publish(Exposure.NETWORK);
    assertThat(ask("host", "127.0.0.1", 18080)).isEqualTo("10.90.0.1");
    assertThat(ask("a", "10.90.0.1", 18080)).isEqualTo("10.90.0.1");
    assertThat(ask("b", "10.90.0.1", 18080)).isEqualTo("10.90.0.1");
    assertThat(ask("r", HOST, 18080)).isEqualTo("10.90.0.1");
    assertThat(glance("outside", HOST, 18080))
        .as("192.0.2.2 is no private address")
        .isEqualTo(NOBODY);

    publish(Exposure.to(List.of("192.0.2.2/32")));
    assertThat(ask("outside", HOST, 18080)).isEqualTo(OUT);
    assertThat(glance("b", "10.90.0.1", 18080)).isEqualTo(NOBODY);

    publish(Exposure.WORLD);
    assertThat(ask("outside", HOST, 18080)).isEqualTo(OUT);
    assertThat(ask("b", "10.90.0.1", 18080)).isEqualTo("10.90.0.1");
    assertThat(networking.ports().drift()).isEmpty();
  }

  /** As Docker 29, netavark 1.14 and firewalld 2 make them, as far as they concern forwarding. */
  private static final String OTHERS =
      """
      table ip nat {
        chain DOCKER { tcp dport 15000 dnat to 172.17.0.2:8080; }
        chain PREROUTING {
          type nat hook prerouting priority dstnat; policy accept;
          fib daddr type local jump DOCKER
        }
        chain POSTROUTING {
          type nat hook postrouting priority srcnat; policy accept;
          ip saddr 172.17.0.0/16 oifname != "docker0" masquerade
        }
      }
      table ip filter {
        chain FORWARD {
          type filter hook forward priority filter; policy accept;
          oifname "docker0" ct state established,related accept
          oifname "docker0" ip daddr 172.17.0.2 tcp dport 8080 accept
          oifname "docker0" drop
        }
      }
      table inet netavark {
        chain NETAVARK-ISOLATION { iifname "podman0" oifname "podman1" drop; }
        chain FORWARD {
          type filter hook forward priority filter; policy accept;
          ct state invalid drop
          jump NETAVARK-ISOLATION
          ip daddr 10.88.0.0/16 ct state established,related accept
        }
        chain POSTROUTING {
          type nat hook postrouting priority srcnat; policy accept;
          ip saddr 10.88.0.0/16 ip daddr != 10.88.0.0/16 masquerade
        }
      }
      table inet firewalld {
        chain filter_INPUT {
          type filter hook input priority filter + 10; policy accept;
          ct state { established, related } accept
          ct status dnat accept
          iifname "lo" accept
          reject with icmpx type admin-prohibited
        }
        chain filter_FORWARD {
          type filter hook forward priority filter + 10; policy accept;
          ct state { established, related } accept
          ct status dnat accept
          iifname "docker0" accept
          reject with icmpx type admin-prohibited
        }
      }
      """;

  @Test
  void portsAreReachedBesideTheRulesOfDockerPodmanAndFirewalldWhichStayAsTheyAre()
      throws Exception {
    Path theirs = host.namespace("docker");
    PrivateHost.sh(
        host.host,
        "ip link add docker0 type bridge && ip address add 172.17.0.1/16 dev docker0"
            + " && ip link set docker0 up && ip link add dv0 type veth peer name dv1"
            + " && ip link set dv0 master docker0 up && ip link set dv1 netns "
            + theirs);
    PrivateHost.sh(
        theirs,
        "ip link set dv1 up && ip address add 172.17.0.2/16 dev dv1"
            + " && ip route add default via 172.17.0.1");
    host.serve(theirs, 8080);
    places.put("docker", theirs);
    // else neighbours on a bridge, too, are firewalld's to judge, and it knows no zone of ours
    PrivateHost.sh(
        host.host, "! cd /proc/sys/net/bridge 2>/dev/null || echo 0 > bridge-nf-call-iptables");
    PrivateHost.sh(host.host, "nft -f - <<'END'\n" + OTHERS + "END");
    String before = others();

    publish(Exposure.WORLD);
    networking.ensureService(service(0, Exposure.LOCALHOST, "10.90.0.2"));
    assertThat(ask("outside", HOST, 18080)).isEqualTo(OUT);
    assertThat(ask("outside", HOST, 15000)).isEqualTo(OUT);
    assertThat(ask("host", "127.0.0.1", 18080)).isEqualTo("10.90.0.1");
    assertThat(ask("b", "10.90.0.2", 8080)).isEqualTo("10.90.0.3");
    assertThat(ask("b", SERVICE, 80)).isEqualTo("10.90.0.1");
    assertThat(ask("docker", OUT, 80)).isEqualTo(HOST);
    assertThat(glance("docker", "10.90.0.2", 8080)).isEqualTo(NOBODY);
    assertThat(glance("b", OUT, 80)).as("firewalld's word is respected").isEqualTo(NOBODY);

    PrivateHost.sh(host.host, "nft flush table ip nat");
    networking.repairPorts();
    assertThat(ask("outside", HOST, 18080)).as("theirs is no business of ours").isEqualTo(OUT);
    PrivateHost.sh(host.host, "nft delete table ip nat && nft -f - <<'END'\n" + nat() + "END");
    networking.publishPorts("a", List.of());
    networking.removeService("ns.web");
    assertThat(others()).isEqualTo(before);
  }

  private static String nat() {
    return OTHERS.substring(0, OTHERS.indexOf("table ip filter"));
  }

  private String others() {
    StringBuilder all = new StringBuilder();
    for (String table : List.of("ip nat", "ip filter", "inet netavark", "inet firewalld")) {
      all.append(PrivateHost.sh(host.host, "nft list table " + table));
    }
    return all.toString();
  }

  @Test
  void aServiceIsReachedFromEveryNetworkAndTheMachineButNotFromOutside() {
    networking.ensureService(service(0, Exposure.LOCALHOST, "10.90.0.2"));
    assertThat(networking.ports().drift()).isEmpty();
    for (String who : List.of("a", "b", "host")) {
      assertThat(ask(who, SERVICE, 80)).as(who).isEqualTo("10.90.0.1");
    }
    assertThat(ask("r", SERVICE, 80)).isEqualTo("10.90.0.1");
    assertThat(glance("outside", SERVICE, 80)).isEqualTo(NOBODY);
    assertThat(glance("b", SERVICE, 81)).isEqualTo(NOBODY);
    assertThat(ask("host", "127.0.0.1", NODE_PORT)).isEqualTo("10.90.0.1");
    assertThat(glance("outside", HOST, NODE_PORT)).isEqualTo(NOBODY);
    PrivateHost.sh(host.outside, "ip route add " + EXTERNAL + " via " + HOST);
    assertThat(ask("host", EXTERNAL, 80)).isEqualTo("10.90.0.1");
    assertThat(glance("outside", EXTERNAL, 80)).isEqualTo(NOBODY);

    networking.ensureService(service(0, Exposure.WORLD, "10.90.0.2"));
    assertThat(ask("outside", HOST, NODE_PORT)).isEqualTo(OUT);
    assertThat(ask("outside", EXTERNAL, 80)).isEqualTo(OUT);
    assertThat(ask("b", EXTERNAL, 80)).isEqualTo("10.90.0.1");

    networking.ensureService(service(0, Exposure.WORLD));
    assertThat(networking.ports().drift()).isEmpty();
    assertThat(glance("b", SERVICE, 80)).isEqualTo(NOBODY);
    assertThat(glance("outside", HOST, NODE_PORT)).isEqualTo(NOBODY);
    networking.removeService("ns.web");
    assertThat(networking.ports().drift()).isEmpty();
  }

  /** As the API is, which listens on the loopback. */
  @Test
  void aServiceOfTheMachineIsReachedByThoseWhoMayAlone() {
    host.serve(host.host, 9000);
    List<Target> loopback = List.of(new Target("127.0.0.1", 9000));
    ServiceSpec all = service(0, Exposure.LOCALHOST, loopback);
    networking.ensureService(all.onlyFor(List.of("10.90.0.3")));
    assertThat(networking.ports().drift()).isEmpty();
    assertThat(ask("b", SERVICE, 80)).isEqualTo("10.90.0.3");
    for (String who : List.of("a", "r", "outside", "host")) {
      assertThat(glance(who, SERVICE, 80)).as(who).isEqualTo(NOBODY);
    }
    networking.restrict(new Restriction("b", List.of("10.90.0.3"), null, List.of()));
    assertThat(glance("b", SERVICE, 80)).as("its policy").isEqualTo(NOBODY);
    List<Allowed> there = List.of(from("127.0.0.1", "127.0.0.1", 9000));
    networking.restrict(new Restriction("b", List.of("10.90.0.3"), null, there));
    assertThat(ask("b", SERVICE, 80)).isEqualTo("10.90.0.3");
    networking.unrestrict("b");

    networking.ensureService(all.onlyFor(List.of("10.90.0.2", "10.91.0.2")));
    assertThat(ask("a", SERVICE, 80)).isEqualTo("10.90.0.2");
    assertThat(ask("r", SERVICE, 80)).isEqualTo("10.91.0.2");
    assertThat(glance("b", SERVICE, 80)).isEqualTo(NOBODY);
    networking.ensureService(all.onlyFor(List.of()));
    assertThat(glance("a", SERVICE, 80)).isEqualTo(NOBODY);
    assertThat(networking.ports().drift()).isEmpty();
    networking.removeService("ns.web");
    assertThat(networking.ports().drift()).isEmpty();
  }

  /** Seen from another network, each target sees its own gateway. */
  @Test
  void aServiceSpreadsConnectionsUnlessItIsToKeepClientsWhereTheyAre() {
    networking.ensureService(service(0, Exposure.LOCALHOST, BOTH));
    assertThat(gatewaysSeen(40)).containsExactly("10.90.0.1", "10.91.0.1");
    networking.ensureService(service(600, Exposure.LOCALHOST, "10.90.0.3"));
    assertThat(ask("a", SERVICE, 80)).isEqualTo("10.90.0.1");
    networking.ensureService(service(600, Exposure.LOCALHOST, BOTH));
    assertThat(gatewaysSeen(20)).as("though there is another").containsExactly("10.90.0.1");
    networking.ensureService(service(600, Exposure.LOCALHOST, "10.91.0.2"));
    assertThat(gatewaysSeen(1)).as("as its own is gone").containsExactly("10.91.0.1");
    assertThat(networking.ports().drift()).isEmpty();
  }

  @Test
  void aClientThatStaysAwayForLongEnoughIsForgotten() {
    networking.ensureService(service(1, Exposure.LOCALHOST, BOTH));
    assertThat(gatewaysSeen(5)).hasSize(1);
    String clients = "nft list table inet jctl_c0ffee00 | grep expires || true";
    // on a busy machine it may be forgotten before it is seen
    await().atMost(LONG).until(() -> clientsAfterOne(clients).contains("10.90.0.2 timeout 1s"));
    await().atMost(LONG).until(() -> PrivateHost.sh(host.host, clients).isEmpty());
    assertThat(networking.ports().drift()).isEmpty();
  }

  private String clientsAfterOne(String clients) {
    gatewaysSeen(1);
    return PrivateHost.sh(host.host, clients);
  }

  private Set<String> gatewaysSeen(int times) {
    Set<String> seen = new TreeSet<>();
    for (int i = 0; i < times; i++) {
      seen.add(ask("a", SERVICE, 80));
    }
    return seen;
  }

  @Test
  void servicesAndRestrictionsComeBackWhenTheirTablesAreGone() {
    networking.ensureService(service(600, Exposure.NETWORK, "10.90.0.2"));
    networking.restrict(new Restriction("b", List.of("10.90.0.3"), List.of(), null));
    assertThat(networking.ports().drift()).isEmpty();
    PrivateHost.sh(host.host, "nft flush ruleset");
    assertThat(networking.ports().drift()).isNotEmpty();
    networking.repairPorts();
    assertThat(networking.ports().drift()).isEmpty();
    assertThat(ask("r", SERVICE, 80)).isEqualTo("10.90.0.1");
    assertThat(glance("a", "10.90.0.3", 8080)).isEqualTo(NOBODY);
    networking.unrestrict("b");
    assertThat(ask("a", "10.90.0.3", 8080)).isEqualTo("10.90.0.2");
    assertThat(PrivateHost.sh(host.host, "nft list tables")).doesNotContain("bridge");
  }

  private static Allowed from(String first, String last, int port) {
    return new Allowed(first, last, "TCP", port, port);
  }

  /** Also between neighbours, whose packets the host would else not see. */
  @Test
  void aRestrictedSandboxTakesAndMakesOnlyTheConnectionsThatItMay() {
    assertThat(ask("b", "10.90.0.2", 8080)).isEqualTo("10.90.0.3");
    networking.restrict(new Restriction("a", List.of("10.90.0.2"), List.of(), null));
    assertThat(glance("b", "10.90.0.2", 8080)).isEqualTo(NOBODY);
    assertThat(ask("host", "10.90.0.2", 8080)).as("the machine's own").isEqualTo("10.90.0.1");
    assertThat(ask("a", "10.90.0.3", 8080)).as("egress is free").isEqualTo("10.90.0.2");

    List<Allowed> some =
        List.of(from("10.90.0.3", "10.90.0.3", 8080), from("192.0.2.0", "192.0.2.255", 8080));
    networking.restrict(new Restriction("a", List.of("10.90.0.2"), some, null));
    publish(Exposure.WORLD);
    assertThat(ask("b", "10.90.0.2", 8080)).isEqualTo("10.90.0.3");
    assertThat(ask("outside", HOST, 18080)).isEqualTo(OUT);
    assertThat(glance("r", HOST, 18080)).isEqualTo(NOBODY);

    List<Allowed> onlyOut = List.of(from("192.0.2.2", "192.0.2.2", 80));
    networking.restrict(new Restriction("a", List.of("10.90.0.2"), null, onlyOut));
    assertThat(ask("a", OUT, 80)).isEqualTo(HOST);
    assertThat(glance("a", "10.90.0.3", 8080)).isEqualTo(NOBODY);
    assertThat(ask("b", "10.90.0.2", 8080)).isEqualTo("10.90.0.3");
    assertThat(networking.ports().drift()).isEmpty();
  }

  @Test
  void whatARestrictedSandboxMayIsAskedBehindAService() {
    networking.ensureService(service(0, Exposure.LOCALHOST, "10.90.0.2"));
    networking.restrict(
        new Restriction(
            "a", List.of("10.90.0.2"), List.of(from("10.91.0.2", "10.91.0.2", 8080)), null));
    assertThat(ask("r", SERVICE, 80)).isEqualTo("10.90.0.1");
    assertThat(glance("b", SERVICE, 80)).isEqualTo(NOBODY);
  }
}
