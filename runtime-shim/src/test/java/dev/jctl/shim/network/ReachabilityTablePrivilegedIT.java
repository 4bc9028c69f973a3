package dev.jctl.shim.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import dev.jctl.shim.spec.ServiceSpec;
import dev.jctl.shim.spec.ServiceSpec.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The table of docs/networks.md, read from there: each cell is tried, for IPv4 and IPv6. */
class ReachabilityTablePrivilegedIT {
  private static final Path TABLE = Path.of("../docs/networks.md");
  private static final OciSpec.Resources NO_LIMITS =
      new OciSpec.Resources(List.of(), null, null, null, Map.of());

  /**
   * A refusal is as good as silence, but for one of a busy machine, or of one that still asks
   * whether others have its addresses (RFC 4862, 5.4).
   */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration PAUSE = Duration.ofMillis(50);

  /** An address of each family. */
  private record Both(String ipv4, String ipv6) {
    String of(Family family) {
      return family == Family.IPV4 ? ipv4 : ipv6;
    }
  }

  private enum Family {
    IPV4,
    IPV6
  }

  /**
   * @param namespace where it is
   * @param own its address
   * @param gateway of its network
   */
  private record Place(Path namespace, Both own, Both gateway) {}

  /**
   * @param gateway of the network that the server is on
   */
  private record Goal(Both address, int port, Both gateway) {}

  private record Cell(String from, String to, Family family, String expected) {
    @Override
    public String toString() {
      return from + " → " + to + ", " + family + ": " + expected;
    }
  }

  private static final Both BLUE = new Both("10.90.0.1", "fd00:90::1");
  private static final Both RED = new Both("10.91.0.1", "fd00:91::1");
  private static final Both DARK = new Both("10.92.0.1", "fd00:92::1");
  private static final Both HOST = new Both(PrivateHost.HOST_ADDRESS, PrivateHost.HOST_ADDRESS6);
  private static final Both OUT =
      new Both(PrivateHost.OUTSIDE_ADDRESS, PrivateHost.OUTSIDE_ADDRESS6);
  private static final Both PRIVATE =
      new Both(PrivateHost.PRIVATE_ADDRESS, PrivateHost.PRIVATE_ADDRESS6);
  private static final Both SERVICE = new Both("10.96.0.10", "fd6a:6374:6c36::10");
  private static final Both DARK_SERVICE = new Both("10.96.0.11", "fd6a:6374:6c36::11");

  private final Map<String, Place> places = new HashMap<>();
  private final Map<String, Goal> goals = new HashMap<>();
  private PrivateHost host;
  private LinuxNetworking networking;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(
        Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "needs root to make namespaces");
    host = new PrivateHost();
    networking = host.networking("c0ffee00");
    network("blue", BLUE, false);
    network("red", RED, false);
    network("dark", DARK, true);
    PrivateHost.sh(host.host, "ip route add default via " + OUT.ipv4());
    PrivateHost.sh(host.host, "ip -6 route add default via " + OUT.ipv6());
    places();
    goals();
  }

  private void network(String id, Both gateway, boolean internal) {
    networking.ensureNetwork(
        new NetworkSpec(
            id,
            List.of(gateway.ipv4() + "/24", gateway.ipv6() + "/64"),
            List.of(gateway.ipv4() + "/24", gateway.ipv6() + "/64"),
            internal,
            0));
  }

  private void places() throws IOException {
    places.put("container", sandbox("a", "blue", BLUE, 2));
    places.put("container on an internal network", sandbox("i", "dark", DARK, 2));
    places.put("container that may make no connection", sandbox("e", "blue", BLUE, 3));
    places.put("the machine", new Place(host.host, HOST, HOST));
    places.put("outside, private address", new Place(host.outside, PRIVATE, PRIVATE));
    places.put("outside, other address", new Place(host.outside, OUT, OUT));
    networking.restrict(new Restriction("e", List.of("10.90.0.3", "fd00:90::3"), null, List.of()));
  }

  private void goals() throws IOException {
    host.serve(host.host, 8080);
    host.serve(host.outside, 8080);
    Place neighbour = sandbox("b", "blue", BLUE, 4);
    goals.put("same network", goal(neighbour));
    goals.put("another network", goal(sandbox("r", "red", RED, 2)));
    Place dark = sandbox("j", "dark", DARK, 3);
    goals.put("internal network", goal(dark));
    goals.put("outside", new Goal(OUT, 8080, OUT));
    service("s", SERVICE, neighbour);
    goals.put("Service", new Goal(SERVICE, 80, BLUE));
    service("t", DARK_SERVICE, dark);
    goals.put("Service of the internal network", new Goal(DARK_SERVICE, 80, DARK));
    ports(neighbour);
    goals.put("nobody allowed", goal(sandbox("p", "blue", BLUE, 5)));
    networking.restrict(new Restriction("p", List.of("10.90.0.5", "fd00:90::5"), List.of(), null));
    goals.put("container allowed", goal(sandbox("q", "blue", BLUE, 6)));
    networking.restrict(
        new Restriction(
            "q",
            List.of("10.90.0.6", "fd00:90::6"),
            List.of(allowed("10.90.0.2"), allowed("fd00:90::2")),
            null));
  }

  private static Restriction.Allowed allowed(String address) {
    return new Restriction.Allowed(address, address, "TCP", 8080, 8080);
  }

  private static Goal goal(Place place) {
    return new Goal(place.own(), 8080, place.gateway());
  }

  private Place sandbox(String id, String network, Both gateway, int number) throws IOException {
    Both own =
        new Both(
            gateway.ipv4().replaceAll("1$", "" + number),
            gateway.ipv6().replaceAll("1$", "" + number));
    Path namespace = host.namespace(id);
    networking.attach(
        new SandboxSpec(
            id,
            id,
            Set.of(),
            List.of(
                new NetworkAttachment(
                    network,
                    "eth0",
                    List.of(own.ipv4() + "/24", own.ipv6() + "/64"),
                    null,
                    List.of())),
            SandboxSpec.Dns.OF_HOST,
            Map.of(),
            Map.of(),
            NO_LIMITS,
            Map.of()),
        namespace);
    host.serve(namespace, 8080);
    return new Place(namespace, own, gateway);
  }

  private void service(String id, Both address, Place behind) {
    List<Target> targets =
        List.of(new Target(behind.own().ipv4(), 8080), new Target(behind.own().ipv6(), 8080));
    networking.ensureService(
        new ServiceSpec(
            id,
            id + ".ns.svc.cluster.local",
            List.of(id + ".ns.svc.cluster.local"),
            List.of(address.ipv4(), address.ipv6()),
            List.of(new ServiceSpec.Port("http", "TCP", 80, 0, targets)),
            List.of(),
            null,
            0,
            Exposure.LOCALHOST,
            List.of(),
            null));
  }

  private void ports(Place target) {
    Map<String, Exposure> exposures =
        Map.of(
            "Localhost",
            Exposure.LOCALHOST,
            "Network",
            Exposure.NETWORK,
            "World",
            Exposure.WORLD,
            "CIDRs",
            Exposure.to(List.of("192.0.2.2/32", "2001:db8:1::2/128")));
    List<PortSpec> ports = new ArrayList<>();
    int port = 18080;
    for (Map.Entry<String, Exposure> exposure : exposures.entrySet()) {
      Exposure far = exposure.getValue();
      ports.add(new PortSpec("b", "TCP", "0.0.0.0", port, target.own().ipv4(), 8080, far));
      ports.add(new PortSpec("b", "TCP", "::", port, target.own().ipv6(), 8080, far));
      goals.put(exposure.getKey(), new Goal(HOST, port, target.gateway()));
      port++;
    }
    networking.publishPorts("b", ports);
  }

  @AfterEach
  void stop() throws Exception {
    try {
      networking.close();
    } finally {
      host.close();
    }
  }

  /** All at once, as most of what is refused is waited for. */
  @TestFactory
  Stream<DynamicTest> eachCellIsAsTheTableSays() throws IOException {
    List<Cell> cells = cells();
    assertThat(cells).hasSizeGreaterThan(100);
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      Map<Cell, CompletableFuture<String>> seen = new HashMap<>();
      for (Cell cell : cells) {
        seen.put(cell, CompletableFuture.supplyAsync(() -> seen(cell), threads));
      }
      seen.values().forEach(CompletableFuture::join);
      return cells.stream()
          .map(
              cell ->
                  DynamicTest.dynamicTest(
                      cell.toString(),
                      () ->
                          assertThat(requireNonNull(seen.get(cell)).join())
                              .isEqualTo(cell.expected())));
    }
  }

  private static List<Cell> cells() throws IOException {
    List<List<String>> rows =
        Files.readAllLines(TABLE).stream()
            .dropWhile(line -> !line.startsWith("| from"))
            .takeWhile(line -> line.startsWith("|"))
            .map(line -> Arrays.stream(line.split("\\|")).skip(1).map(String::strip).toList())
            .toList();
    List<Cell> cells = new ArrayList<>();
    for (List<String> row : rows.subList(2, rows.size())) {
      for (int column = 1; column < row.size(); column++) {
        for (Family family : Family.values()) {
          cells.add(new Cell(row.getFirst(), rows.getFirst().get(column), family, row.get(column)));
        }
      }
    }
    return cells.stream().filter(cell -> !cell.expected().equals("–")).toList();
  }

  private String seen(Cell cell) {
    Instant deadline = Instant.now().plus(PATIENCE);
    String seen = once(cell);
    while (seen.equals("no") && !cell.expected().equals("no") && Instant.now().isBefore(deadline)) {
      LockSupport.parkNanos(PAUSE.toNanos());
      seen = once(cell);
    }
    return seen;
  }

  /** In the words of the table. */
  private String once(Cell cell) {
    Place from = requireNonNull(places.get(cell.from()));
    // its own gateway is the machine to a container
    Goal goal =
        cell.to().equals("the machine")
            ? new Goal(from.gateway().equals(from.own()) ? HOST : from.gateway(), 8080, HOST)
            : requireNonNull(goals.get(cell.to()));
    String address = goal.address().of(cell.family());
    String source = cell.from().equals("the machine") ? any(cell.family()) : own(from, cell);
    String peer = PrivateHost.glance(from.namespace(), source, address, goal.port());
    if (peer.equals("unreachable")) {
      return "no";
    }
    InetAddress seen = InetAddress.ofLiteral(peer);
    if (seen.equals(InetAddress.ofLiteral(own(from, cell)))) {
      return "itself";
    }
    if (seen.equals(InetAddress.ofLiteral(goal.gateway().of(cell.family())))) {
      return "gateway";
    }
    return seen.equals(InetAddress.ofLiteral(HOST.of(cell.family()))) ? "machine" : peer;
  }

  private static String own(Place from, Cell cell) {
    return from.own().of(cell.family());
  }

  private static String any(Family family) {
    return family == Family.IPV4 ? "0.0.0.0" : "::";
  }
}
