package dev.jctl.shim.exec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.Pidfd;
import dev.jctl.shim.kernel.Terminal;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherPrivilegedIT {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final List<String> CAPS =
      List.of("CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_SETGID");

  private final LinuxLauncher launcher = new LinuxLauncher();
  @TempDir Path directory;
  private Path layer;
  private Path rootfs;

  @BeforeEach
  void mountRootfs() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    assumeTrue(Files.isExecutable(BUSYBOX), "needs a static /bin/busybox (Debian: busybox-static)");
    layer = Files.createDirectories(directory.resolve("layer"));
    Files.createDirectories(layer.resolve("bin"));
    Files.copy(BUSYBOX, layer.resolve("bin/busybox"));
    for (String name :
        List.of(
            "sh",
            "cat",
            "id",
            "hostname",
            "ls",
            "touch",
            "echo",
            "mount",
            "tty",
            "sleep",
            "grep",
            "readlink",
            "cut",
            "mkdir",
            "wc")) {
      Files.createSymbolicLink(layer.resolve("bin/" + name), Path.of("busybox"));
    }
    Files.createDirectories(layer.resolve("etc"));
    Files.writeString(
        layer.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\nweb:x:101:102::/srv:/bin/sh\n");
    Files.writeString(layer.resolve("etc/group"), "root:x:0:\nweb:x:102:\nlog:x:7:web\n");
    Files.writeString(layer.resolve("bin/text"), "no program");
    launcher.mountRootfs(List.of(layer), directory, directory);
    rootfs = Launcher.rootfs(directory);
  }

  @AfterEach
  void unmountRootfs() {
    if (rootfs != null) {
      launcher.unmountRootfs(directory);
    }
  }

  private OciSpec spec(
      List<String> args, OciSpec.User user, boolean readOnly, List<OciSpec.Mount> more) {
    List<OciSpec.Mount> mounts =
        new ArrayList<>(
            List.of(
                new OciSpec.Mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")),
                new OciSpec.Mount(
                    "/dev", "tmpfs", "tmpfs", List.of("nosuid", "mode=755", "size=65536k")),
                new OciSpec.Mount(
                    "/dev/pts",
                    "devpts",
                    "devpts",
                    List.of("newinstance", "ptmxmode=0666", "mode=0620")),
                new OciSpec.Mount(
                    "/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"))));
    mounts.addAll(more);
    return new OciSpec(
        OciSpec.VERSION,
        new OciSpec.Root(rootfs.toString(), readOnly),
        new OciSpec.Process(
            false,
            null,
            user,
            args,
            List.of("PATH=/sbin:/bin"),
            "/work/here",
            new OciSpec.Capabilities(CAPS, CAPS, List.of(), CAPS, List.of()),
            List.of(),
            true,
            null),
        "inside",
        null,
        mounts,
        Map.of(),
        new OciSpec.Linux(
            List.of(
                new OciSpec.Namespace("pid", null),
                new OciSpec.Namespace("mount", null),
                new OciSpec.Namespace("network", null),
                new OciSpec.Namespace("ipc", null),
                new OciSpec.Namespace("uts", null),
                new OciSpec.Namespace("cgroup", null)),
            List.of(),
            List.of(),
            List.of(),
            null,
            null,
            null,
            null,
            Map.of(),
            List.of("/proc/kcore", "/proc/acpi", "/sys/firmware"),
            List.of("/proc/sys", "/proc/bus")));
  }

  private OciSpec shell(String script) {
    return spec(
        List.of("sh", "-c", script), new OciSpec.User(0, 0, null, List.of()), false, List.of());
  }

  private static OciSpec withTerminal(OciSpec oci) {
    OciSpec.Process p = oci.process();
    return new OciSpec(
        oci.ociVersion(),
        oci.root(),
        new OciSpec.Process(
            true,
            null,
            p.user(),
            p.args(),
            p.env(),
            p.cwd(),
            p.capabilities(),
            p.rlimits(),
            p.noNewPrivileges(),
            null),
        oci.hostname(),
        null,
        oci.mounts(),
        Map.of(),
        oci.linux());
  }

  private static OciSpec with(OciSpec oci, UnaryOperator<OciSpec.Linux> change) {
    return new OciSpec(
        oci.ociVersion(),
        oci.root(),
        oci.process(),
        oci.hostname(),
        null,
        oci.mounts(),
        Map.of(),
        change.apply(oci.linux()));
  }

  private static OciSpec.Linux withUsers(OciSpec.Linux l, List<OciSpec.IdMapping> maps) {
    List<OciSpec.Namespace> namespaces = new ArrayList<>(l.namespaces());
    namespaces.add(new OciSpec.Namespace("user", null));
    return new OciSpec.Linux(
        namespaces,
        maps,
        maps,
        List.of(),
        null,
        null,
        null,
        null,
        Map.of(),
        l.maskedPaths(),
        l.readonlyPaths());
  }

  private static OciSpec.Linux withFilter(OciSpec.Linux l, OciSpec.Seccomp filter) {
    return new OciSpec.Linux(
        l.namespaces(),
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        null,
        filter,
        Map.of(),
        List.of(),
        List.of());
  }

  private static String link(String path) throws IOException {
    return Files.readSymbolicLink(Path.of(path)).toString();
  }

  /** A container that runs until it is closed. */
  private static final class Running implements AutoCloseable {
    private final Launcher.Launched launched;
    private final OciSpec oci;

    Running(Launcher.Launched launched, OciSpec oci) {
      this.launched = launched;
      this.oci = oci;
    }

    @Override
    public void close() {
      Kernel.pidfdSendSignal(launched.pidfd(), 9);
      Pidfd.awaitEnd(launched.pidfd());
      Kernel.close(launched.pidfd());
    }
  }

  private Running start(OciSpec oci, List<Launcher.ResolvedVolume> volumes) {
    int in = Kernel.open("/dev/null", Kernel.O_RDWR, 0);
    try {
      Launcher.Launched launched =
          launcher.create(
              new Launcher.LaunchRequest(
                  "test",
                  oci,
                  volumes,
                  List.of(),
                  new Launcher.Stdio.Descriptors(in, in, in),
                  false,
                  () -> {}));
      launched.start();
      return new Running(launched, oci);
    } finally {
      Kernel.close(in);
    }
  }

  /** What a shell script in the container writes. */
  private String exec(Running container, String script) throws IOException {
    Path output = directory.resolve("exec-output");
    int in = Kernel.open("/dev/null", Kernel.O_RDONLY, 0);
    int out = Kernel.open(output.toString(), Kernel.O_RDWR | Kernel.O_CREAT, 0600);
    OciSpec.Process p = container.oci.process();
    OciSpec.Process process =
        new OciSpec.Process(
            false,
            null,
            p.user(),
            List.of("sh", "-c", script),
            p.env(),
            "/bin",
            p.capabilities(),
            List.of(),
            true,
            null);
    ContainerSpec spec =
        new ContainerSpec(
            "test",
            "s",
            List.of(),
            container.oci,
            null,
            List.of(),
            "/",
            0,
            false,
            "SIGTERM",
            Map.of(),
            false);
    try {
      Launcher.Launched launched =
          launcher.exec(
              container.launched.pid(),
              spec,
              process,
              List.of(),
              new Launcher.Stdio.Descriptors(in, out, out));
      Pidfd.awaitEnd(launched.pidfd());
      Kernel.close(launched.pidfd());
    } finally {
      Kernel.close(in);
      Kernel.close(out);
    }
    return Files.readString(output, UTF_8).strip();
  }

  /** Runs it to its end and returns what it wrote. */
  private String output(OciSpec oci, List<Launcher.ResolvedVolume> volumes) {
    return outputOf(oci, volumes, "output");
  }

  private String outputOf(OciSpec oci, List<Launcher.ResolvedVolume> volumes, String name) {
    try {
      return written(oci, volumes, directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String written(OciSpec oci, List<Launcher.ResolvedVolume> volumes, Path output)
      throws IOException {
    Files.deleteIfExists(output);
    int in = Kernel.open("/dev/null", Kernel.O_RDONLY, 0);
    int out = Kernel.open(output.toString(), Kernel.O_RDWR | Kernel.O_CREAT, 0600);
    try {
      Launcher.Launched launched =
          launcher.create(
              new Launcher.LaunchRequest(
                  "test",
                  oci,
                  volumes,
                  List.of(),
                  new Launcher.Stdio.Descriptors(in, out, out),
                  false,
                  () -> {}));
      try {
        launched.start();
        Pidfd.awaitEnd(launched.pidfd());
      } finally {
        Kernel.close(launched.pidfd());
      }
    } finally {
      Kernel.close(in);
      Kernel.close(out);
    }
    return Files.readString(output, UTF_8).strip();
  }

  @Test
  void isAloneInNamespacesOfItsOwn() throws IOException {
    String seen =
        output(
            shell("echo $$; hostname; ls /proc/self/fd | wc -l; pwd; ls -d /proc/[0-9]* | wc -l"),
            List.of());
    // three of stdio and the directory that ls reads
    assertThat(seen.lines()).startsWith("1", "inside").contains("4", "/work/here");
  }

  @Test
  void seesNoMountButItsOwnAndItsRootIsTheNamespaces() throws IOException {
    assertThat(output(shell("cut -d' ' -f5 /proc/self/mountinfo"), List.of()).lines())
        .contains("/", "/proc", "/dev", "/dev/pts", "/sys")
        .allMatch(at -> at.equals("/") || at.matches("/(proc|dev|sys)(/.*)?"))
        .containsOnlyOnce("/");
    // who has another root than its namespace may make no user namespace, user_namespaces(7)
    assertThat(output(shell("busybox unshare -U id -u"), List.of())).isEqualTo("65534");
  }

  @Test
  void dropsCapabilitiesAndMayGainNone() throws IOException {
    String status = output(shell("cat /proc/self/status"), List.of());
    assertThat(status)
        .contains("CapEff:\t00000000000000e1", "CapBnd:\t00000000000000e1", "NoNewPrivs:\t1");
  }

  @Test
  void hidesWhatIsMaskedAndProtectsWhatIsReadOnly() throws IOException {
    String seen =
        output(
            shell(
                "cat /proc/kcore | wc -c; ls /sys/firmware | wc -l; echo 1 > /proc/sys/kernel/sysrq || echo refused"),
            List.of());
    assertThat(seen.lines().map(String::strip)).contains("0", "refused");
  }

  @Test
  void aReadOnlyRootTakesNoWrites() throws IOException {
    OciSpec oci =
        spec(List.of("touch", "/x"), new OciSpec.User(0, 0, null, List.of()), true, List.of());
    assertThat(output(oci, List.of())).contains("Read-only file system");
  }

  @Test
  void runsAsTheUserThatTheImageNames() throws IOException {
    Launcher.ResolvedUser web = launcher.resolveUser(rootfs, "web");
    assertThat(web.home()).isEqualTo("/srv");
    assertThat(output(spec(List.of("id"), web.user(), false, List.of()), List.of()))
        .isEqualTo("uid=101(web) gid=102(web) groups=7(log)");
    assertThatThrownBy(() -> launcher.resolveUser(rootfs, "nobody-here"))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("/etc/passwd");
  }

  @Test
  void mountsVolumesAndKeepsReadOnlyOnesSo() throws IOException {
    Path volume = Files.createDirectories(directory.resolve("volume"));
    Files.writeString(volume.resolve("hello"), "from the host");
    String seen =
        output(
            shell("cat /data/hello; touch /data/x || echo kept; touch /more/written"),
            List.of(
                new Launcher.ResolvedVolume(volume, "/data", true),
                new Launcher.ResolvedVolume(volume, "/more", false)));
    assertThat(seen).contains("from the host").contains("kept");
    assertThat(volume.resolve("written")).exists();
  }

  @Test
  void aVolumeMayBeAFileOrNamedByADescriptor() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "a file");
    Path volume = Files.createDirectories(directory.resolve("volume"));
    Files.writeString(volume.resolve("hello"), "by descriptor");
    int fd = Kernel.open(volume.toString(), Kernel.O_PATH, 0);
    try {
      String self = Long.toString(ProcessHandle.current().pid());
      Path named = Path.of("/proc", self, "fd", Integer.toString(fd));
      List<Launcher.ResolvedVolume> volumes = new ArrayList<>();
      volumes.add(new Launcher.ResolvedVolume(file, "/etc/of/file", true));
      for (int i = 0; i < 20; i++) {
        volumes.add(new Launcher.ResolvedVolume(named, "/data/" + i, false));
      }
      assertThat(output(shell("cat /etc/of/file /data/0/hello /data/19/hello"), volumes))
          .isEqualTo("a file" + "by descriptor".repeat(2));
    } finally {
      Kernel.close(fd);
    }
  }

  @Test
  void aLinkOfTheImageCannotLeadAMountOutOfIt() throws IOException {
    Path outside = Files.createDirectories(directory.resolve("outside"));
    Files.createSymbolicLink(layer.resolve("trap"), outside);
    launcher.unmountRootfs(directory);
    launcher.mountRootfs(List.of(layer), directory, directory);
    Path volume = Files.createDirectories(directory.resolve("volume"));
    try {
      output(shell("true"), List.of(new Launcher.ResolvedVolume(volume, "/trap/in", false)));
    } catch (RuntimeFailure refused) {
      assertThat(refused).hasMessageContaining("/trap");
    }
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void namesACommandThatIsNotThereOrIsNoProgram() {
    OciSpec.User root = new OciSpec.User(0, 0, null, List.of());
    assertThatThrownBy(() -> output(spec(List.of("nothing"), root, false, List.of()), List.of()))
        .isInstanceOfSatisfying(
            RuntimeFailure.class,
            f -> assertThat(f.reason()).isEqualTo(RuntimeFailure.Reason.COMMAND_NOT_FOUND))
        .hasMessageContaining("nothing")
        .hasMessageContaining("/sbin:/bin");
    assertThatThrownBy(() -> output(spec(List.of("/bin/text"), root, false, List.of()), List.of()))
        .isInstanceOfSatisfying(
            RuntimeFailure.class,
            f -> assertThat(f.reason()).isEqualTo(RuntimeFailure.Reason.COMMAND_NOT_EXECUTABLE));
  }

  @Test
  void namesTheCallThatFailedAndItsObject() {
    OciSpec.Mount impossible = new OciSpec.Mount("/x", "nosuchfs", "nosuchfs", List.of());
    OciSpec oci =
        spec(List.of("id"), new OciSpec.User(0, 0, null, List.of()), false, List.of(impossible));
    assertThatThrownBy(() -> output(oci, List.of()))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("mount nosuchfs on /x")
        .hasMessageContaining("ENODEV");
  }

  @Test
  void sandboxNamespacesOutliveEveryProcessAndAreRemovedWhole() throws IOException {
    Path held = Files.createDirectories(directory.resolve("sandbox"));
    launcher.createNamespaces(
        new SandboxSpec(
            "s",
            "shared",
            Set.of(),
            List.of(),
            SandboxSpec.Dns.OF_HOST,
            Map.of(),
            Map.of(),
            new OciSpec.Resources(List.of(), null, null, null, Map.of()),
            Map.of()),
        held);
    try {
      OciSpec own = shell("hostname; cat /proc/net/dev");
      OciSpec.Linux l = own.linux();
      OciSpec joined =
          new OciSpec(
              own.ociVersion(),
              own.root(),
              own.process(),
              null,
              null,
              own.mounts(),
              Map.of(),
              new OciSpec.Linux(
                  List.of(
                      new OciSpec.Namespace("pid", null),
                      new OciSpec.Namespace("mount", null),
                      new OciSpec.Namespace("network", held.resolve("net").toString()),
                      new OciSpec.Namespace("ipc", held.resolve("ipc").toString()),
                      new OciSpec.Namespace("uts", held.resolve("uts").toString())),
                  List.of(),
                  List.of(),
                  List.of(),
                  null,
                  null,
                  null,
                  null,
                  Map.of(),
                  l.maskedPaths(),
                  l.readonlyPaths()));
      assertThat(output(joined, List.of()))
          .contains("shared")
          .contains("lo:")
          .doesNotContain("eth0");
    } finally {
      launcher.removeNamespaces(held);
    }
    assertThat(held).isEmptyDirectory();
  }

  @Test
  void theTerminalIsControlling() throws IOException {
    Terminal.Pair pair = Terminal.open();
    OciSpec oci = shell("tty; ls -l /dev/console | cut -c1; echo typed > /dev/tty");
    try {
      Launcher.Launched launched =
          launcher.create(
              new Launcher.LaunchRequest(
                  "test",
                  withTerminal(oci),
                  List.of(),
                  List.of(),
                  new Launcher.Stdio.Pty(pair.slave()),
                  false,
                  () -> {}));
      try {
        Kernel.close(pair.slave()); // from now on the end of output is an error of read
        launched.start();
        Pidfd.awaitEnd(launched.pidfd());
        StringBuilder seen = new StringBuilder();
        byte[] buffer = new byte[4096];
        // output arrives in pieces
        while (seen.indexOf("typed") < 0) {
          seen.append(new String(buffer, 0, Kernel.read(pair.master(), buffer), UTF_8));
        }
        assertThat(seen.toString()).contains("/dev/console").doesNotContain("not a tty");
      } finally {
        Kernel.close(launched.pidfd());
      }
    } finally {
      Kernel.close(pair.master());
    }
  }

  @Test
  void aFurtherProcessIsInAllOfTheContainersNamespaces() throws IOException {
    try (Running container = start(shell("sleep 100"), List.of())) {
      String own = "readlink /proc/self/ns/%s; ".repeat(5);
      String script =
          own.formatted("mnt", "uts", "ipc", "net", "pid")
              + "hostname; pwd; id; grep -E 'Cap(Eff|Bnd)|NoNew' /proc/self/status; readlink /proc/1/ns/mnt";
      List<String> seen = exec(container, script).lines().toList();
      assertThat(seen).contains("inside", "/bin", "NoNewPrivs:\t1", "CapBnd:\t00000000000000e1");
      assertThat(seen.getFirst()).isEqualTo(seen.getLast());
      assertThat(seen.get(4)).isNotEqualTo(link("/proc/self/ns/pid"));
    }
  }

  @Test
  void aFurtherProcessOfAGoneContainerIsRefused() throws IOException {
    Running container = start(shell("sleep 100"), List.of());
    container.close();
    assertThatThrownBy(() -> exec(container, "true"))
        .isInstanceOfSatisfying(
            RuntimeFailure.class,
            f -> assertThat(f.reason()).isEqualTo(RuntimeFailure.Reason.NOT_RUNNING));
  }

  @Test
  void aVolumeThatWasUnmountedInsideIsMountedAgain() throws IOException {
    Path volume = Files.createDirectories(directory.resolve("volume"));
    Files.writeString(volume.resolve("hello"), "still here");
    Launcher.ResolvedVolume resolved = new Launcher.ResolvedVolume(volume, "/data", true);
    try (Running container = start(shell("sleep 100"), List.of())) {
      Files.createDirectories(rootfs.resolve("data"));
      launcher.repairMounts(container.launched.pid(), List.of(resolved));
      assertThat(exec(container, "cat /data/hello; touch /data/x || echo kept"))
          .contains("still here", "kept");
    }
  }

  @Test
  void aUserNamespaceMapsItsRootToAnOrdinaryUserOfTheHost() throws IOException {
    OciSpec oci =
        shell(
            "id -u; cat /proc/self/uid_map; echo x > /dev/null && echo null; ls /proc/1/fd > /dev/null && echo proc");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setAttribute(rootfs, "unix:uid", 100_000);
    List<OciSpec.IdMapping> maps = List.of(new OciSpec.IdMapping(0, 100_000, 65_536));
    assertThat(output(with(oci, l -> withUsers(l, maps)), List.of()).lines().map(String::strip))
        .contains("0", "null", "proc")
        .anyMatch(line -> line.matches("0 +100000 +65536"));
  }

  @Test
  void aFilterRefusesWhatItDoesNotList() throws IOException {
    OciSpec.Seccomp filter =
        new OciSpec.Seccomp(
            "SCMP_ACT_ALLOW",
            null,
            List.of(),
            List.of(
                new OciSpec.SyscallRule(
                    List.of("mkdir", "mkdirat", "no_such_call"), "SCMP_ACT_ERRNO", 95, List.of())));
    String seen =
        output(
            with(
                shell("grep Seccomp: /proc/self/status; mkdir /x || echo refused"),
                l -> withFilter(l, filter)),
            List.of());
    assertThat(seen).contains("Seccomp:\t2", "Operation not supported", "refused");
  }

  @Test
  void anAbandonedProcessNeverRuns() throws IOException {
    int in = Kernel.open("/dev/null", Kernel.O_RDWR, 0);
    try {
      Launcher.Launched launched =
          launcher.create(
              new Launcher.LaunchRequest(
                  "test",
                  shell("touch /ran"),
                  List.of(),
                  List.of(),
                  new Launcher.Stdio.Descriptors(in, in, in),
                  false,
                  () -> {}));
      launched.abandon();
      Kernel.close(launched.pidfd());
      assertThat(Path.of("/proc", Integer.toString(launched.pid()))).doesNotExist();
      assertThat(rootfs.resolve("ran")).doesNotExist();
    } finally {
      Kernel.close(in);
    }
  }

  @Test
  void aMagicLinkOfTheImageLeadsNoMountOutOfIt() throws IOException {
    Path outside = Files.createDirectories(directory.resolve("outside"));
    Files.createSymbolicLink(rootfs.resolve("trap"), Path.of("/proc/self/fd/6" + outside));
    Path volume = Files.createDirectories(directory.resolve("volume"));
    assertThatThrownBy(
            () ->
                output(
                    shell("true"), List.of(new Launcher.ResolvedVolume(volume, "/trap/in", false))))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("/trap");
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void manyAtOnceDoNotDisturbEachOther() {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String name = "output" + i;
      all.add(
          CompletableFuture.runAsync(
              () -> {
                for (int j = 0; j < 25; j++) {
                  String text = name + " " + j;
                  assertThat(outputOf(shell("echo " + text), List.of(), name)).isEqualTo(text);
                }
              }));
    }
    all.forEach(CompletableFuture::join);
  }

  @Test
  void hundredsOfContainersLeaveNoDescriptorAndNoMount() throws IOException {
    output(shell("true"), List.of());
    int descriptors = count("/proc/self/fd");
    List<String> mounts = mountsOfThisTest();
    for (int i = 0; i < 300; i++) {
      output(
          spec(
              List.of("/bin/busybox", "true"),
              new OciSpec.User(0, 0, null, List.of()),
              false,
              List.of()),
          List.of());
    }
    // the JVM opens one itself now and then, as for a jar
    assertThat(count("/proc/self/fd")).isLessThan(descriptors + 100);
    assertThat(mountsOfThisTest()).isEqualTo(mounts);
  }

  @Test
  void sharedMemoryIsForAllUsersAndKeepsItsOptions() {
    OciSpec.Mount memory =
        new OciSpec.Mount(
            "/dev/shm",
            "tmpfs",
            "shm",
            List.of("nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
    String look = "ls -ld /dev/shm | cut -c1-10; touch /dev/shm/a; grep ' /dev/shm ' /proc/mounts";
    OciSpec.User user = new OciSpec.User(101, 102, null, List.of());
    assertThat(
            output(spec(List.of("/bin/sh", "-c", look), user, false, List.of(memory)), List.of()))
        .startsWith("drwxrwxrwt")
        .contains("/dev/shm tmpfs rw,nosuid,nodev,noexec")
        .doesNotContain("denied");
  }

  /** Its table of descriptors stays as large as it was when the command was executed. */
  @Test
  void whatIsOpenHereTakesNoMemoryOfTheContainer() throws IOException {
    OciSpec spec =
        spec(
            List.of("/bin/busybox", "grep", "FDSize", "/proc/self/status"),
            new OciSpec.User(0, 0, null, List.of()),
            false,
            List.of());
    String before = output(spec, List.of());
    List<FileChannel> open = new ArrayList<>();
    try {
      for (int i = 0; i < 5000; i++) {
        open.add(FileChannel.open(layer.resolve("etc/passwd")));
      }
      assertThat(output(spec, List.of())).isEqualTo(before);
    } finally {
      for (FileChannel channel : open) {
        channel.close();
      }
    }
  }

  private List<String> mountsOfThisTest() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(directory.toString()))
        .toList();
  }

  private static int count(String path) throws IOException {
    try (var entries = Files.list(Path.of(path))) {
      return (int) entries.count();
    }
  }
}
