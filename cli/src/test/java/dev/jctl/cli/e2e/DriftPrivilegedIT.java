package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is changed behind the engine's back is put right, and an Event says what it was. */
final class DriftPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final String SCRATCH =
      """
      apiVersion: jctl.dev/v1
      kind: Volume
      metadata: {name: scratch}
      spec: {driver: tmpfs, capacity: 1Mi}
      """;

  private static Example web = new Example(TestEngine.root(), 0);

  @BeforeAll
  static void apply() throws IOException {
    web = ENGINE.example("web");
    ENGINE.file("examples/web/scratch.yaml", SCRATCH);
    ENGINE.jctl("apply", "-f", web.path(), "--wait", "--timeout=60s").ok();
  }

  /** Volumes outlive {@code down --all}. */
  @AfterAll
  static void delete() {
    ENGINE.jctl("delete", "-f", web.path(), "--wait", "--timeout=60s").ok();
  }

  @Test
  void aKilledProcessRunsAgain() {
    int before = ENGINE.pid("web");
    int other = ENGINE.pid("writer");
    ENGINE.kill(before);
    TestEngine.eventually()
        .untilAsserted(
            () -> {
              JsonNode status = ENGINE.get("container", "web").path("status");
              assertThat(status.path("restartCount").asInt()).isEqualTo(1);
              assertThat(status.path("ready").asBoolean()).isTrue();
            });
    assertThat(ENGINE.pid("web")).isNotEqualTo(before);
    assertThat(ENGINE.pid("writer")).isEqualTo(other);
    awaitEvent("pod/web", "Warning +ContainerDied .*Container web ended: .*signal 9");
    assertThat(lastExit("web")).isEqualTo(137);
    pageIsServed();
  }

  @Test
  void aFlushedTableIsFilledAgain() {
    Instant damaged = damage("nft", "flush", "table", "inet", ENGINE.traces().table());
    repaired(damaged, "container", "web", "spec.ports", "rule missing");
    awaitEvent("pod/web", "Warning +PortsRepaired .*Published ports were put back: ");
  }

  @Test
  void aDeletedTableIsMadeAgain() {
    Instant damaged = damage("nft", "delete", "table", "inet", ENGINE.traces().table());
    repaired(damaged, "network", "front", "rules", "missing");
  }

  @Test
  void aDeletedInterfaceComesBackUnderARunningProcess() {
    int pid = ENGINE.pid("web");
    String ip = ENGINE.get("pod", "web").at("/status/podIP").asText();
    Instant damaged = damage("ip", "link", "del", interfaceOf("web"));
    repaired(damaged, "container", "web", "spec.networks", "eth0: veth missing");
    awaitEvent("pod/web", "Warning +SandboxRepaired .*eth0: veth missing");
    assertThat(ENGINE.pid("web")).isEqualTo(pid);
    assertThat(ENGINE.get("pod", "web").at("/status/podIP").asText()).isEqualTo(ip);
  }

  @Test
  void aDeletedBridgeComesBack() {
    String bridge = ENGINE.get("network", "front").at("/status/device").asText();
    Instant damaged = damage("ip", "link", "del", bridge);
    repaired(damaged, "container", "web", "spec.networks", bridge);
    repaired(damaged, "network", "front", "status.device", "missing");
    awaitEvent("pod/web", "Warning +SandboxRepaired .*" + bridge);
  }

  @Test
  void anUnmountedVolumeIsMountedAgain() {
    String path = ENGINE.get("volume", "scratch").at("/status/path").asText();
    assertThat(ENGINE.traces().mounts()).contains(path);
    Instant damaged = damage("umount", "-l", path);
    repaired(damaged, "volume", "scratch", "status.path", "it was gone");
    assertThat(ENGINE.traces().mounts()).contains(path);
    awaitEvent("volume/scratch", "Warning +VolumeRepaired .*" + path);
  }

  @Test
  void whatOthersTakeWhileTheEngineIsDownIsPutBackAndTheStatusSaysSo() {
    int pid = ENGINE.pid("web");
    String bridge = ENGINE.get("network", "front").at("/status/device").asText();
    String path = ENGINE.get("volume", "scratch").at("/status/path").asText();
    String table = ENGINE.traces().table();
    ENGINE.jctl("down").ok();
    Host.run("nft", "delete", "table", "inet", table).ok();
    Host.run("ip", "link", "del", bridge).ok();
    Host.run("umount", "-l", path).ok();
    ENGINE.jctl("up").ok();
    awaitDrift("network", "front", "status.device", "bridge missing");
    awaitDrift("network", "front", "rules", "table inet " + table + " missing");
    awaitDrift("volume", "scratch", "status.path", "it was gone");
    awaitDrift("container", "web", "spec.networks", "not on bridge " + bridge);
    awaitDrift("container", "web", "spec.ports", "missing");
    pageIsServed();
    assertThat(ENGINE.pid("web")).isEqualTo(pid);
  }

  /** When, in the whole seconds of statuses. */
  private static Instant damage(String... command) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Host.run(command).ok();
    return now;
  }

  /**
   * At most five seconds after the damage it is seen and repaired, and the status says what it was.
   * On a busy machine it takes longer until that can be asked for.
   */
  private static void repaired(
      Instant damaged, String kind, String name, String field, String words) {
    Instant end = damaged.plusSeconds(5);
    TestEngine.eventually().untilAsserted(() -> isDrift(damaged, end, kind, name, field, words));
    pageIsServed();
  }

  private static void awaitDrift(String kind, String name, String field, String words) {
    TestEngine.eventually()
        .untilAsserted(() -> isDrift(Instant.MIN, Instant.MAX, kind, name, field, words));
  }

  private static void isDrift(
      Instant from, Instant to, String kind, String name, String field, String words) {
    assertThat(ENGINE.get(kind, name).at("/status/drift"))
        .anySatisfy(
            drift -> {
              assertThat(drift.path("fields").toString()).contains(field);
              assertThat(drift.path("message").asText()).contains(words);
              assertThat(drift.path("repaired").asBoolean()).isTrue();
              assertThat(Instant.parse(drift.path("seen").asText())).isBetween(from, to);
            });
  }

  private static int lastExit(String pod) {
    return ENGINE
        .get("pod", pod)
        .at("/status/containerStatuses/0/lastState/terminated/exitCode")
        .asInt();
  }

  private static void awaitEvent(String object, String pattern) {
    TestEngine.eventually()
        .untilAsserted(() -> assertThat(events(object)).containsPattern(pattern));
  }

  private static String events(String object) {
    return ENGINE.jctl("events", "--for", object).ok().out();
  }

  private static void pageIsServed() {
    TestEngine.eventually()
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(Host.fetch(web.url())).contains("<h1>It runs</h1>"));
  }

  /** The near end of the interface of a Pod, by the id of its sandbox, which is the Pod's uid. */
  private static String interfaceOf(String pod) {
    String uid = ENGINE.get("pod", pod).at("/metadata/uid").asText();
    List<String> links = ENGINE.traces().linksOf("veth:" + uid + ":");
    assertThat(links).hasSize(1);
    return links.getFirst();
  }
}
