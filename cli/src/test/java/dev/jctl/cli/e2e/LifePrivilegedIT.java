package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Hooks of containers, and limits against those that want more. */
final class LifePrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final String IMAGE =
      """
      apiVersion: jctl.dev/v1
      kind: Image
      metadata: {name: life-tools}
      spec:
        files:
          - {path: /bin/busybox, hostPath: /bin/busybox, mode: 0755}
          - {path: /bin/sh, link: busybox}
          - {path: /bin/sleep, link: busybox}
          - {path: /bin/grep, link: busybox}
        config: {env: ["PATH=/bin"]}
      ---
      """;

  private static final String HOOKS =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: hooked}
      spec:
        terminationGracePeriodSeconds: 20
        containers:
          - name: main
            image: life-tools
            command: [sh, -c, "trap 'echo asked to end; exit 0' TERM; while :; do sleep 1 & wait; done"]
            livenessProbe: {exec: {command: [sh, -c, "! [ -e /sick ]"]}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30}
            lifecycle:
              postStart: {exec: {command: [sh, -c, "echo after the start >/proc/1/fd/1"]}}
              preStop: {exec: {command: [sh, -c, "echo before the end >/proc/1/fd/1"]}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: refused}
      spec:
        restartPolicy: Never
        terminationGracePeriodSeconds: 1
        containers:
          - name: main
            image: life-tools
            command: [sleep, "600"]
            lifecycle:
              postStart: {exec: {command: [sh, -c, "exit 3"]}}
      """;

  private static final String COUNTING =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: counting}
      spec:
        terminationGracePeriodSeconds: 30
        containers:
          - name: main
            image: life-tools
            command: [sh, -c, "trap 'exit 0' TERM; while :; do echo once more; sleep 0.1 & wait; done"]
            livenessProbe: {exec: {command: [sh, -c, "true"]}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30}
      ---
      apiVersion: jctl.dev/v1
      kind: Container
      metadata: {name: still}
      spec: {image: life-tools, command: [sleep, "600"], terminationGracePeriodSeconds: 0}
      """;

  private static final String HOGS =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: memory-hog}
      spec:
        restartPolicy: Never
        containers:
          - name: main
            image: life-tools
            command: [sh, -c, "x=hog; while :; do x=$x$x; done"]
            resources: {limits: {memory: 32Mi}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: process-hog}
      spec:
        terminationGracePeriodSeconds: 0
        containers:
          - name: main
            image: life-tools
            command: [sh, -c, "(for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 600 & done; wait) ; sleep 600"]
            resources: {limits: {pids: "8"}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: disk-hog}
      spec:
        volumes: [{name: scratch, emptyDir: {sizeLimit: 1Mi}}]
        containers:
          - name: main
            image: life-tools
            command: [sh, -c, "echo filling; busybox head -c 3000000 /dev/zero >/scratch/file; sleep 600"]
            volumeMounts: [{name: scratch, mountPath: /scratch}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: time-hog}
      spec:
        terminationGracePeriodSeconds: 0
        containers:
          - name: main
            image: life-tools
            command: [sh, -c, "while :; do :; done"]
            resources: {limits: {cpu: 50m}}
      """;

  private static final String SAYING =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: saying}
      spec:
        restartPolicy: Never
        securityContext: {runAsUser: 1000}
        containers:
          - name: main
            image: life-tools
            command: [sh, -c, "echo the queue is gone >/dev/termination-log; exit 3"]
          - name: other
            image: life-tools
            command: [sh, -c, "echo cannot reach the queue; exit 4"]
            terminationMessagePolicy: FallbackToLogsOnError
      """;

  private static final String FIRSTS =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: together}
      spec:
        shareProcessNamespace: true
        terminationGracePeriodSeconds: 0
        containers:
          - {name: one, image: life-tools, command: [sleep, "601"]}
          - {name: two, image: life-tools, command: [sleep, "602"]}
      ---
      apiVersion: jctl.dev/v1
      kind: Container
      metadata: {name: reaped}
      spec: {image: life-tools, init: true, command: [sleep, "603"], terminationGracePeriodSeconds: 0}
      """;

  /** Far less than the time after which all is looked at again, even on a busy machine. */
  private static final Duration SOON = Duration.ofSeconds(20);

  @Test
  void containersSeeEachOthersProcessesAndHaveAnInitWhereThatIsAskedFor() throws IOException {
    String file = ENGINE.file("firsts.yaml", IMAGE + FIRSTS).toString();
    ENGINE.jctl("apply", "-f", file, "--wait").ok();
    assertThat(ENGINE.jctl("exec", "reaped", "--", "busybox", "cat", "/proc/1/comm").ok().out())
        .contains("jctl-init");
    String killing =
        "busybox cat /proc/1/comm; for p in $(cd /proc; grep -l '60[2]' [0-9]*/cmdline); do"
            + " kill -9 ${p%/cmdline}; done";
    assertThat(ENGINE.jctl("exec", "together", "-c", "one", "--", "sh", "-c", killing).ok().out())
        .contains("jctl-pause");
    TestEngine.eventually().until(() -> restarts("two") == 1);
    assertThat(restarts("one")).isZero();
    ENGINE.jctl("delete", "-f", file, "--wait").ok();
  }

  private static int restarts(String container) {
    for (JsonNode status : ENGINE.get("pod", "together").at("/status/containerStatuses")) {
      if (status.path("name").asText().equals(container)) {
        return status.path("restartCount").asInt();
      }
    }
    return -1;
  }

  @Test
  void hooksRunAfterTheStartAndBeforeTheEnd() throws IOException {
    String file = ENGINE.file("hooks.yaml", IMAGE + HOOKS).toString();
    ENGINE.jctl("apply", "-f", file).ok();
    TestEngine.eventually().until(() -> logs("hooked").contains("after the start\n"));
    TestEngine.eventually()
        .until(
            () -> ENGINE.get("pod", "hooked").at("/status/containerStatuses/0/ready").asBoolean());

    TestEngine.eventually()
        .until(() -> "Failed".equals(ENGINE.get("pod", "refused").at("/status/phase").asText()));
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.jctl("get", "events", "-o", "json").ok().out())
                    .contains("FailedPostStartHook", "ended with exit code 3"));

    ENGINE.jctl("exec", "hooked", "--", "sh", "-c", ": >/sick").ok();
    TestEngine.eventually().until(() -> logs("hooked", "--previous").contains("asked to end\n"));
    assertThat(logs("hooked", "--previous"))
        .isEqualTo("after the start\nbefore the end\nasked to end\n");
    ENGINE.jctl("delete", "-f", file, "--wait", "--timeout=60s").ok();
  }

  @Test
  void whatContainersSayOfTheirEndIsInTheStatusOfTheirPod() throws IOException {
    String file = ENGINE.file("saying.yaml", IMAGE + SAYING).toString();
    ENGINE.jctl("apply", "-f", file).ok();

    TestEngine.eventually()
        .until(() -> "Failed".equals(ENGINE.get("pod", "saying").at("/status/phase").asText()));

    assertThat(
            ENGINE.get("pod", "saying").at("/status/containerStatuses").findValuesAsText("message"))
        .containsExactly("the queue is gone\n", "cannot reach the queue\n");
    ENGINE.jctl("delete", "-f", file, "--wait", "--timeout=60s").ok();
  }

  @Test
  void limitsHoldAgainstWhoWantsMore() throws IOException {
    String file = ENGINE.file("hogs.yaml", IMAGE + HOGS).toString();
    ENGINE.jctl("apply", "-f", file).ok();

    TestEngine.eventually()
        .until(() -> "OOMKilled".equals(terminated("memory-hog").path("reason").asText()));
    JsonNode killed = terminated("memory-hog");
    assertThat(killed.path("exitCode").asInt()).isEqualTo(137);
    Instant end = Instant.parse(killed.path("finishedAt").asText());
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(told("memory-hog", "OOMKilled"))
                    .as("told when it happened, in times that are whole seconds")
                    .isBetween(end.minusSeconds(1), end.plus(SOON)));

    TestEngine.eventually().until(() -> logs("process-hog").contains("can't fork"));
    TestEngine.eventually()
        .until(
            () ->
                ENGINE
                    .jctl(
                        "exec",
                        "time-hog",
                        "--",
                        "sh",
                        "-c",
                        "grep -hE 'nr_throttled [1-9]' /sys/fs/cgroup/cpu*/cpu.stat"
                            + " /sys/fs/cgroup/cpu.stat 2>/dev/null")
                    .out()
                    .contains("nr_throttled"));
    assertThat(ENGINE.jctl("top", "time-hog", "process-hog").ok().out())
        .as("who uses most comes first")
        .containsPattern(
            "POD +CONTAINER +CPU +MEMORY\ntime-hog +main +[1-9]\\d?m +\\d+Mi\nprocess-hog");
    String score = "read score </proc/1/oom_score_adj; echo $score";
    assertThat(ENGINE.jctl("exec", "time-hog", "--", "sh", "-c", score).ok().out())
        .as("a Burstable Pod that asks for no memory")
        .isEqualTo("999\n");

    TestEngine.eventually()
        .until(() -> "Evicted".equals(ENGINE.get("pod", "disk-hog").at("/status/reason").asText()));
    String evicted = "Usage of EmptyDir volume \"scratch\" exceeds the limit \"1Mi\".";
    TestEngine.eventually().untilAsserted(() -> told("disk-hog", evicted));
    TestEngine.eventually()
        .until(
            () -> {
              JsonNode status = ENGINE.get("pod", "disk-hog").path("status");
              return "Failed".equals(status.path("phase").asText())
                  && evicted.equals(status.path("message").asText());
            });
    String uid = ENGINE.get("pod", "disk-hog").at("/metadata/uid").asText();
    TestEngine.eventually()
        .until(() -> Files.notExists(ENGINE.data().resolve("volumes/pod-" + uid + ".scratch")));
    assertThat(ENGINE.jctl("get", "pod/disk-hog").ok().out()).contains("Evicted");
    assertThat(logs("disk-hog")).as("what it said stays").isEqualTo("filling\n");
    ENGINE.jctl("delete", "-f", file, "--wait", "--timeout=60s").ok();
  }

  @Test
  void aPausedPodStandsStillAlsoWhenTheEngineIsKilled() throws IOException {
    String file = ENGINE.file("paused.yaml", IMAGE + COUNTING).toString();
    ENGINE.jctl("apply", "-f", file, "--wait", "--timeout=60s").ok();
    assertThat(ENGINE.jctl("pause", "counting", "ctr/still").ok().out())
        .isEqualTo("pod/counting paused\ncontainer.jctl.dev/still paused\n");
    assertThat(ENGINE.jctl("get", "pod/counting").ok().out()).contains("Paused");
    assertThat(ENGINE.jctl("get", "container/still", "-o", "json").ok().out())
        .contains("\"phase\": \"Paused\"");
    assertThat(ENGINE.jctl("exec", "counting", "--", "sh", "-c", "true").err())
        .contains("is paused; resume it first");
    String counted = settledLogs("counting");

    ENGINE.killEngineProcess("controller");
    ENGINE.killEngineProcess("shim");
    TestEngine.eventually()
        .until(() -> ENGINE.jctl("exec", "counting", "--", "true").err().contains("is paused"));
    assertThat(logs("counting")).as("nothing was done meanwhile").isEqualTo(counted);
    assertThat(ENGINE.jctl("unpause", "counting").ok().out()).isEqualTo("pod/counting unpaused\n");
    TestEngine.eventually().until(() -> logs("counting").length() > counted.length());
    JsonNode status = ENGINE.get("pod", "counting").path("status");
    assertThat(status.at("/containerStatuses/0/restartCount").asInt()).isZero();

    ENGINE.jctl("pause", "counting").ok();
    ENGINE.jctl("delete", "-f", file, "--wait", "--timeout=60s").ok();
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.jctl("get", "events", "-o", "json").ok().out())
                    .contains("Paused container main", "Resumed container main"));
  }

  private static String logs(String... words) {
    String[] all = new String[words.length + 1];
    all[0] = "logs";
    System.arraycopy(words, 0, all, 1, words.length);
    return ENGINE.jctl(all).out();
  }

  /** Of one that says no more, when what was on its way is there. */
  private static String settledLogs(String pod) {
    AtomicReference<String> last = new AtomicReference<>("");
    TestEngine.eventually()
        .until(
            () -> {
              String now = logs(pod);
              return now.equals(last.getAndSet(now));
            });
    return last.get();
  }

  private static JsonNode terminated(String pod) {
    return ENGINE.get("pod", pod).at("/status/containerStatuses/0/state/terminated");
  }

  /** When an event first said so. */
  private static Instant told(String pod, String what) {
    for (JsonNode event : ENGINE.get("events")) {
      if (event.at("/involvedObject/name").asText().equals(pod)
          && event.path("message").asText().contains(what)) {
        return Instant.parse(event.path("firstTimestamp").asText());
      }
    }
    throw new AssertionError("no event of " + pod + " says " + what);
  }
}
