package dev.jctl.shim.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        List.of("sh", "cat", "id", "hostname", "ls", "touch", "echo", "mount", "tty", "sleep")) {
      Files.createSymbolicLink(layer.resolve("bin/" + name), Path.of("busybox"));
    }
    Files.createDirectories(layer.resolve("etc"));
    Files.writeString(
        layer.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\nweb:x:101:102::/srv:/bin/sh\n");
    Files.writeString(layer.resolve("etc/group"), "root:x:0:\nweb:x:102:\nlog:x:7:web\n");
    Files.writeString(layer.resolve("bin/text"), "no program");
    rootfs = launcher.mountRootfs(List.of(layer), directory);
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

  /** Runs it to its end and returns what it wrote. */
  private String output(OciSpec oci, List<Launcher.ResolvedVolume> volumes) throws IOException {
    Path output = directory.resolve("output");
    Files.deleteIfExists(output);
    int in = Kernel.open("/dev/null", Kernel.O_RDONLY, 0);
    int out = Kernel.open(output.toString(), Kernel.O_RDWR | Kernel.O_CREAT, 0600);
    try {
      Launcher.Launched launched =
          launcher.create(
              new Launcher.LaunchRequest(
                  "test", oci, volumes, List.of(), new Launcher.Stdio.Descriptors(in, out, out)));
      try {
        launched.start();
        dev.jctl.shim.kernel.Pidfd.awaitEnd(launched.pidfd());
      } finally {
        Kernel.close(launched.pidfd());
      }
    } finally {
      Kernel.close(in);
      Kernel.close(out);
    }
    return Files.readString(output, StandardCharsets.UTF_8).strip();
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
  void aLinkOfTheImageCannotLeadAMountOutOfIt() throws IOException {
    Path outside = Files.createDirectories(directory.resolve("outside"));
    Files.createSymbolicLink(layer.resolve("trap"), outside);
    launcher.unmountRootfs(directory);
    rootfs = launcher.mountRootfs(List.of(layer), directory);
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
            null,
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
  void hundredsOfContainersLeaveNoDescriptorAndNoMount() throws IOException {
    output(shell("true"), List.of());
    int descriptors = count("/proc/self/fd");
    long mounts = Files.readAllLines(Path.of("/proc/self/mountinfo")).size();
    for (int i = 0; i < 300; i++) {
      output(
          spec(
              List.of("/bin/busybox", "true"),
              new OciSpec.User(0, 0, null, List.of()),
              false,
              List.of()),
          List.of());
    }
    assertThat(count("/proc/self/fd")).isEqualTo(descriptors);
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo"))).hasSize((int) mounts);
  }

  private static int count(String path) throws IOException {
    try (var entries = Files.list(Path.of(path))) {
      return (int) entries.count();
    }
  }
}
