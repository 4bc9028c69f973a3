package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Networks of real containers: changed, broken, misused, and while the engine is killed. */
final class NetworksPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final int CONTAINERS = 4;
  private static final int KILLS = 3;

  @BeforeAll
  static void image() throws IOException {
    ENGINE.jctl("apply", "-f", ENGINE.example("hello").path(), "--wait").ok();
  }

  private static String network(String name, String spec) {
    return """
    ---
    apiVersion: jctl.dev/v1
    kind: Network
    metadata: {name: %s}
    spec: {%s}
    """
        .formatted(name, spec);
  }

  private static String container(String name, String spec) {
    return """
    ---
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: %s, labels: {test: networks}}
    spec:
      image: hello
      command: [sh, -c]
      args: ["%s"]
      terminationGracePeriodSeconds: 0
    %s
    """
        .formatted(
            name, "busybox httpd -f -p 8000 & busybox httpd -f -p 8001 & wait", spec.indent(2));
  }

  private static Ran apply(String manifests) {
    return ENGINE.jctlWithInput(manifests, "apply", "-f", "-");
  }

  private static void delete(String... words) {
    List<String> all = new ArrayList<>(List.of("delete"));
    all.addAll(List.of(words));
    all.addAll(List.of("--wait", "--timeout=60s"));
    ENGINE.jctl(all.toArray(String[]::new)).ok();
  }

  private static JsonNode ready(String kind, String name) {
    return condition(kind, name, "Ready");
  }

  private static JsonNode condition(String kind, String name, String type) {
    JsonNode status = ENGINE.get(kind, name).path("status");
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition;
      }
    }
    return status;
  }

  // --- kills

  /** Each container is on one or two of three networks, on others in each round. */
  private static String round(int round) {
    StringBuilder all = new StringBuilder();
    for (int n = 0; n < CONTAINERS; n++) {
      String networks =
          (n + round) % 2 == 0
              ? "[{name: n%d}]".formatted((n + round) % 3)
              : "[{name: n%d}, {name: n%d}]".formatted((n + round) % 3, (n + round + 1) % 3);
      all.append(
          container(
              "c-" + n, "networks: " + networks + "\npublish: [\"" + (firstPort + n) + ":8000\"]"));
    }
    return all.toString();
  }

  private static final int ELEMENTS_OF_A_NETWORK = 4;
  private static int firstPort;

  @Test
  void connectsAndDisconnectsUnderKillsLeaveNoDoubleAddressStrayLinkOrRule() throws IOException {
    firstPort = Host.freePorts(CONTAINERS);
    apply(network("n0", "") + network("n1", "") + network("n2", "internal: true")).ok();
    apply(round(0)).ok();
    ENGINE
        .jctl("wait", "containers", "-l", "test=networks", "--for=condition=Ready", "--timeout=90s")
        .ok();
    Random random = new Random(5);
    for (int i = 1; i <= KILLS; i++) {
      apply(round(i)).ok();
      LockSupport.parkNanos(Duration.ofMillis(random.nextInt(150)).toNanos());
      ENGINE.killEngineProcess(i % 2 == 0 ? "controller" : "shim");
    }
    TestEngine.eventually().untilAsserted(() -> allIsAsDeclared(KILLS));

    delete("containers", "-l", "test=networks");
    delete("networks", "n0", "n1", "n2");
    assertThat(ENGINE.traces().linksOf("veth:")).allMatch(link -> isOf(link, "default.default"));
    assertThat(ENGINE.traces().elements())
        .as("bridge and subnet of the default network")
        .hasSizeLessThanOrEqualTo(ELEMENTS_OF_A_NETWORK);
  }

  private static boolean isOf(String link, String network) {
    return Host.run("ip", "link", "show", link).out().contains(":" + network);
  }

  private static void allIsAsDeclared(int round) {
    Set<String> addresses = new TreeSet<>();
    Set<String> aliases = new TreeSet<>();
    int links = 0;
    for (int n = 0; n < CONTAINERS; n++) {
      JsonNode pod = ENGINE.get("pod", "c-" + n);
      int networks = (n + round) % 2 == 0 ? 1 : 2;
      links += networks;
      assertThat(ready("pod", "c-" + n).path("status").asText()).isEqualTo("True");
      assertThat(pod.at("/status/podIPs")).hasSize(networks);
      List<String> inside =
          inNetworkOf("c-" + n, "ip", "-4", "-o", "address", "show", "scope", "global");
      assertThat(inside).hasSize(networks);
      for (JsonNode ip : pod.at("/status/podIPs")) {
        String address = ip.path("ip").asText();
        assertThat(addresses.add(address)).as(address + " is there once").isTrue();
        assertThat(inside).anyMatch(line -> line.contains(" " + address + "/"));
      }
      aliases.addAll(ENGINE.traces().linksOf("veth:" + pod.at("/metadata/uid").asText() + ":"));
      int port = firstPort + n;
      String first = pod.at("/status/podIP").asText();
      assertThat(ENGINE.traces().elements().stream().filter(e -> e.contains("\"" + first + "\"")))
          .as("what leads to " + first)
          .hasSize(1)
          .allMatch(e -> e.contains("," + port + "]"));
    }
    assertThat(aliases).hasSize(links);
    Set<String> all = new TreeSet<>(ENGINE.traces().linksOf("veth:"));
    all.removeAll(ENGINE.traces().linksOf("veth:.resolver:"));
    all.removeIf(link -> isOf(link, "default.default"));
    assertThat(all).isEqualTo(aliases);
  }

  /** What a command of the machine prints in the network namespace of a container. */
  private static List<String> inNetworkOf(String container, String... command) {
    List<String> words =
        new ArrayList<>(List.of("nsenter", "-t", ENGINE.pid(container) + "", "-n"));
    words.addAll(List.of(command));
    return Host.run(words.toArray(String[]::new)).ok().lines();
  }

  // --- none of ours

  private static String pod(String name, String annotations, String spec) {
    return """
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, annotations: {%s}}
    spec:
      terminationGracePeriodSeconds: 0
      %s
      containers: [{name: %s, image: hello, command: [sh, -c, "while true; do sleep 9; done"]}]
    """
        .formatted(name, annotations, spec, name);
  }

  @Test
  void aPodHasTheMachinesNetworkOrNoneWhereThatIsAskedFor() throws IOException {
    String pods =
        pod("on-host", "", "hostNetwork: true")
            + pod("on-none", "jctl.dev/networks: '[]'", "restartPolicy: Always");
    ENGINE.jctlWithInput(pods, "apply", "-f", "-", "--wait", "--timeout=60s").ok();
    Path machines = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
    assertThat(Files.readSymbolicLink(Path.of("/proc/" + ENGINE.pid("on-host") + "/ns/net")))
        .isEqualTo(machines);
    JsonNode status = ENGINE.get("pod", "on-host").path("status");
    assertThat(status.path("podIP").asText())
        .isNotEmpty()
        .isEqualTo(status.path("hostIP").asText());

    assertThat(inNetworkOf("on-none", "ip", "-o", "link"))
        .singleElement()
        .asString()
        .contains(": lo: <LOOPBACK,UP");
    assertThat(ENGINE.get("pod", "on-none").at("/status/podIPs")).isEmpty();
    delete("pods", "on-host", "on-none");
  }

  // --- ports

  @Test
  void aRangeOfPortsIsPublishedAndChangedWhileItRuns() throws Exception {
    int port = Host.freePorts(3);
    String range = "publish: [\"%d-%d:8000-8001\"]";
    apply(container("ranged", range.formatted(port, port + 1))).ok();
    ENGINE.jctl("wait", "container/ranged", "--for=condition=Ready", "--timeout=90s").ok();
    int pid = ENGINE.pid("ranged");
    TestEngine.eventually().until(() -> answers(port) && answers(port + 1));
    assertThat(ENGINE.jctl("get", "container", "ranged", "-o", "wide").ok().out())
        .contains(port + "-" + (port + 1) + ":8000-8001");

    String moved = container("ranged", range.formatted(port + 1, port + 2));
    ENGINE.jctlWithInput(moved, "apply", "-f", "-", "--wait", "--timeout=60s").ok();
    assertThat(answers(port + 2) && answers(port + 1) && !answers(port))
        .as("it is in force when the wait ends")
        .isTrue();

    try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(other.isBound()).isTrue();
      apply(container("ranged", range.formatted(port, port + 1))).ok();
      for (String kind : List.of("container", "pod")) {
        said(kind, "ranged", change(kind), "PortTaken", "a process of the host listens there");
      }
      assertThat(answers(port + 2)).as("what ran before goes on").isTrue();
    }
    ENGINE.jctl("wait", "container/ranged", "--for=condition=Ready", "--timeout=60s").ok();
    assertThat(answers(port) && answers(port + 1) && !answers(port + 2)).isTrue();
    assertThat(condition("pod", "ranged", "jctl.dev/Change").path("status").asText())
        .isEqualTo("True");

    apply(container("ranged", "networks: [{name: not-yet}]")).ok();
    for (String kind : List.of("container", "pod")) {
      said(kind, "ranged", change(kind), "AwaitingNetwork", "Network not-yet does not exist");
    }
    ENGINE
        .jctlWithInput(network("not-yet", ""), "apply", "-f", "-", "--wait", "--timeout=60s")
        .ok();
    ENGINE.jctl("wait", "container/ranged", "--for=condition=Ready", "--timeout=60s").ok();
    assertThat(ENGINE.get("container", "ranged").at("/status/networks/0/name").asText())
        .isEqualTo("not-yet");
    assertThat(ENGINE.pid("ranged")).isEqualTo(pid);
    delete("container", "ranged");
    delete("network", "not-yet");
  }

  private static String change(String kind) {
    return kind.equals("pod") ? "jctl.dev/Change" : "Ready";
  }

  /** Internal, as IPv6 to the outside takes forwarding of the whole machine. */
  @Test
  void aNetworkGetsIpv6AsWellWhileAContainerRunsOnItWhosePortIsThenReachedFromLoopback() {
    int port = Host.freePort();
    apply(
            network("dual", "internal: true")
                + container(
                    "both", "networks: [{name: dual}]\npublish: [\"%d:8000\"]".formatted(port)))
        .ok();
    ENGINE.jctl("wait", "container/both", "--for=condition=Ready", "--timeout=90s").ok();
    int pid = ENGINE.pid("both");
    assertThat(ENGINE.get("pod", "both").at("/status/podIPs")).hasSize(1);
    assertThat(answers("::1", port)).isFalse();

    apply(network("dual", "internal: true, ipFamilies: [IPv4, IPv6]")).ok();
    TestEngine.eventually().until(() -> answers("::1", port) && answers("127.0.0.1", port));
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.get("pod", "both").at("/status/podIPs/1/ip").asText())
                    .startsWith("fd")
                    .contains("::"));
    assertThat(ENGINE.pid("both")).isEqualTo(pid);
    delete("container", "both");
    delete("network", "dual");
  }

  /** 404, as there are no pages. */
  private static boolean answers(int port) {
    return answers("127.0.0.1", port);
  }

  private static boolean answers(String address, int port) {
    return Host.run("busybox", "nc", "-w", "1", address, Integer.toString(port), "-e", "true")
            .code()
        == 0;
  }

  // --- drift

  @Test
  void whatOthersChangeOfABridgeIsPutBackWithinSecondsAndTheStatusSaysWhat() throws IOException {
    apply(network("drifting", "") + container("on-it", "networks: [{name: drifting}]")).ok();
    ENGINE.jctl("wait", "container/on-it", "--for=condition=Ready", "--timeout=90s").ok();
    JsonNode status = ENGINE.get("network", "drifting").path("status");
    String bridge = status.path("device").asText();
    String gateway = status.at("/gateways/0").asText();
    Path localnet = Path.of("/proc/sys/net/ipv4/conf", bridge, "route_localnet");

    Host.run("ip", "address", "flush", "dev", bridge).ok();
    repaired("address " + gateway + "/20 missing");
    assertThat(Host.run("ip", "address", "show", "dev", bridge).out()).contains(gateway + "/20");
    Files.writeString(localnet, "0");
    repaired("net.ipv4.conf." + bridge + ".route_localnet is off");
    assertThat(localnet).hasContent("1");
    delete("container", "on-it");
    delete("network", "drifting");
  }

  private static void repaired(String words) {
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.get("network", "drifting").at("/status/drift").toString())
                    .contains(words));
  }

  // --- misuse

  @Test
  void aNetworkInUseIsDeletedOnceItIsFreeAndSaysForWhomItWaits() {
    apply(network("used", "") + container("user", "networks: [{name: used}]")).ok();
    ENGINE.jctl("wait", "container/user", "--for=condition=Ready", "--timeout=90s").ok();
    int pid = ENGINE.pid("user");
    ENGINE.jctl("delete", "network", "used", "--wait=false").ok();
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ready("network", "used").path("message").asText())
                    .isEqualTo("Deletion waits for these Pods to go: user"));
    assertThat(ENGINE.pid("user")).isEqualTo(pid);
    delete("container", "user");
    TestEngine.eventually().until(() -> ENGINE.jctl("get", "network", "used").code() != 0);
  }

  @Test
  void whatCannotBeIsAConditionAndTheOthersKeepRunning() throws IOException {
    String subnet = Host.freeSubnet();
    apply(
            network("small", "subnets: [%s.0/29]".formatted(subnet))
                + container(
                    "good",
                    "networks: [{name: small, ip: %s.2, mac: \"02:aa:00:00:00:02\"}]"
                        .formatted(subnet)))
        .ok();
    ENGINE.jctl("wait", "container/good", "--for=condition=Ready", "--timeout=90s").ok();
    int pid = ENGINE.pid("good");
    assertThat(inNetworkOf("good", "ip", "-o", "link", "show", "eth0"))
        .anyMatch(line -> line.contains("link/ether 02:aa:00:00:00:02 "));

    apply(
            network("overlapping", "subnets: [%s.0/24]".formatted(subnet))
                + network("lan", "driver: macvlan, parent: no-such-dev, subnets: [192.0.2.0/24]")
                + container("same", "networks: [{name: small, ip: %s.2}]".formatted(subnet))
                + container("twin", "networks: [{name: small, mac: \"02:AA:00:00:00:02\"}]")
                + container("outside", "networks: [{name: small, ip: 192.0.2.9}]")
                + container("gateway", "networks: [{name: small, ip: %s.1}]".formatted(subnet))
                + container("nowhere", "networks: [{name: never-made}]"))
        .ok();
    said("network", "overlapping", "SubnetOverlap", subnet + ".0/29 of network small");
    said("network", "lan", "ParentMissing", "the machine has no device no-such-dev; make it");
    said("container", "same", "AddressTaken", "is held by pod/default/good; ask for another");
    said("container", "twin", "AddressTaken", "is held by pod/default/good; ask for another");
    said("container", "outside", "AddressOutsideSubnet", "192.0.2.9 is in no subnet");
    said("container", "gateway", "AddressReserved", "that of its gateway");
    said("container", "nowhere", "AwaitingNetwork", "never-made does not exist");
    assertThat(ENGINE.pid("good")).isEqualTo(pid);
    assertThat(ready("container", "good").path("status").asText()).isEqualTo("True");
    delete("containers", "-l", "test=networks");
    delete("networks", "small", "overlapping", "lan");
  }

  private static void said(String kind, String name, String reason, String words) {
    said(kind, name, "Ready", reason, words);
  }

  private static void said(String kind, String name, String type, String reason, String words) {
    TestEngine.eventually()
        .untilAsserted(
            () -> {
              JsonNode condition = condition(kind, name, type);
              assertThat(condition.path("status").asText()).isEqualTo("False");
              assertThat(condition.path("reason").asText()).isEqualTo(reason);
              assertThat(condition.path("message").asText()).contains(words);
            });
  }
}
