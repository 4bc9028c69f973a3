package dev.jctl.shim.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.OciSpec.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both versions on a directory that stands for the kernel's. */
final class CgroupsTest {
  private static final OciSpec.DeviceRule FUSE =
      new OciSpec.DeviceRule(true, "c", 10L, 229L, "rwm");
  private static final OciSpec.DeviceRule DENY_ALL =
      new OciSpec.DeviceRule(false, null, null, null, "rwm");

  @TempDir Path root;
  private final List<Integer> killed = new ArrayList<>();
  private final Map<Path, List<Long>> guarded = new TreeMap<>();
  private final GroupKernel kernel =
      new GroupKernel() {
        @Override
        public void sigkill(int pid) {
          killed.add(pid);
        }

        @Override
        public void guardDevices(Path group, List<Long> instructions) {
          guarded.put(group, instructions);
        }
      };

  private static Resources resources(List<OciSpec.DeviceRule> devices) {
    return new Resources(
        devices,
        new OciSpec.Memory(64L << 20, null, 96L << 20),
        new OciSpec.Cpu(512L, 50_000L, 100_000L, null, null),
        new OciSpec.Pids(50),
        Map.of());
  }

  private Cgroups v2() throws IOException {
    Files.writeString(root.resolve("cgroup.controllers"), "cpuset cpu io memory hugetlb pids\n");
    return new Cgroups(new CgroupLayout(Map.of(), Optional.of(root)), "0a1b2c3d", kernel);
  }

  private Cgroups hybrid() throws IOException {
    Map<String, Path> v1 = new TreeMap<>();
    for (String controller : List.of("cpu", "cpuacct", "cpuset", "memory", "devices", "pids")) {
      v1.put(controller, Files.createDirectories(root.resolve(controller)));
    }
    Path unified = Files.createDirectories(root.resolve("unified"));
    return new Cgroups(new CgroupLayout(v1, Optional.of(unified)), "0a1b2c3d", kernel);
  }

  /** Every file below {@code directory} with its content. */
  private static Map<String, String> content(Path directory) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        content.put(directory.relativize(file).toString(), Files.readString(file));
      }
    }
    return content;
  }

  @Test
  void v2HasOneDirectoryWithItsLimits() throws IOException {
    Cgroups cgroups = v2();
    cgroups.prepare();
    cgroups.createSandbox("s", null);
    Path group = root.resolve("jctl-0a1b2c3d/s~c");
    assertThat(cgroups.create("s", "c", resources(List.of(FUSE))))
        .containsExactly(group.resolve("cgroup.procs"));
    assertThat(content(group))
        .isEqualTo(
            Map.of(
                "memory.max", "67108864",
                "memory.swap.max", "33554432",
                "cpu.weight", "20",
                "cpu.max", "50000 100000",
                "pids.max", "50"));
    assertThat(root.resolve("cgroup.subtree_control"))
        .hasContent("+cpu +cpuset +hugetlb +io +memory +pids");
  }

  @Test
  void v1MakesOnlyWhatIsNeededAndSharesTheUsualDevices() throws IOException {
    Cgroups cgroups = hybrid();
    cgroups.prepare();
    cgroups.createSandbox("s", null);
    List<Path> joined = cgroups.create("s", "c", resources(List.of(DENY_ALL)));
    String own = "jctl-0a1b2c3d/s~c";
    assertThat(joined)
        .containsExactlyInAnyOrder(
            root.resolve("unified").resolve(own).resolve("cgroup.procs"),
            root.resolve("cpu").resolve(own).resolve("tasks"),
            root.resolve("cpuacct").resolve(own).resolve("tasks"),
            root.resolve("memory").resolve(own).resolve("tasks"),
            root.resolve("pids").resolve(own).resolve("tasks"),
            root.resolve("devices/jctl-0a1b2c3d/usual-devices/tasks"));
    assertThat(cgroups.filesToJoin("s", "c", resources(List.of(DENY_ALL))))
        .containsExactlyInAnyOrderElementsOf(joined);
    assertThat(content(root.resolve("memory").resolve(own)))
        .isEqualTo(
            Map.of(
                "memory.limit_in_bytes", "67108864", "memory.memsw.limit_in_bytes", "100663296"));
    assertThat(content(root.resolve("cpu").resolve(own)))
        .isEqualTo(
            Map.of(
                "cpu.shares", "512", "cpu.cfs_period_us", "100000", "cpu.cfs_quota_us", "50000"));
    assertThat(cgroups.all()).isEqualTo(Map.of("s", Set.of("c")));
  }

  @Test
  void v1TakesGroupsThatWereMadeAheadForASandboxAndItsFirstContainer() throws IOException {
    Cgroups cgroups = hybrid();
    cgroups.prepare();
    assertThat(cgroups.canPrepare()).isTrue();
    cgroups.prepareSandbox(".prepared-0");
    Files.writeString(root.resolve("memory/jctl-0a1b2c3d/.prepared-0/mark"), "first");
    cgroups.takePrepared(".prepared-0", "s");
    cgroups.createSandbox("s", new Resources(List.of(), null, null, null, Map.of()));
    List<Path> joined = cgroups.create("s", "c", resources(List.of(DENY_ALL)));
    assertThat(cgroups.filesToJoin("s", "c", resources(List.of(DENY_ALL))))
        .containsExactlyInAnyOrderElementsOf(joined);
    assertThat(root.resolve("memory/jctl-0a1b2c3d/s~c/mark")).hasContent("first");
    cgroups.create("s", "second", resources(List.of(DENY_ALL)));
    assertThat(root.resolve("memory/jctl-0a1b2c3d/s~second/mark")).doesNotExist();
    assertThat(cgroups.all()).isEqualTo(Map.of("s", Set.of("c", "second")));
    assertThat(cgroups.prepared()).isEmpty();
  }

  @Test
  void onlyASandboxWithLimitsHasAGroupAndKeepsItWhenFoundAgain() throws IOException {
    Cgroups cgroups = hybrid();
    cgroups.prepare();
    cgroups.prepareSandbox(".prepared-0");
    cgroups.takePrepared(".prepared-0", "s");
    cgroups.createSandbox("s", resources(List.of()));
    cgroups.create("s", "c", resources(List.of(DENY_ALL)));
    Path memory = root.resolve("memory/jctl-0a1b2c3d");
    assertThat(content(memory))
        .containsOnlyKeys(
            "s/memory.limit_in_bytes",
            "s/memory.memsw.limit_in_bytes",
            "s/c/memory.limit_in_bytes",
            "s/c/memory.memsw.limit_in_bytes");
    assertThat(cgroups.path("s", "c")).isEqualTo("/jctl-0a1b2c3d/s/c");
    assertThat(cgroups.path("t", "c")).isEqualTo("/jctl-0a1b2c3d/t~c");
    cgroups.prepareSandbox(".prepared-1");

    Cgroups again = hybrid();
    again.prepare();
    assertThat(again.path("s", "c")).isEqualTo("/jctl-0a1b2c3d/s/c");
    assertThat(again.all()).isEqualTo(Map.of("s", Set.of("c")));
    assertThat(again.prepared()).containsExactly(".prepared-1");
  }

  /** All that the specification has words for. */
  private static Resources everything() {
    List<OciSpec.ThrottleDevice> throttled = List.of(new OciSpec.ThrottleDevice(8, 0, 4096));
    return new Resources(
        List.of(),
        new OciSpec.Memory(64L << 20, 32L << 20, 96L << 20, null, 7L, false),
        new OciSpec.Cpu(512L, 50_000L, 100_000L, null, null, 10_000L, null, null, 1L),
        new OciSpec.Pids(-1),
        Map.of(),
        new OciSpec.BlockIo(
            505L,
            null,
            List.of(new OciSpec.WeightDevice(8, 16, 10L, null)),
            throttled,
            throttled,
            throttled,
            throttled),
        List.of(new OciSpec.HugepageLimit("2MB", 4L << 20)),
        null,
        Map.of("mlx5_1", new OciSpec.Rdma(3L, 10_000L)));
  }

  @Test
  void v1HasAFileForAllThatTheSpecificationHasAWordFor() {
    assertThat(LimitFiles.v1(everything()))
        .extracting(write -> write.file() + "=" + write.value())
        .containsExactly(
            "memory.limit_in_bytes=67108864",
            "memory.memsw.limit_in_bytes=100663296",
            "memory.soft_limit_in_bytes=33554432",
            "memory.swappiness=7",
            "cpu.shares=512",
            "cpu.cfs_period_us=100000",
            "cpu.cfs_quota_us=50000",
            "cpu.cfs_burst_us=10000",
            "cpu.idle=1",
            "pids.max=max",
            "blkio.weight=505",
            "blkio.weight_device=8:16 10",
            "blkio.throttle.read_bps_device=8:0 4096",
            "blkio.throttle.write_bps_device=8:0 4096",
            "blkio.throttle.read_iops_device=8:0 4096",
            "blkio.throttle.write_iops_device=8:0 4096",
            "hugetlb.2MB.limit_in_bytes=4194304",
            "rdma.max=mlx5_1 hca_handle=3 hca_object=10000");
  }

  @Test
  void v2HasAFileForAllThatItKnowsAndSaysWhatItDoesNot() throws IOException {
    assertThat(LimitFiles.v2(everything()))
        .extracting(write -> write.file() + "=" + write.value())
        .containsExactly(
            "memory.max=67108864",
            "memory.swap.max=33554432",
            "memory.low=33554432",
            "cpu.weight=20",
            "cpu.max=50000 100000",
            "cpu.max.burst=10000",
            "cpu.idle=1",
            "pids.max=max",
            "io.weight=5000",
            "io.weight=8:16 1",
            "io.max=8:0 rbps=4096",
            "io.max=8:0 wbps=4096",
            "io.max=8:0 riops=4096",
            "io.max=8:0 wiops=4096",
            "hugetlb.2MB.max=4194304",
            "rdma.max=mlx5_1 hca_handle=3 hca_object=10000");
    Cgroups cgroups = v2();
    OciSpec.Network network = new OciSpec.Network(1L, List.of());
    Resources classed =
        new Resources(List.of(), null, null, null, Map.of(), null, List.of(), network, Map.of());
    assertThatThrownBy(() -> cgroups.create("s", "c", classed))
        .hasMessageContaining("cgroup v2 has no network");
  }

  @Test
  void aHybridHostHasV2ForControllersThatAreThereOnly() throws IOException {
    Cgroups cgroups = hybrid();
    Files.writeString(root.resolve("unified/cgroup.controllers"), "hugetlb\n");
    Resources limits =
        new Resources(
            List.of(),
            null,
            null,
            null,
            Map.of("hugetlb.1GB.max", "0"),
            null,
            List.of(new OciSpec.HugepageLimit("2MB", 4L << 20)),
            null,
            Map.of());
    cgroups.create("s", "c", limits);
    assertThat(content(root.resolve("unified/jctl-0a1b2c3d/s~c")))
        .isEqualTo(Map.of("hugetlb.2MB.max", "4194304", "hugetlb.1GB.max", "0"));
    assertThat(root.resolve("unified/cgroup.subtree_control")).hasContent("+hugetlb");
    Resources memory = new Resources(List.of(), null, null, null, Map.of("memory.high", "1"));
    assertThatThrownBy(() -> cgroups.create("s", "d", memory))
        .hasMessageContaining("no memory controller of cgroup v2");
  }

  @Test
  void v2HasAProgramForDevicesUnlessAllAreAllowed() throws IOException {
    Cgroups cgroups = v2();
    cgroups.create("s", "usual", resources(List.of(DENY_ALL)));
    cgroups.create(
        "s", "all", resources(List.of(new OciSpec.DeviceRule(true, "a", null, null, "rwm"))));
    assertThat(guarded.keySet()).containsExactly(root.resolve("jctl-0a1b2c3d/s~usual"));
    List<Long> program = guarded.values().iterator().next();
    // type, access, major and minor into registers; at the end: no
    assertThat(program.getFirst()).isEqualTo(0x1261L);
    assertThat(program.subList(program.size() - 2, program.size())).containsExactly(0xb7L, 0x95L);
  }

  @Test
  void v2PreparesNothing() throws IOException {
    assertThat(v2().canPrepare()).isFalse();
  }

  @Test
  void v1GivesOtherDevicesAGroupOfTheirOwnAndAllDevicesNone() throws IOException {
    Cgroups cgroups = hybrid();
    cgroups.prepare();
    cgroups.create("s", "fuse", resources(List.of(DENY_ALL, FUSE)));
    assertThat(root.resolve("devices/jctl-0a1b2c3d/s~fuse/devices.allow")).exists();
    assertThat(LimitFiles.devices(resources(List.of(DENY_ALL, FUSE))))
        .isInstanceOfSatisfying(
            LimitFiles.Devices.Listed.class,
            listed ->
                assertThat(listed.writes())
                    .extracting(LimitFiles.Write::value)
                    .startsWith("a", "c 10:229 rwm", "c *:* m"));
    OciSpec.DeviceRule all = new OciSpec.DeviceRule(true, "a", null, null, "rwm");
    assertThat(cgroups.create("s", "all", resources(List.of(all))))
        .noneMatch(path -> path.startsWith(root.resolve("devices")));
  }

  @Test
  void aLimitThatIsNewGetsItsGroupAndTheProcessesMoveThere() throws IOException {
    Cgroups cgroups = hybrid();
    Resources unlimited = new Resources(List.of(), null, null, null, Map.of());
    List<Path> before = cgroups.create("s", "c", unlimited);
    for (Path file : before) {
      if (!file.startsWith(root.resolve("devices"))) {
        Files.writeString(file.resolveSibling("cgroup.procs"), "42\n");
      }
    }
    cgroups.update("s", "c", resources(List.of()));
    Path pids = root.resolve("pids/jctl-0a1b2c3d/s~c");
    assertThat(pids.resolve("pids.max")).hasContent("50");
    assertThat(pids.resolve("cgroup.procs")).hasContent("42");
  }

  @Test
  void killsByCgroupWhereThereIsOneAndOneByOneOtherwise() throws IOException {
    Cgroups cgroups = hybrid();
    cgroups.create("s", "c", resources(List.of()));
    Path unified = root.resolve("unified/jctl-0a1b2c3d/s~c");
    Files.writeString(unified.resolve("cgroup.procs"), "42\n43\n");
    cgroups.kill("s", "c");
    assertThat(killed).containsExactly(42, 43);
    Files.writeString(unified.resolve("cgroup.kill"), "");
    cgroups.kill("s", "c");
    assertThat(unified.resolve("cgroup.kill")).hasContent("1");
    assertThat(killed).hasSize(2);
  }

  @Test
  void whatIsKilledHasAllProcessorTimeToEnd() throws IOException {
    Cgroups v1 = hybrid();
    v1.create("s", "c", resources(List.of()));
    Files.writeString(root.resolve("unified/jctl-0a1b2c3d/s~c/cgroup.kill"), "");
    v1.kill("s", "c");
    assertThat(root.resolve("cpu/jctl-0a1b2c3d/s~c/cpu.cfs_quota_us")).hasContent("-1");
    Cgroups v2 = v2();
    v2.create("s", "c", resources(List.of()));
    Files.writeString(root.resolve("jctl-0a1b2c3d/s~c/cgroup.kill"), "");
    v2.kill("s", "c");
    assertThat(root.resolve("jctl-0a1b2c3d/s~c/cpu.max")).hasContent("max");
  }

  @Test
  void usageLeavesOutCacheThatCanBeDropped() throws IOException {
    Cgroups cgroups = v2();
    cgroups.create("s", "c", resources(List.of()));
    Path group = root.resolve("jctl-0a1b2c3d/s~c");
    Files.writeString(group.resolve("cpu.stat"), "usage_usec 1500\nuser_usec 1\n");
    Files.writeString(group.resolve("memory.current"), "5000\n");
    Files.writeString(group.resolve("memory.stat"), "anon 1\ninactive_file 2000\n");
    Files.writeString(group.resolve("memory.events"), "low 0\noom 2\noom_kill 1\n");
    Files.writeString(group.resolve("pids.current"), "3\n");
    assertThat(cgroups.usage("s", "c")).contains(new Observed.Usage(1_500_000, 3000, 3));
    Files.writeString(
        group.resolve("io.pressure"),
        """
        some avg10=1.00 avg60=0.50 avg300=0.10 total=1234
        full avg10=0.00 avg60=0.00 avg300=0.00 total=56
        """);
    assertThat(cgroups.usage("s", "c").orElseThrow().pressure())
        .isEqualTo(Map.of("io", new Observed.Pressure(1234, 56)));
    assertThat(cgroups.memoryKills("s", "c")).isEqualTo(1);
    assertThat(cgroups.usage("s", "other")).isEmpty();
  }

  @Test
  void hierarchiesAreFoundInTheMountTable() {
    CgroupLayout layout =
        CgroupLayout.parse(
            List.of(
                "30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
                "31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct",
                "39 30 0:36 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd",
                "40 30 0:37 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"));
    assertThat(layout.mode()).isEqualTo(CgroupLayout.Mode.HYBRID);
    assertThat(layout.unified()).contains(Path.of("/sys/fs/cgroup/unified"));
    assertThat(layout.v1().keySet()).containsExactlyInAnyOrder("cpu", "cpuacct");
  }
}
