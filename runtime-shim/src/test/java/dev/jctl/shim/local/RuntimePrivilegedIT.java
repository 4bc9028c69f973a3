package dev.jctl.shim.local;

import static dev.jctl.shim.local.ShimProcess.NO_LIMITS;
import static dev.jctl.shim.local.ShimProcess.limits;
import static dev.jctl.shim.local.ShimProcess.oci;
import static dev.jctl.shim.local.ShimProcess.process;
import static dev.jctl.shim.local.ShimProcess.sandbox;
import static dev.jctl.shim.local.ShimProcess.shell;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.cgroup.CgroupLayout;
import dev.jctl.shim.observe.SecurityModules;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.Observed.State;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.TerminationMessage;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers from their making to their end, through the shim's process, socket and kernel. */
final class RuntimePrivilegedIT {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final NetworkSpec NETWORK =
      new NetworkSpec("net", List.of("10.213.0.0/24"), List.of("10.213.0.1/24"), false, 0);

  @TempDir static Path directory;
  private static ShimProcess shim;
  private static ContainerRuntime runtime;

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    assumeTrue(
        Files.isExecutable(ShimProcess.BUSYBOX),
        "needs a static /bin/busybox (Debian: busybox-static)");
    shim = new ShimProcess(directory);
    runtime = shim.client();
  }

  @AfterEach
  void clear() throws IOException {
    shim.clear();
  }

  @AfterAll
  static void stop() throws IOException {
    if (shim != null) {
      shim.close();
    }
  }

  private void run(String id, OciSpec oci) {
    runtime.createSandbox(sandbox(id));
    runtime.runContainer(shim.container(id, id, oci));
  }

  private State state(String id) {
    return runtime.container(id).orElseThrow().state();
  }

  private State.Exited end(String id) {
    await().atMost(LONG).until(() -> state(id) instanceof State.Exited);
    return (State.Exited) state(id);
  }

  private int pid(String id) {
    return ((State.Running) state(id)).pid();
  }

  /** What it wrote, without time and tags. */
  private List<String> output(String id) throws IOException {
    Path log = shim.log(id);
    return Files.exists(log)
        ? Files.readAllLines(log).stream().map(line -> line.split(" ", 4)[3]).toList()
        : List.of();
  }

  @Test
  void runsACommandToItsEnd() throws IOException {
    ConcurrentLinkedQueue<RuntimeEvent> events = new ConcurrentLinkedQueue<>();
    ContainerRuntime.Subscription subscription = runtime.subscribe(events::add);
    runtime.createSandbox(sandbox("lonely"));
    runtime.createContainer(
        shim.container(
            "lonely", "lonely", shell("echo out; echo err >&2; cat /etc/hostname; exit 7")));
    assertThat(state("lonely")).isEqualTo(new State.Created());
    assertThat(shim.log("lonely")).isEmptyFile();
    runtime.startContainer("lonely");
    State.Exited exited = end("lonely");
    assertThat(exited.exitCode()).isEqualTo(7);
    assertThat(exited.reason()).isEqualTo("Error");
    assertThat(exited.startedAt()).isBefore(exited.finishedAt());
    assertThat(output("lonely")).containsExactlyInAnyOrder("out", "err", "lonely");
    assertThat(Files.readString(shim.log("lonely"))).contains(" stdout F out\n", " stderr F err\n");
    RuntimeEvent last = new RuntimeEvent.ContainerChanged("lonely", "lonely", exited);
    await().atMost(LONG).until(() -> events.contains(last));
    assertThat(events)
        .anyMatch(
            event ->
                event
                    instanceof RuntimeEvent.ContainerChanged(String _, String _, State.Running _));
    subscription.close();
    runtime.removeSandbox("lonely");
    runtime.removeLogs(shim.logDirectory("lonely").toString());
    assertThat(runtime.container("lonely")).isEmpty();
    assertThat(shim.traces()).noneMatch(trace -> trace.contains("lonely"));
  }

  @Test
  void tellsWhatAContainerSaysOfItsEndAndElseWhatItLoggedLast() {
    runtime.createSandbox(sandbox("talkative"));

    State.Exited said =
        endOf(
            "said",
            new TerminationMessage("/dev/termination-log", true),
            "echo logged; echo the disk is full > /dev/termination-log; exit 3");
    State.Exited logged =
        endOf(
            "logged",
            new TerminationMessage("/made/for/it", true),
            "for i in `seq 100`; do echo line $i; done; exit 3");
    State.Exited well =
        endOf("well", new TerminationMessage("/dev/termination-log", true), "echo logged");

    assertThat(said.message()).isEqualTo("the disk is full\n");
    assertThat(logged.message()).startsWith("line 21\nline 22\n").endsWith("line 100\n");
    assertThat(well.message()).isEmpty();
    runtime.removeSandbox("talkative");
  }

  private State.Exited endOf(String id, TerminationMessage message, String script) {
    OciSpec plain = shell(script);
    OciSpec asking =
        new OciSpec(
            plain.ociVersion(),
            plain.root(),
            plain.process(),
            plain.hostname(),
            plain.domainname(),
            plain.mounts(),
            message.annotations(),
            plain.linux());
    runtime.createContainer(shim.container(id, "talkative", asking));
    runtime.startContainer(id);
    return end(id);
  }

  @Test
  void aSandboxIsMadeWithItsFirstContainer() throws IOException {
    assertThat(
            runtime.runFirst(
                sandbox("both"), shim.container("both", "both", shell("cat /etc/hostname"))))
        .isEmpty();
    assertThat(end("both").exitCode()).isZero();
    assertThat(output("both")).containsExactly("both");
    assertThatThrownBy(
            () ->
                runtime.runFirst(
                    sandbox("both"), shim.container("second", "both", shell("exit 0"))))
        .hasMessageContaining("sandbox both exists already");
    assertThat(runtime.sandbox("both").orElseThrow().containers())
        .extracting(container -> container.spec().id())
        .containsExactly("both");
    runtime.removeSandbox("both");
  }

  @Test
  void aSandboxWhoseFirstContainerCannotBeMadeIsThereWithoutIt() {
    OciSpec wrong =
        oci(
            process(false, "true"),
            NO_LIMITS,
            List.of(new OciSpec.Mount("/data", "bind", "data", List.of("rbind"))),
            null);
    assertThat(runtime.runFirst(sandbox("alone"), shim.container("wrong", "alone", wrong)))
        .hasValueSatisfying(
            failure -> assertThat(failure).hasMessageContaining("must be an absolute path"));
    assertThat(runtime.sandbox("alone").orElseThrow().containers()).isEmpty();
    assertThat(runtime.sandbox("alone").orElseThrow().namespacesPresent()).isTrue();
    assertThat(runtime.container("wrong")).isEmpty();
    runtime.removeSandbox("alone");
    assertThat(runtime.sandbox("alone")).isEmpty();
  }

  @Test
  void nothingIsLeftOfAFirstContainerWithoutASandbox() throws IOException {
    SandboxSpec elsewhere =
        sandbox(
            "nowhere",
            new SandboxSpec.NetworkAttachment(
                "no-network", "eth0", List.of("10.0.0.2/24"), null, List.of()));
    assertThatThrownBy(
            () ->
                runtime.runFirst(elsewhere, shim.container("nowhere", "nowhere", shell("exit 0"))))
        .hasMessageContaining("no-network");
    assertThat(runtime.sandbox("nowhere")).isEmpty();
    assertThat(runtime.container("nowhere")).isEmpty();
    assertThat(shim.traces()).noneMatch(trace -> trace.contains("nowhere"));
  }

  @Test
  void aRemovedLayerIsGoneAtOnceAndItsFilesSoonAfter() {
    String content = "content";
    LayerEntry.File file =
        new LayerEntry.File(
            "deep/file",
            new LayerEntry.Attributes(0644, 0, 0, 0, Map.of()),
            content.length(),
            new ByteArrayInputStream(content.getBytes(UTF_8)));
    runtime.unpackLayer("gone", List.<LayerEntry>of(file).iterator());
    assertThat(runtime.layers()).contains("gone");
    runtime.removeLayer("gone");
    assertThat(runtime.layers()).doesNotContain("gone");
    await().atMost(LONG).untilAsserted(() -> assertThat(removedLayers()).isEmpty());
  }

  private List<String> removedLayers() throws IOException {
    try (Stream<Path> layers = Files.list(directory.resolve("data/layers"))) {
      return layers
          .map(layer -> layer.getFileName().toString())
          .filter(name -> name.startsWith(".aside-"))
          .toList();
    }
  }

  @Test
  void aCommandThatCannotBeExecutedIsAStartError() {
    runtime.createSandbox(sandbox("bad"));
    startFails("none", "/bin/none", RuntimeFailure.Reason.COMMAND_NOT_FOUND, 127);
    startFails("text", "/bin/text", RuntimeFailure.Reason.COMMAND_NOT_EXECUTABLE, 126);
    OciSpec.Process lost =
        new OciSpec.Process(
            false,
            null,
            new OciSpec.User(0, 0, null, List.of()),
            List.of("true"),
            List.of("PATH=/bin"),
            "/bin/text",
            null,
            List.of(),
            true,
            null);
    ContainerSpec inAFile = shim.container("lost", "bad", oci(lost, NO_LIMITS));
    assertThatThrownBy(() -> runtime.createContainer(inAFile))
        .hasMessageContaining("/bin/text, the working directory");
  }

  private void startFails(String id, String command, RuntimeFailure.Reason reason, int code) {
    OciSpec oci = oci(process(false, command), NO_LIMITS);
    runtime.createContainer(shim.container(id, "bad", oci));
    failsAsStart(id, () -> runtime.startContainer(id), reason, code, command);
    String atOnce = id + "-at-once";
    failsAsStart(
        atOnce,
        () -> runtime.runContainer(shim.container(atOnce, "bad", oci)),
        reason,
        code,
        command);
  }

  private void failsAsStart(
      String id, Runnable start, RuntimeFailure.Reason reason, int code, String message) {
    assertThatThrownBy(start::run)
        .isInstanceOfSatisfying(RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
    assertThat(end(id).reason()).isEqualTo("StartError");
    assertThat(end(id).exitCode()).isEqualTo(code);
  }

  @Test
  void whatFailsWhileItIsSetUpLeavesNothingWhenCreatedAndIsAStartErrorWhenRun() throws IOException {
    runtime.createSandbox(sandbox("odd"));
    OciSpec odd =
        oci(
            process(false, "true"),
            NO_LIMITS,
            List.of(new OciSpec.Mount("/odd", "oddfs", "oddfs", List.of())),
            null);
    assertThatThrownBy(() -> runtime.createContainer(shim.container("odd-made", "odd", odd)))
        .hasMessageContaining("oddfs");
    assertThat(runtime.container("odd-made")).isEmpty();
    runtime.removeLogs(shim.logDirectory("odd-made").toString());
    failsAsStart(
        "odd-run",
        () -> runtime.runContainer(shim.container("odd-run", "odd", odd)),
        RuntimeFailure.Reason.KERNEL,
        128,
        "oddfs");
    runtime.removeContainer("odd-run");
    runtime.removeLogs(shim.logDirectory("odd-run").toString());
    assertThat(shim.traces()).noneMatch(trace -> trace.contains("odd-"));
  }

  @Test
  void theDefaultFilterHoldsForAContainerAndWhatIsExecutedInIt() throws IOException {
    String ask = "busybox grep ^Seccomp: /proc/self/status; busybox unshare -U true 2>&1";
    run("open", shell(ask));
    assertThat(end("open").exitCode()).isZero();
    assertThat(output("open")).containsExactly("Seccomp:\t0");

    OciSpec.Process asking = process(false, "sh", "-c", ask + "; echo asked; sleep 60");
    run("filtered", oci(asking, NO_LIMITS, List.of(), OciSpec.Seccomp.RUNTIME_DEFAULT));
    await().atMost(LONG).until(() -> output("filtered").contains("asked"));
    assertThat(output("filtered"))
        .containsExactly(
            "Seccomp:\t2", "unshare: unshare(0x10000000): Operation not permitted", "asked");
    try (ExecSession session = runtime.exec("filtered", process(false, "sh", "-c", ask))) {
      assertThat(new String(session.stdout().readAllBytes(), UTF_8))
          .startsWith("Seccomp:\t2\n")
          .contains("Operation not permitted");
    }
    runtime.removeSandbox("open");
    runtime.removeSandbox("filtered");
  }

  @Test
  void withAppArmorAContainerAndWhatIsExecutedInItHaveTheDefaultProfile() throws Exception {
    assumeTrue(
        SecurityModules.inForce().contains("apparmor") && runtime.host().warnings().isEmpty(),
        "needs AppArmor and its parser");
    String profile = "jctl-" + runtime.host().instance();
    String ask =
        "busybox cat /proc/self/attr/apparmor/current; echo x > /proc/kcore || echo refused";
    run("confined", shell(ask + "; sleep 60"));
    await().atMost(LONG).until(() -> output("confined").contains("refused"));
    assertThat(output("confined")).startsWith(profile + " (enforce)");
    try (ExecSession session = runtime.exec("confined", process(false, "sh", "-c", ask))) {
      assertThat(new String(session.stdout().readAllBytes(), UTF_8)).startsWith(profile);
    }
    run(
        "free",
        oci(
            process(false, "sh", "-c", ask).confinedBy(_ -> "unconfined", label -> label),
            NO_LIMITS));
    assertThat(end("free").exitCode()).isZero();
    assertThat(output("free")).startsWith("unconfined");
    runtime.removeSandbox("confined");
    runtime.removeSandbox("free");
    shim.stop();
    assertThat(Path.of("/sys/kernel/security/apparmor/profiles")).content().doesNotContain(profile);
  }

  @Test
  void stopsWithGraceAndThenWithForce() {
    run("polite", shell("trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done"));
    await().atMost(LONG).until(() -> output("polite").contains("ready"));
    runtime.stopContainer("polite", LONG);
    assertThat(end("polite").exitCode()).isEqualTo(5);

    run("deaf", oci(process(false, "sleep", "1000"), NO_LIMITS));
    runtime.stopContainer("deaf", Duration.ofMillis(100));
    assertThat(end("deaf").exitCode()).isEqualTo(137);
    assertThat(end("deaf").signal()).isEqualTo(9);
    assertThat(end("deaf").reason()).isEqualTo("Error");
  }

  @Test
  void talksToTheContainerAndToFurtherProcesses() throws IOException {
    run("talk", oci(process(false, "cat"), NO_LIMITS));
    try (ExecSession attached = runtime.attach("talk")) {
      attached.stdin().write("to the first\n".getBytes(UTF_8));
      attached.stdin().flush();
      assertThat(attached.stdout().readNBytes(13)).asString(UTF_8).isEqualTo("to the first\n");
    }
    try (ExecSession further =
        runtime.exec("talk", process(false, "sh", "-c", "cat; echo bad >&2; exit 3"))) {
      further.stdin().write("to the second".getBytes(UTF_8));
      further.stdin().close();
      assertThat(further.stdout().readAllBytes()).asString(UTF_8).isEqualTo("to the second");
      assertThat(further.stderr().readAllBytes()).asString(UTF_8).isEqualTo("bad\n");
      assertThat(further.waitFor(LONG)).hasValue(3);
    }
    try (ExecSession terminal =
        runtime.exec("talk", process(true, "sh", "-c", "read go; stty size; exit 4"))) {
      terminal.resize(101, 33);
      terminal.stdin().write("go\n".getBytes(UTF_8));
      terminal.stdin().flush();
      assertThat(terminal.stdout().readAllBytes()).asString(UTF_8).contains("33 101\r\n");
      assertThat(terminal.waitFor(LONG)).hasValue(4);
    }
    assertThat(output("talk")).containsExactly("to the first");
  }

  @Test
  void limitsAreTheKernelsAndChangeWhileItRuns() throws IOException {
    long megabyte = 1 << 20;
    OciSpec.Resources some =
        limits(new OciSpec.Memory(32 * megabyte, null, null), new OciSpec.Pids(50));
    run("limited", oci(process(false, "sleep", "1000"), some));
    assertThat(limit("limited", "memory", "memory.limit_in_bytes", "memory.max"))
        .isEqualTo(Long.toString(32 * megabyte));
    assertThat(limit("limited", "pids", "pids.max", "pids.max")).isEqualTo("50");
    assertThat(Files.readAllLines(Path.of("/proc", Integer.toString(pid("limited")), "cgroup")))
        .filteredOn(line -> line.startsWith("0::/"))
        .allMatch(line -> line.endsWith("/limited~limited"));
    runtime.updateResources("limited", limits(null, new OciSpec.Pids(70)));
    assertThat(limit("limited", "pids", "pids.max", "pids.max")).isEqualTo("70");
    assertThat(runtime.usage("limited").orElseThrow().pids()).isEqualTo(1);

    run("greedy", oci(process(false, "tail", "/dev/zero"), some));
    assertThat(end("greedy").reason()).isEqualTo("OOMKilled");
    assertThat(end("greedy").exitCode()).isEqualTo(137);
  }

  private String limit(String id, String controller, String v1, String v2) throws IOException {
    CgroupLayout layout = ShimProcess.cgroups();
    Path root = layout.v1().get(controller);
    Path group =
        (root == null ? layout.unified().orElseThrow() : root)
            .resolve(shim.parentGroup())
            .resolve(id + "~" + id);
    assertThat(Files.readString(group.resolve("cgroup.procs")).strip())
        .isEqualTo(Integer.toString(pid(id)));
    return Files.readString(group.resolve(root == null ? v2 : v1)).strip();
  }

  @Test
  void containersOutliveAKilledShimAndTheirLogsHaveNoGap() throws Exception {
    run(
        "count",
        shell("trap 'exit 6' USR1; i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done"));
    run("short", shell("read line; exit 2"));
    run("orphan", shell("while :; do sleep 0.1; done"));
    int pid = pid("count");
    int brief = pid("short");
    int orphan = pid("orphan");
    await().atMost(LONG).until(() -> output("count").size() > 20);

    shim.kill();
    Files.writeString(directory.resolve("data/containers/short/stdin"), "end\n");
    await().atMost(LONG).until(() -> isGone(brief));
    Files.delete(directory.resolve("data/containers/orphan/container.json"));
    Files.delete(directory.resolve("data/sandboxes/orphan/sandbox.json"));
    shim.startAgain();
    runtime.removeLogs(shim.logDirectory("orphan").toString());

    assertThat(pid("count")).isEqualTo(pid);
    int before = output("count").size();
    await().atMost(LONG).until(() -> output("count").size() > before + 20);
    runtime.signalContainer("count", 10);
    // the exit code of one that is not our child is known from Linux 6.15 on
    assertThat(end("count").exitCode()).isIn(6, -1);
    List<String> numbers = output("count");
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).isEqualTo(Integer.toString(i + 1));
    }
    assertThat(end("short").reason()).isEqualTo("ExitCodeUnknown");
    assertThat(runtime.container("orphan")).isEmpty();
    await().atMost(LONG).until(() -> isGone(orphan));
    assertThat(shim.traces()).noneMatch(trace -> trace.contains("orphan"));
  }

  private static boolean isGone(int pid) {
    return !Files.exists(Path.of("/proc", Integer.toString(pid)));
  }

  @Test
  void preparedNamespacesAreGivenOnceAndSweptAfterAKill() throws Exception {
    awaitPrepared();
    Set<String> prepared = prepared();
    Set<String> given = new HashSet<>();
    for (int i = 0; i < 2 * prepared.size(); i++) {
      String id = "p" + i;
      run(id, oci(process(false, "cat"), NO_LIMITS));
      for (String type : List.of("net", "ipc", "uts")) {
        Object inode = Files.getAttribute(namespaceOf(id, type), "unix:ino");
        assertThat(given.add(type + inode)).as(type + " of " + id + " is its own").isTrue();
      }
      assertThat(hostname(id)).isEqualTo(id);
    }
    awaitPrepared();

    shim.kill();
    shim.startAgain();
    awaitPrepared();
    int mounts = 3 * prepared.size() + (hasUsers() ? 4 * prepared.size() : 0);
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(shim.traces())
                    .filteredOn(t -> t.startsWith("mount ") && t.contains("/.prepared-"))
                    .as("each is mounted once, those of the killed process are gone")
                    .hasSize(mounts));
    assertThat(hostname("p0")).isEqualTo("p0");
  }

  private Set<String> prepared() throws IOException {
    try (Stream<Path> all = Files.list(shim.run.resolve("netns"))) {
      return all.map(path -> path.getFileName().toString())
          .filter(name -> name.matches("\\.prepared-\\d+"))
          .collect(Collectors.toSet());
    }
  }

  /** Until a few are ready again. */
  private void awaitPrepared() {
    await()
        .atMost(LONG)
        .until(
            () ->
                shim.traces().stream()
                        .filter(trace -> trace.matches("mount .*/\\.prepared-(users-)?\\d+/uts"))
                        .count()
                    >= (hasUsers() ? 2L : 1L) * PreparedDirectories.FEW);
  }

  /** Whether sandboxes can have users of their own on this machine. */
  private boolean hasUsers() {
    return runtime.host().warnings().stream().noneMatch(warning -> warning.contains("map ids"));
  }

  private Path namespaceOf(String id, String type) {
    return Path.of("/proc", Integer.toString(pid(id)), "ns", type);
  }

  private String hostname(String id) {
    try (ExecSession asked = runtime.exec(id, process(false, "cat", "/proc/sys/kernel/hostname"))) {
      return new String(asked.stdout().readAllBytes(), UTF_8).strip();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void theLastOneOutLeavesNothingAndOthersAreKept() throws Exception {
    run("stays", shell("while :; do sleep 0.1; done"));
    int pid = pid("stays");
    assertThat(shim.stop()).isEqualTo(143);
    assertThat(shim.traces()).anyMatch(trace -> trace.startsWith("group "));
    shim.startAgain();
    assertThat(pid("stays")).isEqualTo(pid);
    runtime.removeSandbox("stays");
    runtime.removeLogs(shim.logDirectory("stays").toString());
    shim.stop();
    assertThat(shim.traces())
        .allMatch(trace -> trace.startsWith("file "), "is a file")
        .doesNotContain("file " + shim.run.resolve("shim.sock"))
        .doesNotContain("file " + shim.run.resolve("netns"));
  }

  @Test
  void manyLivesLeaveNothing() throws IOException {
    for (int i = 0; i < 5; i++) {
      live(i);
    }
    holdUpASession();
    awaitPrepared();
    Set<String> before = tracesOfSandboxes();
    long descriptors = shim.descriptors();
    for (int i = 5; i < 35; i++) {
      live(i);
    }
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              assertThat(tracesOfSandboxes()).isEqualTo(before);
              // the JVM opens one itself now and then, as for a jar
              assertThat(shim.descriptors()).isLessThan(descriptors + 10);
            });
  }

  /** Without what is kept ready for the next ones. */
  private Set<String> tracesOfSandboxes() throws IOException {
    return shim.traces().stream()
        .filter(trace -> !trace.contains("/.prepared-"))
        .collect(Collectors.toSet());
  }

  /**
   * More output than a socket takes at once: the first virtual thread that has to wait for a socket
   * makes the JVM's pollers, and their descriptors stay.
   */
  private void holdUpASession() throws IOException {
    run("talker", oci(process(false, "cat"), NO_LIMITS));
    try (ExecSession much =
        runtime.exec("talker", process(false, "busybox", "head", "-c", "16777216", "/dev/zero"))) {
      assertThat(much.stdout().readAllBytes()).hasSize(16777216);
    }
    runtime.removeSandbox("talker");
    runtime.removeLogs(shim.logDirectory("talker").toString());
  }

  @Test
  void mountsThatOthersTakeAwayAreToldOfAndComeBackWithTheirContent() throws Exception {
    ConcurrentLinkedQueue<RuntimeEvent> events = new ConcurrentLinkedQueue<>();
    ContainerRuntime.Subscription subscription = runtime.subscribe(events::add);
    VolumeSpec memory = new VolumeSpec("memory", VolumeSpec.Driver.TMPFS, 1 << 20);
    Path path = Path.of(runtime.ensureVolume(memory).path());
    runtime.createSandbox(sandbox("keeper"));
    runtime.runContainer(
        shim.container(
            "keeper",
            "keeper",
            shell("echo kept > /kept/file; echo done; sleep 60"),
            List.of(
                new ContainerSpec.VolumeMount(
                    new ContainerSpec.Source.Volume("memory"), "/kept", false, ""))));
    await().atMost(LONG).until(() -> output("keeper").contains("done"));

    unmount("umount", "-l", path.toString());
    await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.VolumeChanged("memory")));
    runtime.ensureVolume(memory);
    assertThat(path.resolve("file")).hasContent("kept\n");

    unmount("nsenter", "-t", "" + pid("keeper"), "-m", "/bin/busybox", "umount", "/kept");
    await().atMost(LONG).until(() -> events.contains(new RuntimeEvent.SandboxChanged("keeper")));
    runtime.repairMounts("keeper");
    assertThat(runtime.container("keeper").orElseThrow().missingMounts()).isEmpty();
    subscription.close();

    shim.kill();
    unmount("umount", "-l", path.toString());
    shim.startAgain();
    assertThat(path.resolve("file")).as("taken away while nobody looked").hasContent("kept\n");
    assertThat(runtime.volumes()).singleElement().matches(Observed.Volume::repaired);
    runtime.removeSandbox("keeper");
    runtime.removeVolume("memory");
  }

  private static void unmount(String... command) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private ContainerSpec withoutItsVolume(String sandbox) {
    return shim.container(
        sandbox + "-lost",
        sandbox,
        oci(process(false, "cat"), NO_LIMITS),
        List.of(
            new ContainerSpec.VolumeMount(
                new ContainerSpec.Source.HostPath("/does/not/exist"), "/lost", false, "")));
  }

  /** With all that a container can have, and one that cannot be made. */
  private void live(int number) {
    String id = "c" + number;
    runtime.ensureNetwork(NETWORK);
    runtime.ensureVolume(new VolumeSpec("kept", VolumeSpec.Driver.TMPFS, 1 << 20));
    runtime.createSandbox(
        sandbox(
            id,
            new SandboxSpec.NetworkAttachment(
                "net", "eth0", List.of("10.213.0.2/24"), null, List.of(id))));
    runtime.publishPorts(
        id,
        List.of(new PortSpec(id, "TCP", "127.0.0.1", 18080, "10.213.0.2", 80, Exposure.LOCALHOST)));
    assertThatThrownBy(() -> runtime.createContainer(withoutItsVolume(id)))
        .hasMessageContaining("/does/not/exist");
    runtime.createContainer(
        shim.container(
            id,
            id,
            oci(process(false, "cat"), limits(null, new OciSpec.Pids(10))),
            List.of(
                new ContainerSpec.VolumeMount(
                    new ContainerSpec.Source.Volume("kept"), "/kept", false, ""))));
    runtime.startContainer(id);
    try (ExecSession further = runtime.exec(id, process(number % 2 == 0, "true"))) {
      assertThat(further.waitFor(LONG)).hasValue(0);
    }
    runtime.removeSandbox(id);
    runtime.removeVolume("kept");
    runtime.removeNetwork("net");
    runtime.removeLogs(shim.logDirectory(id).toString());
  }
}
