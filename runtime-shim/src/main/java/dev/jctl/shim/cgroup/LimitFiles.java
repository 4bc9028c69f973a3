package dev.jctl.shim.cgroup;

import dev.jctl.shim.spec.OciSpec.BlockIo;
import dev.jctl.shim.spec.OciSpec.Cpu;
import dev.jctl.shim.spec.OciSpec.DeviceRule;
import dev.jctl.shim.spec.OciSpec.HugepageLimit;
import dev.jctl.shim.spec.OciSpec.Memory;
import dev.jctl.shim.spec.OciSpec.Network;
import dev.jctl.shim.spec.OciSpec.Rdma;
import dev.jctl.shim.spec.OciSpec.Resources;
import dev.jctl.shim.spec.OciSpec.ThrottleDevice;
import dev.jctl.shim.spec.OciSpec.WeightDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Pure: limits as the files of either cgroup version, in the order in which they are written. */
final class LimitFiles {
  static final int DEFAULT_PERIOD_MICROS = 100_000;
  private static final Long UNLIMITED = -1L;
  private static final String QUOTA = "cpu.cfs_quota_us";
  private static final String MEMORY_AND_SWAP = "memory.memsw.limit_in_bytes";

  private LimitFiles() {}

  record Write(String controller, String file, String value) {}

  /** Of either version: as much processor time as there is. */
  static final List<Write> WITHOUT_QUOTA =
      List.of(new Write("cpu", QUOTA, "-1"), new Write("cpu", "cpu.max", "max"));

  /** What is not limited is not written. */
  static List<Write> v1(Resources resources) {
    List<Write> writes = new ArrayList<>();
    Memory memory = resources.memory();
    if (memory != null) {
      add(writes, "memory", "memory.limit_in_bytes", memory.limit());
      add(writes, "memory", MEMORY_AND_SWAP, memory.swap());
      add(writes, "memory", "memory.soft_limit_in_bytes", memory.reservation());
      add(writes, "memory", "memory.kmem.tcp.limit_in_bytes", memory.kernelTCP());
      add(writes, "memory", "memory.swappiness", memory.swappiness());
      add(writes, "memory", "memory.oom_control", memory.disableOOMKiller() ? "1" : null);
    }
    Cpu cpu = resources.cpu();
    if (cpu != null) {
      add(writes, "cpu", "cpu.shares", cpu.shares());
      add(writes, "cpu", "cpu.cfs_period_us", cpu.period());
      add(writes, "cpu", QUOTA, cpu.quota());
      add(writes, "cpu", "cpu.cfs_burst_us", cpu.burst());
      add(writes, "cpu", "cpu.rt_period_us", cpu.realtimePeriod());
      add(writes, "cpu", "cpu.rt_runtime_us", cpu.realtimeRuntime());
      add(writes, "cpu", "cpu.idle", cpu.idle());
      add(writes, "cpuset", "cpuset.cpus", cpu.cpus());
      add(writes, "cpuset", "cpuset.mems", cpu.mems());
    }
    if (resources.pids() != null) {
      add(writes, "pids", "pids.max", maximum(resources.pids().limit()));
    }
    blockIo(writes, resources.blockIO());
    for (HugepageLimit limit : resources.hugepageLimits()) {
      String file = "hugetlb." + limit.pageSize() + ".limit_in_bytes";
      add(writes, "hugetlb", file, Long.toUnsignedString(limit.limit()));
    }
    network(writes, resources.network());
    rdma(writes, resources.rdma());
    return writes;
  }

  /**
   * Of v1, what has to come first when limits are raised: at no time may memory exceed memory plus
   * swap, or the quota of a shorter period the parent's.
   */
  static List<Write> firstWhenRaised(Resources resources) {
    List<Write> writes = new ArrayList<>();
    Memory memory = resources.memory();
    if (memory != null) {
      boolean lifted = memory.swap() == null && UNLIMITED.equals(memory.limit());
      add(writes, "memory", MEMORY_AND_SWAP, lifted ? UNLIMITED : memory.swap());
    }
    Cpu cpu = resources.cpu();
    if (cpu != null) {
      add(writes, "cpu", QUOTA, cpu.quota());
    }
    return writes;
  }

  private static void blockIo(List<Write> writes, @Nullable BlockIo io) {
    if (io == null) {
      return;
    }
    add(writes, "blkio", "blkio.weight", io.weight());
    add(writes, "blkio", "blkio.leaf_weight", io.leafWeight());
    for (WeightDevice device : io.weightDevice()) {
      add(writes, "blkio", "blkio.weight_device", weighted(device, device.weight()));
      add(writes, "blkio", "blkio.leaf_weight_device", weighted(device, device.leafWeight()));
    }
    throttle(writes, "blkio.throttle.read_bps_device", io.throttleReadBpsDevice());
    throttle(writes, "blkio.throttle.write_bps_device", io.throttleWriteBpsDevice());
    throttle(writes, "blkio.throttle.read_iops_device", io.throttleReadIOPSDevice());
    throttle(writes, "blkio.throttle.write_iops_device", io.throttleWriteIOPSDevice());
  }

  private static @Nullable String weighted(WeightDevice device, @Nullable Long weight) {
    return weight == null ? null : device.major() + ":" + device.minor() + " " + weight;
  }

  private static void throttle(List<Write> writes, String file, List<ThrottleDevice> devices) {
    devices.forEach(
        d ->
            add(
                writes,
                "blkio",
                file,
                d.major() + ":" + d.minor() + " " + Long.toUnsignedString(d.rate())));
  }

  private static void network(List<Write> writes, @Nullable Network network) {
    if (network != null) {
      add(writes, "net_cls", "net_cls.classid", network.classID());
      network
          .priorities()
          .forEach(
              p -> add(writes, "net_prio", "net_prio.ifpriomap", p.name() + " " + p.priority()));
    }
  }

  /** The same in both versions. */
  private static void rdma(List<Write> writes, Map<String, Rdma> devices) {
    devices.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            device -> {
              Long handles = device.getValue().hcaHandles();
              Long objects = device.getValue().hcaObjects();
              add(
                  writes,
                  "rdma",
                  "rdma.max",
                  device.getKey()
                      + (handles == null ? "" : " hca_handle=" + handles)
                      + (objects == null ? "" : " hca_object=" + objects));
            });
  }

  static List<Write> v2(Resources resources) {
    List<Write> writes = new ArrayList<>();
    Memory memory = resources.memory();
    if (memory != null) {
      add(writes, "memory", "memory.max", maximum(memory.limit()));
      add(writes, "memory", "memory.swap.max", swapOnly(memory));
      add(writes, "memory", "memory.low", memory.reservation());
    }
    Cpu cpu = resources.cpu();
    if (cpu != null) {
      add(writes, "cpu", "cpu.weight", weight(cpu.shares()));
      add(writes, "cpu", "cpu.max", bandwidth(cpu));
      add(writes, "cpu", "cpu.max.burst", cpu.burst());
      add(writes, "cpu", "cpu.idle", cpu.idle());
      add(writes, "cpuset", "cpuset.cpus", cpu.cpus());
      add(writes, "cpuset", "cpuset.mems", cpu.mems());
    }
    if (resources.pids() != null) {
      add(writes, "pids", "pids.max", maximum(resources.pids().limit()));
    }
    v2BlockIo(writes, resources.blockIO());
    for (HugepageLimit limit : resources.hugepageLimits()) {
      String file = "hugetlb." + limit.pageSize() + ".max";
      add(writes, "hugetlb", file, Long.toUnsignedString(limit.limit()));
    }
    rdma(writes, resources.rdma());
    writes.addAll(unified(resources));
    return writes;
  }

  /** Files of v2 by their own names. */
  static List<Write> unified(Resources resources) {
    return resources.unified().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            file ->
                new Write(file.getKey().replaceFirst("\\..*", ""), file.getKey(), file.getValue()))
        .toList();
  }

  /** What v2 has no word for. */
  static Optional<String> unknownToV2(Resources resources) {
    Cpu cpu = resources.cpu();
    if (resources.network() != null) {
      return Optional.of("network (a class or priorities)");
    }
    return cpu != null && (cpu.realtimeRuntime() != null || cpu.realtimePeriod() != null)
        ? Optional.of("cpu.realtimeRuntime and cpu.realtimePeriod")
        : Optional.empty();
  }

  private static void v2BlockIo(List<Write> writes, @Nullable BlockIo io) {
    if (io == null) {
      return;
    }
    add(writes, "io", "io.weight", ioWeight(io.weight()));
    for (WeightDevice device : io.weightDevice()) {
      Long weight = ioWeight(device.weight());
      add(writes, "io", "io.weight", weighted(device, weight));
    }
    maximum(writes, "rbps", io.throttleReadBpsDevice());
    maximum(writes, "wbps", io.throttleWriteBpsDevice());
    maximum(writes, "riops", io.throttleReadIOPSDevice());
    maximum(writes, "wiops", io.throttleWriteIOPSDevice());
  }

  private static void maximum(List<Write> writes, String key, List<ThrottleDevice> devices) {
    devices.forEach(
        d ->
            add(
                writes,
                "io",
                "io.max",
                d.major()
                    + ":"
                    + d.minor()
                    + " "
                    + key
                    + "="
                    + (d.rate() == 0 ? "max" : Long.toUnsignedString(d.rate()))));
  }

  /** 10..1000 onto 1..10000, as the OCI runtime specification's authors do. */
  private static @Nullable Long ioWeight(@Nullable Long weight) {
    return weight == null ? null : 1 + (weight - 10) * 9999 / 990;
  }

  private static void add(
      List<Write> writes, String controller, String file, @Nullable Object value) {
    if (value != null) {
      writes.add(new Write(controller, file, value.toString()));
    }
  }

  private static @Nullable String maximum(@Nullable Long limit) {
    if (limit == null) {
      return null;
    }
    return limit < 0 ? "max" : limit.toString();
  }

  /** The OCI field is memory plus swap; v2 limits swap alone. */
  private static @Nullable String swapOnly(Memory memory) {
    Long swap = memory.swap();
    Long limit = memory.limit();
    if (swap == null) {
      return null;
    }
    return swap < 0 || limit == null || limit < 0
        ? "max"
        : Long.toString(Math.max(0, swap - limit));
  }

  /** 2..262144 onto 1..10000, as the OCI runtime specification's authors do. */
  private static @Nullable Long weight(@Nullable Long shares) {
    return shares == null ? null : 1 + (Math.clamp(shares, 2L, 262_144L) - 2) * 9999 / 262_142;
  }

  private static @Nullable String bandwidth(Cpu cpu) {
    Long quota = cpu.quota();
    Long period = cpu.period();
    if (quota == null && period == null) {
      return null;
    }
    return (quota == null || quota < 0 ? "max" : quota.toString())
        + " "
        + (period == null ? DEFAULT_PERIOD_MICROS : period);
  }

  // --- devices, v1

  /** What every container may use: make any node, and null, zero, full, random, urandom, ttys. */
  private static final List<DeviceRule> USUAL_DEVICES =
      List.of(
          new DeviceRule(true, "c", null, null, "m"),
          new DeviceRule(true, "b", null, null, "m"),
          usual(1, 3L),
          usual(1, 5L),
          usual(1, 7L),
          usual(1, 8L),
          usual(1, 9L),
          usual(5, 0L),
          usual(5, 1L),
          usual(5, 2L),
          usual(136, null));

  /** As the kernel lists them. */
  static final List<String> DEFAULT_DEVICES = USUAL_DEVICES.stream().map(LimitFiles::line).toList();

  private static DeviceRule usual(long major, @Nullable Long minor) {
    return new DeviceRule(true, "c", major, minor, "rwm");
  }

  /** Who may do what with devices: decides where in the devices hierarchy a container goes. */
  sealed interface Devices {
    /** The usual ones; all such containers share one group, which is filled once. */
    record Usual() implements Devices {}

    record All() implements Devices {}

    /** Lines for {@code devices.deny} and {@code devices.allow}, in order. */
    record Listed(List<Write> writes) implements Devices {}
  }

  static Devices devices(Resources resources) {
    List<DeviceRule> rules = resources.devices();
    if (rules.stream().anyMatch(LimitFiles::allowsAll)) {
      return new Devices.All();
    }
    List<DeviceRule> extra = rules.stream().filter(rule -> !deniesAll(rule)).toList();
    if (extra.stream().allMatch(rule -> DEFAULT_DEVICES.contains(line(rule)))) {
      return new Devices.Usual();
    }
    return new Devices.Listed(listed(extra));
  }

  /** The last that names a device counts; what is only allowed comes first, as others list it. */
  private static List<Write> listed(List<DeviceRule> extra) {
    return withDenial(rules(extra).stream().map(LimitFiles::deviceWrite));
  }

  private static List<DeviceRule> rules(List<DeviceRule> extra) {
    List<DeviceRule> all = new ArrayList<>(USUAL_DEVICES);
    all.addAll(extra.stream().allMatch(DeviceRule::allow) ? 0 : all.size(), extra);
    return all;
  }

  /** In order, after the denial of all. */
  static List<DeviceRule> deviceRules(Resources resources) {
    return rules(resources.devices().stream().filter(rule -> !deniesAll(rule)).toList());
  }

  static List<Write> usualDevices() {
    return withDenial(USUAL_DEVICES.stream().map(LimitFiles::deviceWrite));
  }

  private static List<Write> withDenial(Stream<Write> rules) {
    return Stream.concat(Stream.of(new Write("devices", "devices.deny", "a")), rules).toList();
  }

  private static boolean everyDevice(DeviceRule rule) {
    return (rule.type() == null || rule.type().equals("a"))
        && rule.major() == null
        && rule.minor() == null;
  }

  private static boolean allowsAll(DeviceRule rule) {
    return rule.allow() && everyDevice(rule);
  }

  private static boolean deniesAll(DeviceRule rule) {
    return !rule.allow() && everyDevice(rule);
  }

  private static Write deviceWrite(DeviceRule rule) {
    return new Write("devices", rule.allow() ? "devices.allow" : "devices.deny", line(rule));
  }

  private static String line(DeviceRule rule) {
    return (rule.type() == null ? "a" : rule.type())
        + " "
        + number(rule.major())
        + ":"
        + number(rule.minor())
        + " "
        + (rule.access() == null ? "rwm" : rule.access());
  }

  private static String number(@Nullable Long number) {
    return number == null || number < 0 ? "*" : number.toString();
  }
}
