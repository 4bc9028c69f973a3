package dev.jctl.shim.cgroup;

import dev.jctl.shim.spec.OciSpec.Cpu;
import dev.jctl.shim.spec.OciSpec.DeviceRule;
import dev.jctl.shim.spec.OciSpec.Memory;
import dev.jctl.shim.spec.OciSpec.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Pure: limits as the files of either cgroup version, in the order in which they are written. */
final class LimitFiles {
  static final int DEFAULT_PERIOD_MICROS = 100_000;

  private LimitFiles() {}

  record Write(String controller, String file, String value) {}

  /** What is not limited is not written. */
  static List<Write> v1(Resources resources) {
    List<Write> writes = new ArrayList<>();
    Memory memory = resources.memory();
    if (memory != null) {
      add(writes, "memory", "memory.limit_in_bytes", memory.limit());
      add(writes, "memory", "memory.memsw.limit_in_bytes", memory.swap());
      add(writes, "memory", "memory.soft_limit_in_bytes", memory.reservation());
      add(writes, "memory", "memory.kmem.tcp.limit_in_bytes", memory.kernelTCP());
      add(writes, "memory", "memory.swappiness", memory.swappiness());
      add(writes, "memory", "memory.oom_control", memory.disableOOMKiller() ? "1" : null);
    }
    Cpu cpu = resources.cpu();
    if (cpu != null) {
      add(writes, "cpu", "cpu.shares", cpu.shares());
      add(writes, "cpu", "cpu.cfs_period_us", cpu.period());
      add(writes, "cpu", "cpu.cfs_quota_us", cpu.quota());
      add(writes, "cpuset", "cpuset.cpus", cpu.cpus());
      add(writes, "cpuset", "cpuset.mems", cpu.mems());
    }
    if (resources.pids() != null) {
      add(writes, "pids", "pids.max", maximum(resources.pids().limit()));
    }
    return writes;
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
      add(writes, "cpuset", "cpuset.cpus", cpu.cpus());
      add(writes, "cpuset", "cpuset.mems", cpu.mems());
    }
    if (resources.pids() != null) {
      add(writes, "pids", "pids.max", maximum(resources.pids().limit()));
    }
    resources
        .unified()
        .forEach((file, value) -> add(writes, file.replaceFirst("\\..*", ""), file, value));
    return writes;
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
  static final List<String> DEFAULT_DEVICES =
      List.of(
          "c *:* m",
          "b *:* m",
          "c 1:3 rwm",
          "c 1:5 rwm",
          "c 1:7 rwm",
          "c 1:8 rwm",
          "c 1:9 rwm",
          "c 5:0 rwm",
          "c 5:1 rwm",
          "c 5:2 rwm",
          "c 136:* rwm");

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
    List<Write> own = extra.stream().map(LimitFiles::deviceWrite).toList();
    List<Write> usual = usualDevices();
    List<Write> all = new ArrayList<>(usual);
    all.addAll(extra.stream().allMatch(DeviceRule::allow) ? 1 : usual.size(), own);
    return all;
  }

  static List<Write> usualDevices() {
    return Stream.concat(
            Stream.of(new Write("devices", "devices.deny", "a")),
            DEFAULT_DEVICES.stream().map(line -> new Write("devices", "devices.allow", line)))
        .toList();
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
