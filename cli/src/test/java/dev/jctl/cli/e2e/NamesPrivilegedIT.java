package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real containers find each other by name. */
final class NamesPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final String ELSEWHERE =
      """
      apiVersion: jctl.dev/v1
      kind: Network
      metadata: {name: other}
      spec: {internal: true}
      ---
      apiVersion: jctl.dev/v1
      kind: Container
      metadata: {name: stranger}
      spec:
        image: names
        command: [sleep, infinity]
        networks: [{name: other}]
        terminationGracePeriodSeconds: 0
      """;

  @Test
  void namesComeAndGoWithTheirContainersAndOutliveTheEnginesProcesses() throws IOException {
    Example example = ENGINE.example("names");
    String elsewhere = ENGINE.file("elsewhere.yaml", ELSEWHERE).toString();
    ENGINE.jctl("apply", "-f", example.path(), "-f", elsewhere, "--wait", "--timeout=60s").ok();
    String ip = ENGINE.get("pod", "clock").path("status").path("podIP").asText();

    for (String host : List.of("clock", "time", "clock.default")) {
      assertThat(in("asker", "wget", "-q", "-O", "-", "http://" + host + "/").ok().out())
          .as(host)
          .contains(":");
    }
    // busybox' nslookup asks for a single label in every search domain, and fails when one has none
    for (String name : List.of("clock.default", "clock.default.svc.cluster.local")) {
      assertThat(in("asker", "nslookup", name).ok().out()).as(name).contains(ip);
    }
    assertThat(in("asker", "nslookup", ip).ok().out()).contains("clock.default.pod.cluster.local");
    assertThat(in("stranger", "nslookup", "clock.default").code()).isNotZero();
    assertThat(in("stranger", "nslookup", ip).out()).doesNotContain("clock.");
    assertThat(in("asker", "cat", "/etc/resolv.conf").ok().out())
        .contains("nameserver 169.254.53.53", "search default.svc.cluster.local", "ndots:5");

    ENGINE.killEngineProcess("shim");
    TestEngine.eventually().until(() -> finds("clock.default"));
    ENGINE.killEngineProcess("controller");
    assertThat(finds("clock.default")).as("the controller has no part in it").isTrue();

    ENGINE.jctl("delete", "container", "clock", "--wait", "--timeout=60s").ok();
    assertThat(finds("clock.default")).isFalse();
    ENGINE.jctl("apply", "-f", example.path(), "--wait", "--timeout=60s").ok();
    assertThat(finds("clock.default")).isTrue();
    ENGINE.jctl("delete", "-f", example.path(), "-f", elsewhere, "--wait", "--timeout=60s").ok();
  }

  private static String beside(String device, String subnet) {
    return """
    ---
    apiVersion: jctl.dev/v1
    kind: Network
    metadata: {name: lan}
    spec: {driver: macvlan, parent: %s, subnets: [%s.0/24]}
    ---
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: left}
    spec:
      image: names
      command: [sleep, infinity]
      networks: [{name: lan, aliases: [port]}]
      terminationGracePeriodSeconds: 0
    ---
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: right}
    spec:
      image: names
      command: [httpd, -f, -p, "80", -h, /www]
      networks: [{name: lan}]
      readinessProbe: {exec: {command: [wget, -q, -O, "-", "http://127.0.0.1/"]}}
      terminationGracePeriodSeconds: 0
    """
        .formatted(device, subnet);
  }

  /** The device of the machine is one that leads nowhere. */
  @Test
  void whoIsBesideTheMachineAloneIsFoundByNameToo() throws IOException {
    Example example = ENGINE.example("names");
    String device = "jctl" + ProcessHandle.current().pid();
    String manifests = beside(device, Host.freeSubnet());
    String beside = ENGINE.file("beside.yaml", manifests).toString();
    Host.run("ip", "link", "add", device, "up", "type", "veth", "peer", "name", device + "e").ok();
    try {
      Host.run("ip", "link", "set", device + "e", "up").ok();
      ENGINE.jctl("apply", "-f", example.path(), "-f", beside, "--wait", "--timeout=60s").ok();
      for (String host : List.of("right", "right.default", "right.default.svc.cluster.local")) {
        assertThat(in("left", "wget", "-q", "-O", "-", "http://" + host + "/").ok().out())
            .as(host)
            .contains(":");
      }
      String ip = ENGINE.get("pod", "left").at("/status/podIP").asText();
      assertThat(in("right", "nslookup", "port.default").ok().out()).contains(ip);
      assertThat(in("right", "nslookup", ip).ok().out()).contains("left.default.pod");
      assertThat(in("left", "nslookup", "clock.default").code()).isNotZero();
      assertThat(in("asker", "nslookup", "right.default").code()).isNotZero();
      ENGINE.jctl("delete", "-f", beside, "-f", example.path(), "--wait", "--timeout=60s").ok();
    } finally {
      Host.run("ip", "link", "del", device);
    }
  }

  /** Through the container's network itself, so that it needs none of the engine's processes. */
  private static boolean finds(String name) {
    String pid = Integer.toString(ENGINE.pid("asker"));
    return Host.run("nsenter", "-t", pid, "-n", "-m", "/bin/busybox", "nslookup", name).code() == 0;
  }

  private static Ran in(String container, String... command) {
    List<String> words = new ArrayList<>(List.of("exec", container, "--"));
    words.addAll(List.of(command));
    return ENGINE.jctl(words.toArray(String[]::new));
  }
}
