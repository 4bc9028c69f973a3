package dev.jctl.shim.local;

import static dev.jctl.shim.local.ShimProcess.NO_LIMITS;
import static dev.jctl.shim.local.ShimProcess.oci;
import static dev.jctl.shim.local.ShimProcess.process;
import static dev.jctl.shim.local.ShimProcess.shell;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.Observed.State;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** First processes that are the runtime's own: of a container, and of all in a sandbox. */
final class FirstProcessPrivilegedIT {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir static Path directory;
  private static ShimProcess shim;
  private static ContainerRuntime runtime;

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    shim = new ShimProcess(directory);
    runtime = shim.client();
  }

  @AfterAll
  static void stop() throws IOException {
    if (shim != null) {
      shim.close();
    }
  }

  private static ContainerSpec withInit(ContainerSpec c) {
    return new ContainerSpec(
        c.id(),
        c.sandboxId(),
        c.layers(),
        c.oci(),
        c.user(),
        c.volumes(),
        c.logDirectory(),
        c.attempt(),
        c.stdin(),
        c.stopSignal(),
        c.labels(),
        c.confidential(),
        c.stdinOnce(),
        true,
        c.processesOf());
  }

  private static SandboxSpec sharing(String id, SandboxSpec.Users users) {
    return new SandboxSpec(
        id,
        id,
        Set.of(),
        List.of(),
        SandboxSpec.Dns.OF_HOST,
        Map.of(),
        Map.of(),
        NO_LIMITS,
        Map.of(),
        users,
        true);
  }

  private static State state(String id) {
    return runtime.container(id).orElseThrow().state();
  }

  private static State.Exited exited(String id) {
    await().atMost(LONG).until(() -> state(id) instanceof State.Exited);
    return (State.Exited) state(id);
  }

  private static String log(String id) throws IOException {
    return Files.exists(shim.log(id)) ? Files.readString(shim.log(id)) : "";
  }

  private static void awaitLog(String id, String text) {
    await().atMost(LONG).until(() -> log(id).contains(text));
  }

  private static String exec(String id, String script) throws IOException {
    try (ExecSession session = runtime.exec(id, process(false, "sh", "-c", script))) {
      session.stdin().close();
      String said = new String(session.stdout().readAllBytes(), UTF_8);
      String errors = new String(session.stderr().readAllBytes(), UTF_8);
      assertThat(session.waitFor(LONG)).as(said + errors).hasValue(0);
      return said;
    }
  }

  /** What all processes that one sees are called; of zombies in brackets. */
  private static Set<String> processes(String id) throws IOException {
    Set<String> names = new TreeSet<>();
    String status = "for p in /proc/[0-9]*; do busybox grep -h -e ^Name -e ^State $p/status; done";
    String[] words = exec(id, status).split("\\s+", -1);
    for (int i = 0; i < words.length - 1; i++) {
      if (words[i].equals("Name:")) {
        names.add(words[i + 3].equals("Z") ? "[" + words[i + 1] + "]" : words[i + 1]);
      }
    }
    return names;
  }

  /** Of those that one sees. */
  private static List<String> sleeping(String id) throws IOException {
    return exec(
            id,
            """
            for p in /proc/[0-9]*; do
              case "$(busybox tr '\\0' ' ' 2>/dev/null <$p/cmdline)" in "busybox sleep"*) echo ${p#/proc/};; esac
            done
            """)
        .lines()
        .toList();
  }

  @Test
  void anInitReapsAndHandsOnSignals() throws IOException {
    runtime.createSandbox(ShimProcess.sandbox("init"));
    runtime.runContainer(
        withInit(
            shim.container(
                "init",
                "init",
                shell(
                    """
                    trap 'echo asked; exit 7' TERM
                    busybox sh -c 'busybox sh -c "busybox mkdir /gone" &'
                    echo ready
                    while :; do busybox sleep 3600 & wait $!; done
                    """))));
    awaitLog("init", "ready");
    exec("init", "while ! [ -d /gone ]; do :; done");
    assertThat(exec("init", "busybox tr '\\0' ' ' </proc/1/cmdline"))
        .startsWith("jctl-init /bin/sh sh -c");
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(processes("init"))
                    .contains("jctl-init", "busybox", "sh")
                    .noneMatch(name -> name.startsWith("[")));
    runtime.stopContainer("init", LONG);
    assertThat(exited("init").exitCode()).isEqualTo(7);
    assertThat(log("init")).contains("asked");
  }

  @Test
  void anInitEndsAsItsCommandDoes() throws IOException {
    runtime.createSandbox(ShimProcess.sandbox("ends"));
    Map<String, Integer> codes = Map.of("exit 0", 0, "exit 42", 42, "kill -9 $$", 128 + 9);
    codes.forEach(
        (script, code) -> {
          String id = "ends-" + code;
          runtime.runContainer(withInit(shim.container(id, "ends", shell(script))));
          assertThat(exited(id).exitCode()).as(script).isEqualTo(code);
        });
  }

  @Test
  void aCommandThatCannotBeExecutedIsToldAlsoBelowAnInit() throws IOException {
    runtime.createSandbox(ShimProcess.sandbox("missing"));
    runtime.createContainer(
        withInit(shim.container("missing", "missing", oci(process(false, "nothing"), NO_LIMITS))));
    assertThatThrownBy(() -> runtime.startContainer("missing"))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("\"nothing\": not found in PATH /bin of the image")
        .extracting(e -> ((RuntimeFailure) e).reason())
        .isEqualTo(RuntimeFailure.Reason.COMMAND_NOT_FOUND);
    runtime.runContainer(
        withInit(shim.container("text", "missing", oci(process(false, "text"), NO_LIMITS))));
    assertThat(exited("text").exitCode()).isEqualTo(126);
    assertThat(log("text")).contains("jctl-init: the command cannot be executed");
  }

  @Test
  void aCommandIsLookedForInAllOfPathAlsoBelowAnInit() throws IOException {
    runtime.createSandbox(ShimProcess.sandbox("path"));
    OciSpec.Process p = process(false, "sh", "-c", "echo found");
    OciSpec.Process searching =
        p.with(p.user(), p.args(), List.of("PATH=/none:/bin/text:/proc/sys:/bin"));
    runtime.runContainer(withInit(shim.container("path", "path", oci(searching, NO_LIMITS))));
    assertThat(exited("path").exitCode()).isZero();
    assertThat(log("path")).contains("found");
  }

  @Test
  void aCommandBelowAnInitHasTheTerminal() throws IOException {
    runtime.createSandbox(ShimProcess.sandbox("tty"));
    OciSpec.Process p = process(true, "sh", "-c", "echo ready; read x; echo got $x; exit 5");
    runtime.runContainer(withInit(shim.container("tty", "tty", oci(p, NO_LIMITS))));
    awaitLog("tty", "ready");
    try (ExecSession attached = runtime.attach("tty")) {
      attached.stdin().write("word\n".getBytes(UTF_8));
      attached.stdin().flush();
      assertThat(exited("tty").exitCode()).isEqualTo(5);
    }
    assertThat(log("tty")).contains("got word");
  }

  @ParameterizedTest
  @EnumSource(SandboxSpec.Users.class)
  void containersOfASandboxCanShareTheirProcesses(SandboxSpec.Users users) throws IOException {
    String id = "share-" + users.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    assumeTrue(
        users != SandboxSpec.Users.OWN
            || runtime.host().warnings().stream().noneMatch(w -> w.contains("map ids")));
    runtime.createSandbox(sharing(id, users));
    String first = id + "-a";
    String second = id + "-b";
    runtime.runContainer(shim.container(first, id, shell("busybox tail -f /dev/null")));
    runtime.runContainer(
        shim.container(
            second,
            id,
            shell("busybox sleep 3600 & busybox sh -c 'busybox true &'; exec busybox sleep 3600")));
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(processes(first))
                    .contains("jctl-pause", "busybox", "sh")
                    .noneMatch(name -> name.startsWith("[")));
    await().atMost(LONG).until(() -> sleeping(first).size() == 2);
    // nobody in there ends the first process, or sees what it sees
    exec(first, "kill -9 1; kill -TERM 1; ! busybox ls /proc/1/root/ 2>/dev/null");
    exec(first, "kill -TERM " + String.join(" ", sleeping(first)));
    assertThat(exited(second).exitCode()).isEqualTo(128 + 15);
    assertThat(state(first)).isInstanceOf(State.Running.class);
    await().atMost(LONG).until(() -> sleeping(first).isEmpty());
  }

  @Test
  void whatAContainerLeavesBehindAmongSharedProcessesEndsWithIt() throws IOException {
    runtime.createSandbox(sharing("left", SandboxSpec.Users.HOST));
    runtime.runContainer(shim.container("left-a", "left", shell("busybox tail -f /dev/null")));
    runtime.runContainer(shim.container("left-b", "left", shell("busybox sleep 3600 & exit 0")));
    assertThat(exited("left-b").exitCode()).isZero();
    await().atMost(LONG).until(() -> sleeping("left-a").isEmpty());
  }

  @Test
  void sharedProcessesOutliveTheRuntimeAndEndWithTheirFirst()
      throws IOException, InterruptedException {
    runtime.createSandbox(sharing("held", SandboxSpec.Users.OWN_WHERE_POSSIBLE));
    runtime.runContainer(shim.container("held-a", "held", shell("busybox tail -f /dev/null")));
    shim.kill();
    shim.startAgain();
    assertThat(runtime.sandbox("held").orElseThrow().namespacesPresent()).isTrue();
    runtime.runContainer(shim.container("held-b", "held", shell("exec busybox sleep 3600")));
    await().atMost(LONG).until(() -> sleeping("held-a").size() == 1);

    Path group = ShimProcess.cgroups().v1().getOrDefault("memory", Path.of("/sys/fs/cgroup"));
    String pid =
        Files.readString(
                group
                    .resolve(shim.parentGroup())
                    .resolve("held~" + SharedProcesses.GROUP)
                    .resolve("cgroup.procs"))
            .strip();
    ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
    assertThat(exited("held-b").exitCode()).isEqualTo(128 + 9);
    exited("held-a");
    await().atMost(LONG).until(() -> !runtime.sandbox("held").orElseThrow().namespacesPresent());
  }

  @Test
  void removingASandboxOfSharedProcessesLeavesNothing() throws IOException {
    runtime.createSandbox(sharing("brief", SandboxSpec.Users.HOST));
    runtime.runContainer(shim.container("brief-a", "brief", shell("busybox tail -f /dev/null")));
    runtime.removeSandbox("brief");
    runtime.removeLogs(shim.logDirectory("brief-a").toString());
    assertThat(shim.traces()).noneMatch(trace -> trace.contains("brief"));
  }
}
