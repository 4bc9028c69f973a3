package dev.jctl.shim.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyscallProgramTest {
  private static final LaunchContext CONTEXT =
      new LaunchContext(
              List.of(new LaunchContext.HeldTree("/data", true)),
              Set.of("/files/hosts"),
              List.of("/cgroups/memory/c/tasks"),
              List.of("memory"),
              0xff,
              Map.of("RLIMIT_NOFILE", 1000L),
              Map.of(),
              List.of(1, 2),
              "",
              0)
          .withEmptyRoot(true);

  private static OciSpec.Mount mount(String target, String type, String source, String... options) {
    return new OciSpec.Mount(target, type, source, List.of(options));
  }

  private static OciSpec spec(List<OciSpec.Mount> mounts, List<String> namespaces) {
    List<String> caps = List.of("CAP_CHOWN", "CAP_SYS_RESOURCE");
    return new OciSpec(
        OciSpec.VERSION,
        new OciSpec.Root("/rootfs", true),
        new OciSpec.Process(
            false,
            null,
            new OciSpec.User(7, 8, 0077, List.of(9, 10, 11)),
            List.of("serve", "--all"),
            List.of("PATH=/bin:/sbin", "HOME=/"),
            "/srv",
            new OciSpec.Capabilities(caps, caps, caps, caps, List.of("CAP_CHOWN")),
            List.of(new OciSpec.Rlimit("RLIMIT_NOFILE", 4096, 8192)),
            true,
            null),
        null,
        null,
        mounts,
        Map.of(),
        new OciSpec.Linux(
            namespaces.stream()
                .map(n -> n.split("=", 2))
                .map(n -> new OciSpec.Namespace(n[0], n.length == 1 ? null : n[1]))
                .toList(),
            List.of(),
            List.of(),
            List.of(),
            null,
            null,
            null,
            null,
            Map.of(),
            List.of("/proc/kcore"),
            List.of("/proc/sys")));
  }

  private static OciSpec typical() {
    return spec(
        List.of(
            mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755"),
            mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro"),
            mount("/etc/hosts", "bind", "/files/hosts", "rbind", "nosuid", "ro")),
        List.of("pid", "mount", "cgroup", "network=/run/net"));
  }

  private static List<String> calls(SyscallProgram program) {
    return program.records().stream().map(SyscallRecord::call).toList();
  }

  @Test
  void aTypicalContainerIsMadeBy() throws IOException {
    try (InputStream expected = getClass().getResourceAsStream("typical.txt")) {
      String text =
          new String(Objects.requireNonNull(expected).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(ProgramText.lines(LaunchPlanner.create(typical(), CONTEXT)))
          .containsExactlyElementsOf(text.lines().toList());
    }
  }

  @Test
  void withoutAnEmptyRootItBeginsInTheHostsMounts() {
    assertThat(ProgramText.lines(LaunchPlanner.create(typical(), CONTEXT.withEmptyRoot(false))))
        .contains("thread: clone3(CLONE_VM|CLONE_FILES|CLONE_VFORK|CLONE_NEWNS|CLONE_NEWPID)")
        .anyMatch(line -> line.endsWith(": pivot_root(\".\", \".\")"))
        .anyMatch(line -> line.endsWith(": umount2(\".\", MNT_DETACH)"));
  }

  @Test
  void hierarchiesAreOnAFileSystemOfItsOwnOnlyWhereThereIsNoEmptyRoot() {
    List<OciSpec.Mount> cgroups = List.of(mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro"));
    OciSpec oci = spec(cgroups, List.of("mount"));
    String made = "mount(\"tmpfs\", \".\", \"tmpfs\"";
    assertThat(ProgramText.lines(LaunchPlanner.create(oci, CONTEXT)))
        .noneMatch(line -> line.contains(made))
        .anyMatch(line -> line.contains("openat(AT_FDCWD, \"/cgroup\", O_PATH"));
    assertThat(ProgramText.lines(LaunchPlanner.create(oci, CONTEXT.withEmptyRoot(false))))
        .anyMatch(line -> line.contains(made));
  }

  @Test
  void sharedMemoryIsAFileSystemOfItsOwnOnlyWhereItMayBecomeLargerThanTheDevices() {
    assertThat(calls(devicesAndSharedMemory("size=64k"))).containsOnlyOnce("mount");
    assertThat(calls(devicesAndSharedMemory("size=1g"))).filteredOn("mount"::equals).hasSize(2);
  }

  private static SyscallProgram devicesAndSharedMemory(String size) {
    List<OciSpec.Mount> mounts =
        List.of(
            mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755", "size=64k"),
            mount("/dev/shm", "tmpfs", "shm", "noexec", "mode=1777", size));
    return LaunchPlanner.create(spec(mounts, List.of("mount")), CONTEXT);
  }

  @Test
  void whatHearsOfTheHostsLaterMountsBeginsThere() {
    OciSpec.Mount slave = mount("/data", "bind", "/files", "rbind", "rslave");
    OciSpec oci = spec(List.of(slave), List.of("mount"));
    assertThat(calls(LaunchPlanner.create(oci, CONTEXT))).contains("pivot_root");
  }

  @Test
  void resultsAreUsedOnlyAfterTheyAreThere() {
    List<SyscallRecord> records = LaunchPlanner.create(typical(), CONTEXT).records();
    for (int i = 0; i < records.size(); i++) {
      int at = i;
      assertThat(records.get(i).arguments())
          .filteredOn(a -> a instanceof Argument.Result)
          .allSatisfy(a -> assertThat(((Argument.Result) a).record()).isLessThan(at));
      assertThat(i + records.get(i).skipped()).isLessThan(records.size());
    }
  }

  @Test
  void theGroupOfV2IsEnteredByTheClone() {
    LaunchContext context =
        new LaunchContext(
            List.of(),
            Set.of(),
            List.of("/unified/c/cgroup.procs", "/memory/c/tasks"),
            List.of("memory"),
            0,
            Map.of(),
            Map.of(),
            List.of(),
            "",
            0);
    SyscallProgram program =
        LaunchPlanner.create(spec(List.of(), List.of("mount", "cgroup")), context);
    assertThat(program.group()).contains("/unified/c");
    assertThat(ProgramText.lines(program))
        .contains(
            "thread: clone3(CLONE_VM|CLONE_FILES|CLONE_VFORK|CLONE_NEWNS|CLONE_INTO_CGROUP,"
                + " open(\"/unified/c\"))")
        .anyMatch(line -> line.contains("/memory/c/tasks"))
        .noneMatch(line -> line.contains("cgroup.procs"));
  }

  @Test
  void nothingIsMountedOnAPathOfTheImage() {
    // after the change of root, a target is a descriptor or the directory that was opened last
    List<SyscallRecord> records = LaunchPlanner.create(typical(), CONTEXT).records();
    int pivot = calls(LaunchPlanner.create(typical(), CONTEXT)).indexOf("pivot_root");
    assertThat(records.subList(pivot + 1, records.size()))
        .filteredOn(r -> r.call().equals("mount"))
        .isNotEmpty()
        .allMatch(r -> r.arguments().get(1).equals(new Argument.Text(".")));
  }

  @Test
  void rightsAreGivenUpAfterTheyAreNeeded() {
    List<String> calls = new ArrayList<>(calls(LaunchPlanner.create(typical(), CONTEXT)));
    assertThat(calls.indexOf("setresuid")).isGreaterThan(calls.lastIndexOf("umount2"));
    assertThat(calls.indexOf("capset")).isGreaterThan(calls.indexOf("setresuid"));
    assertThat(calls.indexOf("rt_sigprocmask")).isGreaterThan(calls.indexOf("capset"));
    assertThat(calls.subList(calls.indexOf("execve"), calls.size())).containsOnly("execve");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tmpcopyup", "idmap"})
  void refusesMountOptionsItCannotHonour(String option) {
    OciSpec oci = spec(List.of(mount("/x", "bind", "/y", option)), List.of("mount"));
    assertThatThrownBy(() -> LaunchPlanner.create(oci, CONTEXT))
        .isInstanceOfSatisfying(
            RuntimeFailure.class,
            f -> assertThat(f.reason()).isEqualTo(RuntimeFailure.Reason.INVALID))
        .hasMessageContaining(option);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/../etc", "/a/../../b"})
  void refusesDestinationsThatClimb(String destination) {
    OciSpec oci = spec(List.of(mount(destination, "tmpfs", "tmpfs")), List.of("mount"));
    assertThatThrownBy(() -> LaunchPlanner.create(oci, CONTEXT)).hasMessageContaining(destination);
  }

  /** On a machine with SELinux. */
  @Test
  void labelsAreThoseOfTheProcessAndOfItsOwnFileSystems() {
    LaunchContext labelled =
        new LaunchContext(
            List.of(),
            Set.of(),
            List.of(),
            List.of(),
            Map.of(),
            0,
            Map.of(),
            Map.of(),
            List.of(),
            "",
            0,
            List.of(),
            Set.of("selinux"),
            false,
            false);
    OciSpec oci =
        labelled(spec(List.of(mount("/run", "tmpfs", "tmpfs", "size=1m")), List.of("mount")));
    String text = String.join("\n", ProgramText.lines(LaunchPlanner.create(oci, labelled)));
    assertThat(text)
        .contains(
            "/proc/self/attr/exec",
            "u:r:container_t:s0",
            "size=1m,context=\\\"u:object_r:f_t:s0\\\"");
    assertThatThrownBy(() -> LaunchPlanner.create(oci, CONTEXT))
        .hasMessage(
            "process.selinuxLabel: is u:r:container_t:s0, but this host has no SELinux; leave it out");
  }

  private static OciSpec labelled(OciSpec oci) {
    OciSpec.Linux linux = oci.linux();
    return new OciSpec(
        oci.ociVersion(),
        oci.root(),
        oci.process().confinedBy(profile -> profile, _ -> "u:r:container_t:s0"),
        oci.hostname(),
        oci.domainname(),
        oci.mounts(),
        oci.annotations(),
        new OciSpec.Linux(
            linux.namespaces(),
            linux.uidMappings(),
            linux.gidMappings(),
            linux.devices(),
            linux.cgroupsPath(),
            linux.resources(),
            linux.rootfsPropagation(),
            linux.seccomp(),
            linux.sysctl(),
            linux.maskedPaths(),
            linux.readonlyPaths(),
            linux.timeOffsets(),
            linux.personality(),
            "u:object_r:f_t:s0"));
  }

  @Test
  void refusesParametersThatWouldChangeTheHost() {
    assertThat(Sysctls.path("net.ipv4.ip_forward", Set.of("network")))
        .isEqualTo("/proc/sys/net/ipv4/ip_forward");
    assertThat(Sysctls.path("kernel.domainname", Set.of("uts")))
        .isEqualTo("/proc/sys/kernel/domainname");
    assertThatThrownBy(() -> Sysctls.path("net.ipv4.ip_forward", Set.of("ipc")))
        .hasMessageContaining("private network namespace");
    assertThatThrownBy(() -> Sysctls.path("kernel.panic", Set.of("network", "ipc")))
        .hasMessageContaining("would change the host");
    assertThatThrownBy(() -> Sysctls.path("net/../kernel/panic", Set.of("network")))
        .isInstanceOf(RuntimeFailure.class);
  }
}
