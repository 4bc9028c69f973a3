package dev.jctl.shim.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.LibC;
import dev.jctl.shim.kernel.NativeMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the OCI runtime specification few ask for, looked at from outside. */
class FeaturesPrivilegedIT {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final long NOTIFICATION_RECEIVE = 0xc0502100L;
  private static final long NOTIFICATION_SEND = 0xc0182101L;
  private static final int ENOSPC = 28;

  @TempDir Path directory;
  private Path rootfs;

  @BeforeEach
  void makeBundle() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    assumeTrue(Files.isExecutable(BUSYBOX), "needs a static /bin/busybox (Debian: busybox-static)");
    rootfs = directory.resolve("bundle/rootfs");
    Path bin = Files.createDirectories(rootfs.resolve("bin"));
    Files.copy(BUSYBOX, bin.resolve("busybox"));
    for (String name : List.of("sh", "sleep", "cat", "mkdir")) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
    }
  }

  @AfterEach
  void removeContainers() throws IOException {
    Path root = directory.resolve("root");
    if (Files.isDirectory(root)) {
      try (Stream<Path> containers = Files.list(root)) {
        containers.forEach(c -> jshim("delete", "--force", c.getFileName().toString()));
      }
    }
  }

  /** The default configuration with a sleeping process and replacements by pairs. */
  private void configure(String... replacements) throws IOException {
    String text =
        Reports.defaultConfig()
            .replace("\"terminal\": true", "\"terminal\": false")
            .replace("\"sh\"", "\"sleep\", \"600\"");
    for (int i = 0; i < replacements.length; i += 2) {
      assertThat(text).contains(replacements[i]);
      text =
          text.replaceFirst(
              Pattern.quote(replacements[i]), Matcher.quoteReplacement(replacements[i + 1]));
    }
    Files.writeString(directory.resolve("bundle/config.json"), text);
  }

  private String jshim(String... arguments) {
    List<String> words = new ArrayList<>(List.of("--root", directory.resolve("root").toString()));
    words.addAll(List.of(arguments));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(all, true, UTF_8);
    int code = JshimMain.run(words, stream, stream);
    return all.toString(UTF_8) + (code == 0 ? "" : "exit " + code);
  }

  private int started(String id) throws IOException {
    Path pid = directory.resolve(id + ".pid");
    String bundle = directory.resolve("bundle").toString();
    assertThat(jshim("create", "--bundle", bundle, "--pid-file", pid.toString(), id)).isEmpty();
    assertThat(jshim("start", id)).isEmpty();
    return Integer.parseInt(Files.readString(pid));
  }

  /** Its output. */
  private static String host(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return out.strip();
  }

  /** By a program of its own, whose output that of the process is. */
  private String inside(String id, String script) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                JshimMain.class.getName(),
                "--root",
                directory.resolve("root").toString()));
    command.addAll(List.of("exec", id, "sh", "-c", script));
    return host(command.toArray(String[]::new));
  }

  private static List<String> stat(int pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Integer.toString(pid), "stat"));
    return List.of(stat.substring(stat.lastIndexOf(')') + 2).strip().split(" "));
  }

  @Test
  void schedulingClocksAndExecutionDomainAreAsTheSpecificationSays() throws Exception {
    configure(
        "\"noNewPrivileges\"",
        """
        "scheduler": {"policy": "SCHED_BATCH", "nice": 7, "flags": ["SCHED_FLAG_RESET_ON_FORK"]},
        "ioPriority": {"class": "IOPRIO_CLASS_IDLE", "priority": 0}, "noNewPrivileges\"""",
        "\"linux\": {",
        """
        "linux": {"personality": {"domain": "LINUX32"},
        "timeOffsets": {"boottime": {"secs": 1000000}, "monotonic": {"secs": -5, "nanosecs": 9}},""",
        "\"type\": \"uts\"",
        "\"type\": \"time\"}, {\"type\": \"uts\"");
    int pid = started("f1");
    Path process = Path.of("/proc", Integer.toString(pid));
    assertThat(stat(pid).get(16)).as("nice").isEqualTo("7");
    assertThat(stat(pid).get(38)).as("policy").isEqualTo("3");
    assertThat(host("/bin/busybox", "ionice", "-p", Integer.toString(pid))).startsWith("idle");
    assertThat(Files.readString(process.resolve("personality")).strip()).isEqualTo("00000008");
    assertThat(Files.readSymbolicLink(process.resolve("ns/time")))
        .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/time")));
    // a further process cannot join the namespace, but has one with the same clocks
    String uptime = inside("f1", "cat /proc/uptime /proc/self/timens_offsets");
    assertThat(Double.parseDouble(uptime.split(" ", 2)[0])).isGreaterThan(1_000_000);
    assertThat(uptime.replaceAll(" +", " ")).contains("monotonic -5 9");
  }

  @Test
  void aTmpfsBeginsWithWhatTheImageHasThereAndBindsShowOtherUsers() throws Exception {
    Path there = Files.createDirectories(rootfs.resolve("var/lib/deep"));
    Files.writeString(there.resolve("file"), "of the image");
    Files.setAttribute(there.resolve("file"), "unix:uid", 7);
    Files.setPosixFilePermissions(
        rootfs.resolve("var/lib"), PosixFilePermissions.fromString("rwxr-x---"));
    Path shown = Files.createDirectories(directory.resolve("shown"));
    Files.writeString(shown.resolve("file"), "mine");
    Files.setAttribute(shown.resolve("file"), "unix:uid", 5);
    String map = "[{\"containerID\": 0, \"hostID\": 700000, \"size\": 1000}]";
    configure(
        "\"mounts\": [",
        """
        "mounts": [
        {"destination": "/var/lib", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "size=1m", "nodev"]},
        {"destination": "/var/lib/deep/more", "type": "bind", "source": "%1$s", "options": ["bind"],
         "uidMappings": %2$s, "gidMappings": %2$s},"""
            .formatted(shown, map));
    int pid = started("f2");
    Path root = Path.of("/proc", Integer.toString(pid), "root");
    assertThat(root.resolve("var/lib/deep/file")).hasContent("of the image");
    assertThat(Files.getAttribute(root.resolve("var/lib/deep/file"), "unix:uid")).isEqualTo(7);
    assertThat(Files.getPosixFilePermissions(root.resolve("var/lib")))
        .isEqualTo(PosixFilePermissions.fromString("rwxr-x---"));
    Files.writeString(root.resolve("var/lib/new"), "in memory");
    assertThat(rootfs.resolve("var/lib/new")).doesNotExist();
    assertThat(Files.readAllLines(Path.of("/proc", Integer.toString(pid), "mountinfo")))
        .anyMatch(line -> line.contains(" /var/lib rw,nodev") && line.contains("size=1024k"));
    assertThat(Files.getAttribute(root.resolve("var/lib/deep/more/file"), "unix:uid"))
        .isEqualTo(700_005);
    assertThat(jshim("delete", "--force", "f2")).isEmpty();
    assertThat(rootfs.resolve("var/lib/deep/file")).hasContent("of the image");

    configure(
        "\"mounts\": [",
        "\"mounts\": [{\"destination\": \"/x\", \"type\": \"bind\","
            + " \"source\": \"/proc\", \"options\": [\"rbind\", \"ridmap\"], \"uidMappings\": "
            + map
            + ", \"gidMappings\": "
            + map
            + "},");
    assertThat(jshim("create", "--bundle", directory.resolve("bundle").toString(), "f3"))
        .contains("mount on /x: the file system of /proc cannot be shown to other users");
  }

  private static Path mounts(String process) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc", process, "ns/mnt"));
  }

  @Test
  void mountsMayBeSeenByTheHostOrByThoseOfANamespaceAndAreGoneAfterwards() throws Exception {
    configure(",\n      {\n        \"type\": \"mount\"\n      }", "");
    int pid = started("f7");
    assertThat(mounts(Integer.toString(pid))).isEqualTo(mounts("self"));
    assertThat(rootfs.resolve("proc/1/cmdline")).hasContent("sleep\0" + "600\0");
    // the command is there by this path in the container only
    assertThat(inside("f7", "/bin/cat /proc/1/cmdline")).startsWith("sleep");
    assertThat(jshim("delete", "--force", "f7")).isEmpty();
    assertThat(rootfs.resolve("proc/1")).doesNotExist();
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
        .noneMatch(line -> line.contains(rootfs.toString()));

    Process other = new ProcessBuilder("unshare", "--mount", "sleep", "600").start();
    try {
      String theirs = Long.toString(other.pid());
      await().atMost(Duration.ofSeconds(60)).until(() -> !mounts(theirs).equals(mounts("self")));
      configure(
          "\"type\": \"mount\"",
          "\"type\": \"mount\", \"path\": \"/proc/%s/ns/mnt\"".formatted(theirs));
      String joined = Integer.toString(started("f8"));
      assertThat(mounts(joined)).isEqualTo(mounts(theirs));
      assertThat(inside("f8", "/bin/cat /proc/1/cmdline")).startsWith("sleep");
      assertThat(rootfs.resolve("proc/1")).doesNotExist();
      assertThat(jshim("delete", "--force", "f8")).isEmpty();
      assertThat(Files.readAllLines(Path.of("/proc", theirs, "mountinfo")))
          .noneMatch(line -> line.contains(rootfs.toString()));
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void limitsGoWhereTheHostHasTheirControllers() throws Exception {
    configure(
        "\"resources\": {",
        """
        "resources": {"cpu": {"idle": 1}, "hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}],""");
    started("f4");
    Path v1 = Path.of("/sys/fs/cgroup/cpu/jshim-f4/cpu.idle");
    assumeTrue(Files.exists(v1), "needs hybrid cgroups");
    assertThat(v1).hasContent("1");
    assertThat(Path.of("/sys/fs/cgroup/unified/jshim-f4/hugetlb.2MB.max")).hasContent("4194304");
    assertThat(jshim("delete", "--force", "f4")).isEmpty();
    configure("\"resources\": {", "\"resources\": {\"unified\": {\"memory.high\": \"1\"},");
    assertThat(jshim("create", "--bundle", directory.resolve("bundle").toString(), "f5"))
        .contains("linux.resources.unified: memory.high: this host has no memory controller");
    configure("\"noNewPrivileges\"", "\"apparmorProfile\": \"mine\", \"noNewPrivileges\"");
    assumeTrue(!Files.exists(Path.of("/sys/module/apparmor")), "needs a host without AppArmor");
    assertThat(jshim("create", "--bundle", directory.resolve("bundle").toString(), "f5"))
        .contains("process.apparmorProfile: is mine, but this host has no AppArmor");
    assertThat(directory.resolve("root/f5")).doesNotExist();
  }

  @Test
  void whoListensDecidesWhatAFilterAsks() throws Exception {
    Path socket = directory.resolve("agent");
    configure(
        "\"linux\": {",
        """
        "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "%s", "listenerMetadata": "note",
        "flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
        "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]},"""
            .formatted(socket),
        "\"sleep\", \"600\"",
        "\"sh\", \"-c\", \"mkdir /dev/shm/a 2>/dev/shm/said; exec sleep 600\"");
    assertThat(jshim("create", "--bundle", directory.resolve("bundle").toString(), "f6"))
        .contains("linux.seccomp.listenerPath: nobody takes the filter's listener: connect");
    assertThat(directory.resolve("root/f6")).doesNotExist();
    int listening = (int) Kernel.check(LibC.INSTANCE.socket(1, 1, 0), "socket");
    try {
      bindAndListen(listening, socket.toString());
      CompletableFuture<String> told = CompletableFuture.supplyAsync(() -> answerOne(listening));
      int pid = started("f6");
      assertThat(told.get(60, TimeUnit.SECONDS))
          .contains("\"fds\":[\"seccompFd\"]", "\"metadata\":\"note\"", "\"id\":\"f6\"");
      Path said = Path.of("/proc", Integer.toString(pid), "root/dev/shm/said");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> Files.exists(said) && Files.size(said) > 0);
      assertThat(said).content().contains("No space left on device");
    } finally {
      Kernel.close(listening);
    }
  }

  private static void bindAndListen(int socket, String path) {
    try (NativeMemory address = NativeMemory.allocate(110)) {
      address.putInt(0, 1);
      address.putBytes(2, path.getBytes(UTF_8));
      Kernel.check(LibC.INSTANCE.bind(socket, address, 110), "bind");
    }
    Kernel.syscall("listen", socket, 4, 0, 0, 0, 0, "listen");
  }

  /** Takes one listener, says ENOSPC to the first call that it tells of, and returns its words. */
  private static String answerOne(int socket) {
    int peer = (int) Kernel.syscall("accept", socket, 0, 0, 0, 0, 0, "accept");
    try (NativeMemory words = NativeMemory.allocate(65_536);
        NativeMemory vector = NativeMemory.allocate(16);
        NativeMemory control = NativeMemory.allocate(24);
        NativeMemory header = NativeMemory.allocate(56);
        NativeMemory call = NativeMemory.allocate(80);
        NativeMemory answer = NativeMemory.allocate(24)) {
      vector.putLong(0, words.address());
      vector.putLong(8, 65_536);
      header.putLong(16, vector.address());
      header.putLong(24, 1);
      header.putLong(32, control.address());
      header.putLong(40, 24);
      int length = (int) Kernel.check(LibC.INSTANCE.recvmsg(peer, header, 0), "recvmsg");
      int listener = control.getInt(16);
      Kernel.check(LibC.INSTANCE.ioctl(listener, NOTIFICATION_RECEIVE, call), "receive");
      answer.putLong(0, call.getLong(0));
      answer.putInt(16, -ENOSPC);
      Kernel.check(LibC.INSTANCE.ioctl(listener, NOTIFICATION_SEND, answer), "answer");
      Kernel.close(listener);
      return new String(words.getBytes(0, length), UTF_8);
    } finally {
      Kernel.close(peer);
    }
  }
}
