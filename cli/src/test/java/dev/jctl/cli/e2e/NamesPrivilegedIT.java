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

    assertThat(in("asker", "wget", "-q", "-O", "-", "http://clock/").ok().out()).contains(":");
    for (String name :
        List.of("clock", "time", "clock.default", "clock.default.svc.cluster.local")) {
      assertThat(in("asker", "nslookup", name).ok().out()).as(name).contains(ip);
    }
    assertThat(in("asker", "nslookup", ip).ok().out()).contains("clock.default.pod.cluster.local");
    assertThat(in("stranger", "nslookup", "clock").code()).isNotZero();
    assertThat(in("stranger", "nslookup", ip).out()).doesNotContain("clock.");
    assertThat(in("asker", "cat", "/etc/resolv.conf").ok().out())
        .contains("nameserver 169.254.53.53", "search default.svc.cluster.local", "ndots:5");

    ENGINE.killEngineProcess("shim");
    TestEngine.eventually().until(() -> finds("clock"));
    ENGINE.killEngineProcess("controller");
    assertThat(finds("clock")).as("the controller has no part in it").isTrue();

    ENGINE.jctl("delete", "container", "clock", "--wait", "--timeout=60s").ok();
    assertThat(finds("clock")).isFalse();
    ENGINE.jctl("apply", "-f", example.path(), "--wait", "--timeout=60s").ok();
    assertThat(finds("clock")).isTrue();
    ENGINE.jctl("delete", "-f", example.path(), "-f", elsewhere, "--wait", "--timeout=60s").ok();
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
