package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine's processes are killed in the middle of work: nothing acknowledged is lost. */
final class KilledEnginePrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final int APPLIES = 20;
  private static final int AT_ONCE = 4;
  private static final int MANY = 200;

  /** Writes far more lines than a kill could hide a gap in. */
  private static final String COUNTER =
      container("counter", "i=0; while true; do i=$((i+1)); echo \"line $i\"; usleep 5000; done");

  @BeforeAll
  static void apply() throws IOException {
    ENGINE.jctl("apply", "-f", ENGINE.example("hello").path(), "--wait").ok();
    ENGINE.jctlWithInput(COUNTER, "apply", "-f", "-", "--wait").ok();
  }

  @ParameterizedTest
  @ValueSource(strings = {"controller", "shim", "controller shim"})
  void nothingAcknowledgedIsLostInABurst(String victims)
      throws InterruptedException, ExecutionException, IOException {
    int pid = ENGINE.pid("counter");
    int first = count(lines());
    Burst burst = new Burst(List.of(victims.split(" ")));
    burst.run();

    assertThat(ENGINE.pid("counter")).isEqualTo(pid);
    assertThat(names()).containsAll(burst.kept()).doesNotContainAnyElementsOf(burst.deletedNow());
    TestEngine.eventually().untilAsserted(() -> allAreReady(burst.kept()));
    TestEngine.eventually().until(() -> count(lines()) > first + 200);
    assertThat(ENGINE.pid("counter")).isEqualTo(pid);
    linesHaveNoGap();

    ENGINE.jctl("delete", "containers", "-l", "burst=yes", "--wait", "--timeout=60s").ok();
    TestEngine.eventually().until(() -> names().stream().noneMatch(n -> n.startsWith("b-")));
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 40, 120})
  void aSetOfTwoHundredObjectsIsThereWholeOrNotAtAll(long millis) {
    String set = "many-" + millis;
    StringBuilder list = new StringBuilder("{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[");
    for (int i = 0; i < MANY; i++) {
      list.append(i == 0 ? "" : ",")
          .append("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"")
          .append(set + "-" + i)
          .append("\"}}");
    }
    list.append("]}");
    String path = "/apis/jctl.dev/v1/apply?fieldManager=jctl&prune=true&set=" + set;
    String socket = ENGINE.run().resolve("jctl.sock").toString();
    Subprocess once =
        ENGINE.start(
            list.toString(),
            List.of(
                "curl",
                "-sS",
                "--unix-socket",
                socket,
                "--data-binary",
                "@-",
                "-H",
                "Content-Type: application/json",
                "http://jctl" + path));
    LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
    ENGINE.killEngineProcess("controller");
    once.await(TestEngine.PATIENCE);

    int there = members(set);
    boolean recorded = ENGINE.jctl("get", "set/" + set).code() == 0;
    assertThat(there).isIn(0, MANY);
    assertThat(recorded).isEqualTo(there == MANY);
    Ran whole =
        ENGINE
            .jctlWithInput(list.toString(), "apply", "-f", "-", "--set", set, "--prune", "--wait")
            .ok();
    assertThat(whole.out())
        .contains("configmap/" + set + "-0 " + (recorded ? "unchanged" : "created"))
        .containsPattern("manifestset.jctl.dev/" + set + " +Ready");
    assertThat(members(set)).isEqualTo(MANY);
    ENGINE.jctl("delete", "set/" + set, "--wait", "--timeout=60s").ok();
    assertThat(members(set)).isZero();
  }

  private static int members(String set) {
    Ran names = ENGINE.jctl("get", "configmaps", "-l", "jctl.dev/set=" + set, "-o", "name").ok();
    return (int) names.out().lines().filter(l -> l.startsWith("configmap")).count();
  }

  @Test
  void aSupervisorThatIsNoLongerNamedEndsAndTheNextOneGoesOn() throws IOException {
    int pid = ENGINE.pid("counter");
    int supervisor = ENGINE.enginePid("supervisor");
    Files.delete(ENGINE.run().resolve("supervisor.pid"));
    TestEngine.eventually().until(() -> ProcessHandle.of(supervisor).isEmpty());
    ENGINE.jctl("get", "containers").ok();
    assertThat(ENGINE.enginePid("supervisor")).isNotEqualTo(supervisor);
    assertThat(ENGINE.pid("counter")).isEqualTo(pid);
    linesHaveNoGap();
  }

  /** Commands on objects b-0, b-1, … of which every second is deleted again. */
  private record Burst(List<String> victims) {
    void run() throws InterruptedException, ExecutionException {
      AtomicInteger done = new AtomicInteger();
      try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
        List<Future<Ran>> all = new ArrayList<>();
        for (int i = 0; i < APPLIES; i++) {
          int n = i;
          all.add(workers.submit(counted(done, () -> applyOne(n))));
        }
        for (Future<Ran> ran : all) {
          ran.get().ok();
        }
      }
    }

    private Callable<Ran> counted(AtomicInteger done, Callable<Ran> command) {
      return () -> {
        Ran ran = command.call();
        int number = done.incrementAndGet();
        if (number == APPLIES / 4 || number == APPLIES / 2) {
          for (String victim : victims) {
            ENGINE.killEngineProcess(victim);
          }
        }
        return ran;
      };
    }

    private static Ran applyOne(int n) {
      String manifest = container("b-" + n, "while true; do sleep 1; done");
      Ran applied = ENGINE.jctlWithInput(manifest, "apply", "-f", "-");
      return n % 2 == 0 || applied.code() != 0
          ? applied
          : ENGINE.jctl("delete", "container", "b-" + n, "--wait", "--timeout=90s");
    }

    List<String> kept() {
      return numbers(0);
    }

    List<String> deletedNow() {
      return numbers(1);
    }

    private static List<String> numbers(int odd) {
      return IntStream.range(0, APPLIES).filter(i -> i % 2 == odd).mapToObj(i -> "b-" + i).toList();
    }
  }

  private static void allAreReady(List<String> names) {
    for (JsonNode container : ENGINE.get("containers")) {
      if (names.contains(container.at("/metadata/name").asText())) {
        assertThat(container.at("/status/ready").asBoolean()).as("%s", container).isTrue();
        assertThat(container.at("/status/restartCount").asInt()).isZero();
      }
    }
  }

  private static List<String> names() {
    return ENGINE.get("containers").stream().map(c -> c.at("/metadata/name").asText()).toList();
  }

  private static List<String> lines() {
    return ENGINE.jctl("logs", "counter").ok().lines();
  }

  private static int count(List<String> lines) {
    return lines.size();
  }

  private static void linesHaveNoGap() {
    List<String> lines = lines();
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i)).isEqualTo("line " + (i + 1));
    }
  }

  private static String container(String name, String script) {
    return """
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: %s, labels: {burst: "%s"}}
    spec:
      image: hello
      command: [sh, -c]
      args: ['%s']
      terminationGracePeriodSeconds: 0
    """
        .formatted(name, name.startsWith("b-") ? "yes" : "no", script);
  }
}
