package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.SortedSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code examples/web}, from the first apply to the last trace of it. */
final class WebExamplePrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  @Test
  void livesFromApplyToDeleteAndLeavesNothing() throws IOException, InterruptedException {
    Example web = ENGINE.example("web");
    SortedSet<String> before = ENGINE.traces().inUse();

    Ran applied = ENGINE.jctl("apply", "-f", web.path(), "--wait", "--timeout=60s").ok();
    assertThat(applied.lines().subList(0, 5)).allMatch(l -> l.endsWith(" created"));
    assertThat(applied.lines().getLast())
        .matches("container.jctl.dev/web +Running +yes +127.0.0.1:" + web.port());
    assertThat(Host.fetch(web.url())).contains("<h1>It runs</h1>").contains("counted to <b>");

    applyingAgainChangesNothing(web);
    theViewsAgree(web);

    ENGINE.jctl("delete", "-f", web.path(), "--wait", "--timeout=60s").ok();
    assertThat(ENGINE.jctl("get", "all", "-A", "-o", "name").ok().out()).isEmpty();
    // images are taken away a little later
    TestEngine.eventually()
        .untilAsserted(() -> assertThat(ENGINE.traces().inUse()).isEqualTo(before));
  }

  private static void applyingAgainChangesNothing(Example web) {
    List<Integer> pids = List.of(ENGINE.pid("web"), ENGINE.pid("writer"));
    Ran again = ENGINE.jctl("apply", "-f", web.path(), "--wait").ok();
    assertThat(again.lines().subList(0, 5)).allMatch(l -> l.endsWith(" unchanged"));
    assertThat(ENGINE.jctl("diff", "-f", web.path()).ok().out()).isEmpty();
    assertThat(List.of(ENGINE.pid("web"), ENGINE.pid("writer"))).isEqualTo(pids);
  }

  private static void theViewsAgree(Example web) {
    String kinds = "containers,pods,networks,volumes,images";
    assertThat(ENGINE.jctl("get", kinds, "-o", "name").ok().lines())
        .containsExactlyInAnyOrder(
            "container.jctl.dev/web",
            "container.jctl.dev/writer",
            "pod/web",
            "pod/writer",
            "network.jctl.dev/front",
            "volume.jctl.dev/data",
            "image.jctl.dev/web");
    JsonNode container = ENGINE.get("container", "web");
    String ip = container.at("/status/networks/0/ip").asText();
    assertThat(container.at("/status/phase").asText()).isEqualTo("Running");
    assertThat(container.at("/status/observedGeneration"))
        .isEqualTo(container.at("/metadata/generation"));
    assertThat(ENGINE.get("pod", "web").at("/status/podIP").asText()).isEqualTo(ip);
    // who is on a network or uses a volume is told by others than the Pods themselves
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.jctl("get", kinds, "-o", "wide").ok().out())
                    .containsPattern("container.jctl.dev/web +yes +Running +0 .* front=" + ip + " ")
                    .containsPattern("network.jctl.dev/front +Ready .* web,writer ")
                    .containsPattern("volume.jctl.dev/data +Ready .* web,writer "));
    assertThat(ENGINE.jctl("get", "ctr", "web", "-o", "yaml").ok().lines())
        .contains("kind: Container", "  phase: Running");
    assertThat(
            ENGINE.jctl("get", "ctr", "-l", "app=web", "-o", "jsonpath={.items[*].status.ready}"))
        .extracting(Ran::out)
        .isEqualTo("true true");
    assertThat(ENGINE.jctl("describe", "container", "web").ok().out())
        .contains("hostPort: " + web.port())
        .containsPattern("Normal +Started ");
  }
}
