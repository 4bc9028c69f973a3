package dev.jctl.shim.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bundles by the command line. What makes processes runs as a program of its own, whose end they
 * outlive; the rest in this one, which is faster.
 */
class JshimPrivilegedIT {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private record Result(int code, String out, String err) {}

  @TempDir Path directory;
  private Path bundle;

  @BeforeEach
  void makeBundle() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    assumeTrue(Files.isExecutable(BUSYBOX), "needs a static /bin/busybox (Debian: busybox-static)");
    bundle = directory.resolve("bundle");
    Path bin = Files.createDirectories(bundle.resolve("rootfs/bin"));
    Files.copy(BUSYBOX, bin.resolve("busybox"));
    for (String name : List.of("sh", "sleep", "cat", "id", "touch", "echo", "tty", "ls")) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
    }
    configure("\"sleep\", \"600\"", config -> config);
  }

  @AfterEach
  void removeContainers() throws IOException {
    Path root = directory.resolve("root");
    if (Files.isDirectory(root)) {
      try (Stream<Path> containers = Files.list(root)) {
        containers.forEach(c -> here("delete", "--force", c.getFileName().toString()));
      }
    }
  }

  private void configure(String args, UnaryOperator<String> changes) throws IOException {
    String config =
        Reports.defaultConfig()
            .replace("\"terminal\": true", "\"terminal\": false")
            .replace("\"sh\"", args);
    Files.writeString(bundle.resolve("config.json"), changes.apply(config));
  }

  private List<String> words(String... arguments) {
    List<String> words = new ArrayList<>(List.of("--root", directory.resolve("root").toString()));
    words.addAll(List.of(arguments));
    return words;
  }

  private Result here(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        JshimMain.run(
            words(arguments), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    return new Result(code, out.toString(UTF_8), err.toString(UTF_8));
  }

  private Result program(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                JshimMain.class.getName()));
    command.addAll(words(arguments));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    // the JVM tells on its standard error that it has taken them
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    process.getOutputStream().close();
    return new Result(process.waitFor(), Files.readString(out), Files.readString(err));
  }

  private String status(String id) {
    Result state = here("state", id);
    assertThat(state.code()).as(state.err()).isZero();
    return Fields.of("state", JsonTree.parse("state", state.out())).requiredText("status");
  }

  @Test
  void aContainerIsMadeStartedAndRemovedByProgramsThatEnd() throws Exception {
    Path pidFile = directory.resolve("pid");
    Result created =
        program("create", "--bundle", bundle.toString(), "--pid-file", pidFile.toString(), "c1");
    assertThat(created).isEqualTo(new Result(0, "", ""));
    Path process = Path.of("/proc", Files.readString(pidFile));
    assertThat(status("c1")).isEqualTo("created");
    assertThat(process).isDirectory();

    assertThat(here("delete", "nobody").err()).contains("\"nobody\" does not exist");
    assertThat(here("start", "c1")).isEqualTo(new Result(0, "", ""));
    assertThat(status("c1")).isEqualTo("running");
    assertThat(Files.readString(process.resolve("cmdline"))).isEqualTo("sleep\0" + "600\0");
    assertThat(here("start", "c1").err()).contains("cannot start container \"c1\": it is running");
    assertThat(here("delete", "c1").err()).contains("cannot delete container \"c1\"");
    assertThat(here("create", "--bundle", bundle.toString(), "c1").err())
        .contains("\"c1\" already exists");

    Result exec = program("exec", "--env", "A=7", "c1", "sh", "-c", "id; echo $A >&2; exit 3");
    assertThat(exec).isEqualTo(new Result(3, "uid=0 gid=0\n", "7\n"));
    assertThat(here("ps", "--format", "json", "c1").out().strip())
        .isEqualTo("[" + process.getFileName() + "]");
    assertThat(here("list", "--format", "json").out()).contains("\"status\":\"running\"");
    assertThat(here("events", "--stats", "c1").out()).contains("\"pids\":{\"current\":1}");

    here("pause", "c1");
    assertThat(status("c1")).isEqualTo("paused");
    assertThat(here("exec", "c1", "id").err()).contains("it is paused");
    here("resume", "c1");
    assertThat(here("update", "--memory", "32m", "--memory-swap", "64m", "c1").err()).isEmpty();
    assertThat(here("update", "--memory", "-1", "c1")).isEqualTo(new Result(0, "", ""));

    assertThat(here("kill", "c1", "KILL").code()).isZero();
    await().atMost(Duration.ofSeconds(60)).until(() -> status("c1").equals("stopped"));
    assertThat(here("delete", "c1")).isEqualTo(new Result(0, "", ""));
    assertThat(directory.resolve("root/c1")).doesNotExist();
    assertThat(Path.of("/sys/fs/cgroup/memory/jshim-c1")).doesNotExist();
  }

  @Test
  void runWaitsForTheEndAndHooksSeeTheLife() throws Exception {
    Path trace = directory.resolve("trace");
    Path hook = directory.resolve("hook");
    Files.writeString(
        hook,
        "#!/bin/sh\nread -r state\nstate=${state##*'\"status\":\"'}\necho \"$1 ${state%%'\"'*}\" >>"
            + trace
            + "\n");
    assertThat(hook.toFile().setExecutable(true)).isTrue();
    StringBuilder hooks = new StringBuilder("\"hooks\": {");
    for (String kind :
        List.of("prestart", "createRuntime", "createContainer", "poststart", "poststop")) {
      hooks
          .append("\"" + kind + "\": [{\"path\": \"" + hook + "\", \"args\": [\"h\", \"")
          .append(kind + "\"], \"timeout\": 60}],");
    }
    // inside: a program of the image
    hooks.append(
        "\"startContainer\": [{\"path\": \"/bin/touch\", \"args\": [\"touch\","
            + " \"/dev/began\"]}]},");
    configure(
        "\"sh\", \"-c\", \"ls /dev/began; exit 5\"",
        config -> config.replace("\"hostname\"", hooks + "\"hostname\""));
    Result run = program("run", "--bundle", bundle.toString(), "c2");
    assertThat(run).isEqualTo(new Result(5, "/dev/began\n", ""));
    assertThat(Files.readString(trace))
        .isEqualTo(
            """
            prestart created
            createRuntime creating
            createContainer creating
            poststart running
            poststop stopped
            """);
    assertThat(here("list", "--quiet").out()).isEmpty();
  }

  private static UnaryOperator<String> hooks(String hooks) {
    return config -> config.replace("\"hostname\"", "\"hooks\": {" + hooks + "}, \"hostname\"");
  }

  private static String shell(String kind, String script) {
    return "\"%s\": [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"%s\"]}]"
        .formatted(kind, script);
  }

  @Test
  void hooksBeforeTheRootIsChangedFindItsMountsAndAddToThem() throws Exception {
    Files.createDirectory(bundle.resolve("rootfs/more"));
    configure(
        "\"cat\", \"/more/file\"",
        hooks(
            shell(
                "createContainer",
                "test -e rootfs/proc/self/status && mount -t tmpfs more rootfs/more"
                    + " && echo $PATH >rootfs/more/file")));
    assertThat(program("run", "--bundle", bundle.toString(), "c4"))
        .isEqualTo(new Result(0, System.getenv("PATH") + "\n", ""));
    assertThat(bundle.resolve("rootfs/more")).isEmptyDirectory();
  }

  @Test
  void aContainerGoesWhenAHookAfterItsStartFailsAndStaysGoneWhenOneAfterItsEndDoes()
      throws Exception {
    configure("\"sleep\", \"600\"", hooks(shell("poststart", "exit 3")));
    assertThat(program("run", "--detach", "--bundle", bundle.toString(), "c5").err())
        .contains("hooks.poststart[0] (/bin/sh): ended with status 3");
    assertThat(here("list", "--quiet").out()).isEmpty();

    Path trace = directory.resolve("trace");
    configure(
        "\"sh\", \"-c\", \"exit 4\"",
        hooks(
            shell("poststop", "echo x >>" + trace + "; exit 3")
                .replace("[{", "[{\"path\": \"/bin/false\"}, {")));
    Result run = program("run", "--bundle", bundle.toString(), "c5");
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("hooks.poststop[0] (/bin/false)", "hooks.poststop[1] (/bin/sh)");
    assertThat(trace).hasContent("x");
  }

  @Test
  void nothingOfTheHostIsOpenInOneThatWaits() throws Exception {
    Path pidFile = directory.resolve("pid");
    assertThat(
            program(
                "create", "--bundle", bundle.toString(), "--pid-file", pidFile.toString(), "c6"))
        .isEqualTo(new Result(0, "", ""));
    try (Stream<Path> open = Files.list(Path.of("/proc", Files.readString(pidFile), "fd"))) {
      assertThat(open.map(fd -> fd.getFileName().toString()))
          .containsExactlyInAnyOrder("0", "1", "2", "3");
    }
  }

  @Test
  void whatIsExecutedBeforeTheStartHasTheEnvironmentOfTheProcess() throws Exception {
    configure(
        "\"sh\", \"-c\", \"exit 0\"",
        config ->
            hooks(shell("startContainer", "test $TERM = xterm -a $HOME = /srv"))
                .apply(config)
                .replace("\"TERM=xterm\"", "\"TERM=xterm\", \"HOME=\""));
    Path etc = Files.createDirectories(bundle.resolve("rootfs/etc"));
    Files.writeString(etc.resolve("passwd"), "root:x:0:0::/srv:/bin/sh\n");
    assertThat(program("run", "--keep", "--bundle", bundle.toString(), "c10"))
        .isEqualTo(new Result(0, "", ""));
    // by these words containerd knows that it need not kill any more
    assertThat(here("kill", "c10", "KILL").err()).contains("container not running");
  }

  @Test
  void devicesAreMadeBeforeTheirFileSystemBecomesReadOnly() throws Exception {
    configure(
        "\"busybox\", \"grep\", \"-c\", \" /dev tmpfs ro,\", \"/proc/mounts\"",
        config -> config.replace("\"strictatime\"", "\"strictatime\", \"ro\""));
    assertThat(program("run", "--bundle", bundle.toString(), "c11"))
        .isEqualTo(new Result(0, "1\n", ""));
  }

  @Test
  void capabilitiesToInheritNeedNotBePermitted() throws Exception {
    configure(
        "\"busybox\", \"grep\", \"CapInh\", \"/proc/self/status\"",
        config ->
            config.replace(
                "\"bounding\": [",
                "\"inheritable\": [\"CAP_SETGID\"], \"bounding\": [\"CAP_SETGID\","));
    assertThat(program("run", "--bundle", bundle.toString(), "c9").out())
        .isEqualTo("CapInh:\t0000000000000040\n");
  }

  @Test
  void itsGroupsAreItsOwnAndOthersJoinThoseBelow() throws Exception {
    Path pids = Path.of("/sys/fs/cgroup/pids");
    assumeTrue(Files.isDirectory(pids), "needs cgroup v1, which shows groups by hierarchy");
    configure(
        "\"sleep\", \"600\"",
        text ->
            text.replaceFirst("(?s),\\s*\\{\\s*\"type\": \"cgroup\"\\s*}", "")
                .replace("\"resources\": {", "\"resources\": {\"pids\": {\"limit\": 77},"));
    assertThat(program("run", "--detach", "--bundle", bundle.toString(), "c7").err()).isEmpty();
    assertThat(program("exec", "c7", "cat", "/sys/fs/cgroup/pids/pids.max").out())
        .isEqualTo("77\n");

    Path group = pids.resolve("jshim-c7");
    Path below = Files.createDirectory(group.resolve("below"));
    assertThat(program("exec", "--cgroup", "below", "c7", "cat", "/proc/self/cgroup").out())
        .contains(":pids:/jshim-c7/below\n");
    assertThat(here("exec", "--cgroup", "../x", "c7", "id").err()).contains("bad sub cgroup path");
    Files.delete(below);

    configure(
        "\"sleep\", \"600\"",
        text -> text.replace("\"linux\": {", "\"linux\": {\"cgroupsPath\": \"/jshim-c7\","));
    assertThat(here("create", "--bundle", bundle.toString(), "c8").err())
        .contains("linux.cgroupsPath: the cgroup /jshim-c7 is there already and has processes");
    here("pause", "c7");
    assertThat(here("create", "--bundle", bundle.toString(), "c8").err()).contains("is frozen");
    assertThat(status("c7")).isEqualTo("paused");

    assertThat(here("delete", "--force", "--regex", "^c[7-9]$")).isEqualTo(new Result(0, "", ""));
    assertThat(here("list", "--quiet").out()).isEmpty();
  }

  @Test
  void whatFailsLeavesNothingAndNamesWhy() throws Exception {
    configure("\"nosuch\"", config -> config);
    assertThat(here("--log", directory + "/no/log", "list").err()).contains("--log: cannot write");
    assertThat(here("--log-format", "xml", "list").err()).contains("must be text or json");
    Path log = directory.resolve("log");
    Result missing =
        here(
            "--log",
            log.toString(),
            "--log-format",
            "json",
            "create",
            "--bundle",
            bundle.toString(),
            "c3");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("\"nosuch\": executable file not found in $PATH");
    assertThat(Files.readString(log)).contains("\"level\":\"error\"", "nosuch");

    configure(
        "\"sleep\", \"600\"",
        config ->
            config.replace(
                "\"hostname\"",
                "\"hooks\": {\"createRuntime\": [{\"path\": \"/bin/false\"}]}, \"hostname\""));
    assertThat(here("create", "--bundle", bundle.toString(), "c3").err())
        .contains("hooks.createRuntime[0] (/bin/false): ended with status 1");

    configure(
        "\"sleep\", \"600\"",
        config ->
            config.replace(
                "\"hostname\"",
                "\"hooks\": {\"prestart\": [{\"path\": \"/bin/sleep\", \"args\": [\"sleep\","
                    + " \"600\"], \"timeout\": 1}]}, \"hostname\""));
    assertThat(here("create", "--bundle", bundle.toString(), "c3").err())
        .contains("hooks.prestart[0] (/bin/sleep): did not end within 1 s");

    configure(
        "\"sleep\", \"600\"",
        config -> config.replace("\"type\": \"devpts\"", "\"type\": \"nosuchfs\""));
    assertThat(here("create", "--bundle", bundle.toString(), "c3").err())
        .contains("mount nosuchfs on /dev/pts: ENODEV");
    assertThat(here("list", "--quiet").out()).isEmpty();
    assertThat(Path.of("/sys/fs/cgroup/memory/jshim-c3")).doesNotExist();
  }
}
