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
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sandboxes whose root is nobody outside, through the shim's process and the kernel. */
final class SandboxUsersPrivilegedIT {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir static Path directory;
  private static ShimProcess shim;
  private static ContainerRuntime runtime;

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    shim = new ShimProcess(directory);
    runtime = shim.client();
    assumeTrue(runtime.host().warnings().stream().noneMatch(w -> w.contains("map ids")));
  }

  @AfterAll
  static void stop() throws IOException {
    if (shim != null) {
      shim.close();
    }
  }

  private static SandboxSpec own(
      String id, Set<SandboxSpec.HostNamespace> shared, Map<String, String> sysctls) {
    return sandbox(id, shared, sysctls, SandboxSpec.Users.OWN);
  }

  private static SandboxSpec sandbox(
      String id,
      Set<SandboxSpec.HostNamespace> shared,
      Map<String, String> sysctls,
      SandboxSpec.Users users) {
    return new SandboxSpec(
        id,
        id,
        shared,
        List.of(),
        SandboxSpec.Dns.OF_HOST,
        Map.of(),
        sysctls,
        NO_LIMITS,
        Map.of(),
        users,
        false);
  }

  private State state(String id) {
    return runtime.container(id).orElseThrow().state();
  }

  private int pid(String id) {
    return ((State.Running) state(id)).pid();
  }

  /** What a container that ended well has written. */
  private List<String> output(String id) throws IOException {
    await().atMost(LONG).until(() -> state(id) instanceof State.Exited);
    List<String> lines =
        Files.readAllLines(shim.log(id)).stream().map(line -> line.split(" ", 4)[3]).toList();
    assertThat((State.Exited) state(id))
        .as("%s: %s", id, lines)
        .extracting(State.Exited::exitCode)
        .isEqualTo(0);
    return lines;
  }

  private String exec(String id, OciSpec.Process process) throws IOException {
    try (ExecSession session = runtime.exec(id, process)) {
      session.stdin().close();
      String said = new String(session.stdout().readAllBytes(), UTF_8);
      String errors = new String(session.stderr().readAllBytes(), UTF_8);
      assertThat(session.waitFor(LONG)).as(said + errors).hasValue(0);
      return said;
    }
  }

  private static List<String> owners(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .sorted()
          .map(file -> file.getFileName() + " " + owner(file, "uid") + ":" + owner(file, "gid"))
          .toList();
    }
  }

  private static Object owner(Path file, String kind) {
    try {
      return Files.getAttribute(file, "unix:" + kind, java.nio.file.LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static OciSpec as(int uid, OciSpec oci) {
    return as(uid, oci.process().capabilities(), oci);
  }

  private static OciSpec withoutCapabilities(int uid, OciSpec oci) {
    List<String> none = List.of();
    return as(uid, new OciSpec.Capabilities(none, none, none, none, none), oci);
  }

  private static OciSpec as(int uid, OciSpec.@Nullable Capabilities capabilities, OciSpec oci) {
    OciSpec.Process p = oci.process();
    return oci.withProcess(
        new OciSpec.Process(
            p.terminal(),
            p.consoleSize(),
            new OciSpec.User(uid, uid, null, List.of(7)),
            p.args(),
            p.env(),
            p.cwd(),
            capabilities,
            p.rlimits(),
            p.noNewPrivileges(),
            p.oomScoreAdj()));
  }

  @Test
  void rootInsideIsNobodyOutsideAndFilesOnDiskAreRoots() throws IOException {
    runtime.ensureVolume(new VolumeSpec("vol", VolumeSpec.Driver.LOCAL, 0));
    runtime.ensureVolume(new VolumeSpec("mem", VolumeSpec.Driver.TMPFS, 0));
    runtime.createSandbox(
        own("own", Set.of(), Map.of("kernel.shmmax", "4096", "net.ipv4.ip_forward", "1")));
    Path host = Files.createDirectory(directory.resolve("host"));
    List<ContainerSpec.VolumeMount> volumes =
        List.of(
            mount(new ContainerSpec.Source.Volume("vol"), "/data/vol"),
            mount(new ContainerSpec.Source.Volume("mem"), "/mem"),
            mount(new ContainerSpec.Source.HostPath(host.toString()), "/host"));
    runtime.runContainer(
        shim.container(
            "own",
            "own",
            shell(
                """
                set -e
                alias b=busybox
                b id -u; b cat /proc/self/uid_map
                b stat -c '%n %u:%g' / /bin/busybox /data /data/vol /dev /dev/null /etc/hosts /proc/1
                for d in / /data/vol /mem /host; do echo x > $d/new; b chown 5:6 $d/new; done
                b rm /bin/text
                b mkdir -p /dev/net; echo x > /dev/null; echo >> /etc/hosts
                b cat /proc/sys/kernel/shmmax /proc/sys/net/ipv4/ip_forward
                echo again > /dev/stdout
                """),
            volumes));
    List<String> said = output("own");
    assertThat(said.getFirst()).isEqualTo("0");
    assertThat(said.get(1)).matches(" *0 +(1[89]|2[01])\\d{8} +65536");
    assertThat(said.subList(2, 10)).allMatch(line -> line.endsWith(" 0:0"));
    assertThat(said.subList(10, said.size())).containsExactly("4096", "1", "again");
    for (Path place :
        List.of(
            shim.data.resolve("containers/own/upper"),
            shim.data.resolve("volumes/vol"),
            shim.run.resolve("volumes/mem"),
            host)) {
      assertThat(owners(place))
          .contains("new 5:6")
          .allMatch(o -> o.endsWith(" 0:0") || o.endsWith(" 5:6"));
    }
    assertThat(owners(shim.data.resolve("containers/own/upper/bin"))).containsExactly("text 0:0");
  }

  @ParameterizedTest
  @EnumSource(names = {"HOST", "OWN"})
  void everybodyMayPingAndListenOnAnyPortUnlessTheSandboxSaysOtherwise(SandboxSpec.Users users)
      throws IOException {
    List<String> said = new ArrayList<>();
    for (Map<String, String> sysctls :
        List.of(Map.<String, String>of(), Map.of("net.ipv4.ip_unprivileged_port_start", "81"))) {
      String id = "free-" + users.name().toLowerCase(Locale.ROOT) + said.size();
      runtime.createSandbox(sandbox(id, Set.of(), sysctls, users));
      OciSpec asking =
          shell(
              """
              exec 2>&1
              busybox cat /proc/sys/net/ipv4/ping_group_range
              busybox httpd -p 80 && echo listens || echo "may not"
              """);
      runtime.runContainer(shim.container(id, id, withoutCapabilities(1000, asking)));
      said.addAll(output(id));
    }
    String everybody = "0\t" + (users == SandboxSpec.Users.OWN ? 65535 : Integer.MAX_VALUE);
    assertThat(said)
        .containsExactly(
            everybody, "listens", everybody, "httpd: bind: Permission denied", "may not");
  }

  @Test
  void groupsThatAreAskedForAreAddedToThoseOfTheImage() throws IOException {
    runtime.createSandbox(own("groups", Set.of(), Map.of()));
    ContainerSpec made =
        shim.container("groups", "groups", as(1, shell("busybox id -u; busybox id -G")));
    runtime.runContainer(
        new ContainerSpec(
            made.id(),
            made.sandboxId(),
            made.layers(),
            made.oci(),
            "5:6",
            made.volumes(),
            made.logDirectory(),
            made.attempt(),
            made.stdin(),
            made.stopSignal(),
            made.labels(),
            made.confidential()));
    assertThat(output("groups")).containsExactly("5", "6 7");
  }

  private static ContainerSpec.VolumeMount mount(ContainerSpec.Source source, String at) {
    return new ContainerSpec.VolumeMount(source, at, false, "");
  }

  @Test
  void usersOfASandboxLiveAsLongAsItAndAreTakenOver() throws Exception {
    runtime.createSandbox(own("a", Set.of(), Map.of()));
    runtime.createSandbox(own("b", Set.of(), Map.of()));
    OciSpec sleeping = as(1000, shell("exec sleep 1000"));
    runtime.runContainer(shim.container("a1", "a", sleeping));
    runtime.runContainer(shim.container("b1", "b", sleeping));
    int first = first("a1");
    assertThat(owner(Path.of("/proc/" + pid("a1")), "uid")).isEqualTo(first + 1000);
    assertThat(first("b1")).isNotEqualTo(first);
    assertThat(Path.of("/run/jctl-ids", "" + first)).isSymbolicLink();
    shim.kill();
    shim.startAgain();
    OciSpec asking = shell("busybox id; echo x > /dev/stderr; busybox cat /proc/self/uid_map");
    assertThat(exec("a1", as(1000, asking).process()))
        .startsWith("uid=1000 gid=1000 groups=7")
        .contains("" + first);
    runtime.runContainer(shim.container("a2", "a", shell("busybox cat /proc/self/uid_map")));
    assertThat(output("a2").getFirst()).contains("" + first);
    runtime.removeSandbox("a");
    runtime.removeSandbox("b");
    assertThat(Files.isSymbolicLink(Path.of("/run/jctl-ids", "" + first))).isFalse();
    assertThat(shim.traces())
        .noneMatch(t -> t.matches(".*/(containers|sandboxes|netns)/[ab][12]?(/.*)?"));
  }

  private int first(String id) throws IOException {
    String map = Files.readString(Path.of("/proc/" + pid(id) + "/uid_map"));
    return Integer.parseInt(map.strip().split(" +", -1)[1]);
  }

  @Test
  void whoMayAdministerItMountsInItsOwnAndTakesNothingAway() throws IOException {
    runtime.createSandbox(own("admin", Set.of(), Map.of()));
    List<String> all =
        List.of("CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE", "CAP_SYS_BOOT");
    OciSpec oci =
        shell(
            """
            b=busybox
            mkdir() { $b mkdir -p $1; }
            mkdir /m && $b mount -t tmpfs t /m && echo mounted
            $b umount /proc/kcore 2>/dev/null || echo masked
            echo 1 2>/dev/null > /proc/sys/kernel/panic || echo sysctl
            $b ip link set lo mtu 1400 && echo link
            $b hostname other && $b hostname
            $b mknod /m/disk b 8 0 2>/dev/null || echo nodes
            case $($b date -s @0 2>&1) in *"can't set"*) echo time ;; esac
            """);
    OciSpec.Process p = oci.process();
    runtime.runContainer(
        shim.container(
            "admin",
            "admin",
            oci.withProcess(
                new OciSpec.Process(
                    false,
                    null,
                    p.user(),
                    p.args(),
                    p.env(),
                    "/",
                    new OciSpec.Capabilities(all, all, List.of(), all, List.of()),
                    List.of(),
                    true,
                    null))));
    assertThat(output("admin"))
        .containsExactly("mounted", "masked", "sysctl", "link", "other", "nodes", "time");
  }

  @Test
  void aVolumeThatIsTakenBackFromItsContainerIsAsItWas() throws Exception {
    VolumeSpec kept = new VolumeSpec("kept", VolumeSpec.Driver.TMPFS, 0);
    runtime.ensureVolume(kept);
    Path path = shim.run.resolve("volumes/kept");
    runtime.createSandbox(own("keeper", Set.of(), Map.of()));
    runtime.runContainer(
        shim.container(
            "keeper",
            "keeper",
            shell("echo x > /kept/file; busybox chown 5:6 /kept/file; exec sleep 1000"),
            List.of(mount(new ContainerSpec.Source.Volume("kept"), "/kept"))));
    await().atMost(LONG).until(() -> owners(path).equals(List.of("file 5:6")));
    dev.jctl.shim.kernel.Kernel.umount(path.toString(), 0);
    runtime.ensureVolume(kept);
    assertThat(owners(path)).containsExactly("file 5:6");

    shim.kill();
    dev.jctl.shim.kernel.Kernel.umount(path.toString(), 0);
    shim.startAgain();
    assertThat(owners(path)).as("also by the next shim").containsExactly("file 5:6");
  }

  @Test
  void terminalsAreTheirUsers() throws IOException {
    runtime.createSandbox(own("tty", Set.of(), Map.of()));
    runtime.runContainer(
        shim.container(
            "tty",
            "tty",
            as(
                1000,
                oci(
                    process(true, "sh", "-c", "busybox stat -c %u /dev/console; echo x > /dev/tty"),
                    NO_LIMITS))));
    assertThat(output("tty")).containsExactly("1000", "x");
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(
            () ->
                runtime.createSandbox(
                    own("bad", Set.of(SandboxSpec.HostNamespace.NETWORK), Map.of())))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("users of its own and the host's [NETWORK]");
    runtime.createSandbox(own("proc", Set.of(), Map.of()));
    assertThatThrownBy(
            () ->
                runtime.createContainer(
                    shim.container(
                        "proc",
                        "proc",
                        shell("true"),
                        List.of(mount(new ContainerSpec.Source.HostPath("/proc"), "/hostproc")))))
        .hasMessageContaining("mount on /hostproc: the file system of /proc")
        .hasMessageContaining("set hostUsers to true");
  }
}
