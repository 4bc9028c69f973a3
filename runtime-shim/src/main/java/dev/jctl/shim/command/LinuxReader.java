package dev.jctl.shim.command;

import dev.jctl.shim.plan.Supported;
import dev.jctl.shim.spec.OciSpec;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Pure: the {@code linux} section of {@code config.json}.
 *
 * @see <a
 *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md">config-linux.md</a>
 */
final class LinuxReader {
  private static final List<String> CLOCKS = List.of("boottime", "monotonic");
  private static final long ALL_IDS = 0xffff_ffffL;
  private static final Set<String> DEVICES = Set.of("c", "u", "b", "p");

  private LinuxReader() {}

  static OciSpec.Linux linux(Fields linux) {
    linux.refuse("intelRdt", "memoryPolicy", "netDevices");
    String propagation = linux.text("rootfsPropagation");
    if (propagation != null
        && !propagation.isEmpty()
        && !Supported.propagations().contains(propagation)) {
      throw linux.invalid(
          "rootfsPropagation",
          "is " + propagation + ", but must be one of " + Supported.propagations());
    }
    return new OciSpec.Linux(
        namespaces(linux),
        mappings(linux, "uidMappings"),
        mappings(linux, "gidMappings"),
        linux.objects("devices").stream().map(LinuxReader::device).toList(),
        linux.text("cgroupsPath"),
        linux.object("resources").map(LinuxReader::resources).orElse(null),
        propagation,
        linux.object("seccomp").map(LinuxReader::seccomp).orElse(null),
        linux.textMap("sysctl"),
        linux.texts("maskedPaths"),
        linux.texts("readonlyPaths"),
        timeOffsets(linux),
        linux.object("personality").map(LinuxReader::personality).orElse(null),
        emptyIsUnset(linux.text("mountLabel")));
  }

  private static Map<String, OciSpec.TimeOffset> timeOffsets(Fields linux) {
    Map<String, OciSpec.TimeOffset> offsets = new TreeMap<>();
    linux
        .objectMap("timeOffsets")
        .forEach(
            (clock, offset) -> {
              if (!CLOCKS.contains(clock)) {
                throw linux.invalid(
                    "timeOffsets",
                    "has " + clock + ", but clocks are " + String.join(", ", CLOCKS));
              }
              Long seconds = offset.number("secs");
              Integer nanos = offset.number("nanosecs", 0, 999_999_999);
              offsets.put(
                  clock,
                  new OciSpec.TimeOffset(seconds == null ? 0 : seconds, nanos == null ? 0 : nanos));
            });
    return offsets;
  }

  private static String personality(Fields personality) {
    personality.refuse("flags");
    return personality.oneOf("domain", Supported.personalities());
  }

  static List<OciSpec.IdMapping> mappings(Fields object, String name) {
    return object.objects(name).stream().map(LinuxReader::mapping).toList();
  }

  private static List<OciSpec.Namespace> namespaces(Fields linux) {
    Set<String> types = new HashSet<>();
    return linux.objects("namespaces").stream()
        .map(
            namespace -> {
              String type = namespace.requiredText("type");
              String path = namespace.text("path");
              if (!types.add(type)) {
                throw namespace.invalid("type", "is " + type + " as that of another namespace");
              }
              if (path != null && !path.isEmpty() && !path.startsWith("/")) {
                throw namespace.invalid("path", "is " + path + ", but must be absolute");
              }
              return new OciSpec.Namespace(type, path == null || path.isEmpty() ? null : path);
            })
        .toList();
  }

  private static OciSpec.IdMapping mapping(Fields mapping) {
    Integer size = mapping.number("size", 1, ALL_IDS);
    if (size == null) {
      throw mapping.invalid("size", "is required");
    }
    return new OciSpec.IdMapping(
        Integer.toUnsignedLong(mapping.id("containerID")),
        Integer.toUnsignedLong(mapping.id("hostID")),
        Integer.toUnsignedLong(size));
  }

  private static OciSpec.Device device(Fields device) {
    String path = device.requiredText("path");
    String type = device.requiredText("type");
    if (!path.startsWith("/")) {
      throw device.invalid("path", "is " + path + ", but must be absolute");
    }
    if (!DEVICES.contains(type)) {
      throw device.invalid("type", "is " + type + ", but must be c, u, b or p");
    }
    if (Path.of(path).getFileName() == null) {
      throw device.invalid("path", "is " + path + ", but must name a file");
    }
    Integer major = device.number("major", 0, 0xfff);
    Integer minor = device.number("minor", 0, 0xf_ffff);
    return new OciSpec.Device(
        Path.of(path).toString(),
        type,
        major == null ? 0 : major,
        minor == null ? 0 : minor,
        device.number("fileMode", 0, 07777),
        device.has("uid") ? device.id("uid") : null,
        device.has("gid") ? device.id("gid") : null);
  }

  static OciSpec.Resources resources(Fields resources) {
    Optional<Fields> pids = resources.object("pids").filter(p -> p.has("limit"));
    return new OciSpec.Resources(
        resources.objects("devices").stream().map(LinuxReader::rule).toList(),
        resources.object("memory").map(LinuxReader::memory).orElse(null),
        resources.object("cpu").map(LinuxReader::cpu).orElse(null),
        pids.map(p -> new OciSpec.Pids(processes(p.requiredNumber("limit")))).orElse(null),
        unified(resources),
        resources.object("blockIO").map(LinuxReader::blockIo).orElse(null),
        resources.objects("hugepageLimits").stream().map(LinuxReader::hugepages).toList(),
        resources.object("network").map(LinuxReader::network).orElse(null),
        rdma(resources));
  }

  /** Names of files of a group, and nowhere else. */
  private static Map<String, String> unified(Fields resources) {
    Map<String, String> files = resources.textMap("unified");
    for (String name : files.keySet()) {
      if (!name.matches("[A-Za-z0-9_]+(\\.[A-Za-z0-9_-]+)+")) {
        throw resources.invalid("unified", "has \"" + name + "\", which is no file of a cgroup");
      }
    }
    return files;
  }

  private static OciSpec.BlockIo blockIo(Fields io) {
    return new OciSpec.BlockIo(
        weight(io, "weight"),
        weight(io, "leafWeight"),
        io.objects("weightDevice").stream().map(LinuxReader::weightDevice).toList(),
        throttled(io, "throttleReadBpsDevice"),
        throttled(io, "throttleWriteBpsDevice"),
        throttled(io, "throttleReadIOPSDevice"),
        throttled(io, "throttleWriteIOPSDevice"));
  }

  private static @Nullable Long weight(Fields fields, String name) {
    Integer weight = fields.number(name, 0, 1000);
    if (weight != null && weight > 0 && weight < 10) {
      throw fields.invalid(name, "is " + weight + ", but must be from 10 to 1000");
    }
    return weight == null || weight == 0 ? null : Long.valueOf(weight);
  }

  private static OciSpec.WeightDevice weightDevice(Fields device) {
    return new OciSpec.WeightDevice(
        device.requiredNumber("major"),
        device.requiredNumber("minor"),
        weight(device, "weight"),
        weight(device, "leafWeight"));
  }

  private static List<OciSpec.ThrottleDevice> throttled(Fields io, String name) {
    return io.objects(name).stream()
        .map(
            device ->
                new OciSpec.ThrottleDevice(
                    device.requiredNumber("major"),
                    device.requiredNumber("minor"),
                    device.requiredNumber("rate")))
        .toList();
  }

  private static OciSpec.HugepageLimit hugepages(Fields limit) {
    String size = limit.requiredText("pageSize");
    if (!size.matches("[1-9][0-9]*[KMG]B")) {
      throw limit.invalid("pageSize", "is " + size + ", but must be as in 2MB");
    }
    return new OciSpec.HugepageLimit(size, limit.requiredNumber("limit"));
  }

  private static OciSpec.Network network(Fields network) {
    Integer classId = network.number("classID", 0, Integer.MAX_VALUE);
    return new OciSpec.Network(
        classId == null ? null : Long.valueOf(classId),
        network.objects("priorities").stream()
            .map(
                p ->
                    new OciSpec.InterfacePriority(
                        p.requiredText("name"), p.requiredNumber("priority")))
            .toList());
  }

  private static Map<String, OciSpec.Rdma> rdma(Fields resources) {
    Map<String, OciSpec.Rdma> devices = new TreeMap<>();
    resources
        .objectMap("rdma")
        .forEach(
            (device, limit) ->
                devices.put(
                    device,
                    new OciSpec.Rdma(limit.number("hcaHandles"), limit.number("hcaObjects"))));
    return devices;
  }

  /** Zero has meant none, to those who wrote it as the value of a field that was not set. */
  private static long processes(long limit) {
    return limit <= 0 ? -1 : limit;
  }

  private static OciSpec.DeviceRule rule(Fields rule) {
    String type = rule.text("type");
    String access = rule.text("access");
    if (type != null && !type.isEmpty() && !Set.of("a", "c", "b").contains(type)) {
      throw rule.invalid("type", "is " + type + ", but must be a, b or c");
    }
    if (access != null && !access.matches("[rwm]*")) {
      throw rule.invalid("access", "is " + access + ", but must be some of r, w and m");
    }
    return new OciSpec.DeviceRule(
        rule.flag("allow"),
        type == null || type.isEmpty() ? null : type,
        any(rule.number("major")),
        any(rule.number("minor")),
        access == null || access.isEmpty() ? null : access);
  }

  /** -1 stands for all, as its absence does. */
  private static @Nullable Long any(@Nullable Long number) {
    return number == null || number < 0 ? null : number;
  }

  private static OciSpec.Memory memory(Fields memory) {
    // kernel memory is counted with the rest, and groups in groups with these, in today's kernels
    Integer swappiness = memory.number("swappiness", -1, 100);
    return new OciSpec.Memory(
        unset(memory.number("limit")),
        unset(memory.number("reservation")),
        unset(memory.number("swap")),
        unset(memory.number("kernelTCP")),
        swappiness == null || swappiness < 0 ? null : Long.valueOf(swappiness),
        memory.flag("disableOOMKiller"));
  }

  private static OciSpec.Cpu cpu(Fields cpu) {
    return new OciSpec.Cpu(
        unset(cpu.number("shares")),
        unset(cpu.number("quota")),
        unset(cpu.number("period")),
        emptyIsUnset(cpu.text("cpus")),
        emptyIsUnset(cpu.text("mems")),
        unset(cpu.number("burst")),
        unset(cpu.number("realtimeRuntime")),
        unset(cpu.number("realtimePeriod")),
        cpu.number("idle"));
  }

  private static @Nullable Long unset(@Nullable Long number) {
    return number == null || number == 0 ? null : number;
  }

  private static @Nullable String emptyIsUnset(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static OciSpec.Seccomp seccomp(Fields seccomp) {
    String path = emptyIsUnset(seccomp.text("listenerPath"));
    OciSpec.Seccomp read =
        new OciSpec.Seccomp(
            seccomp.requiredText("defaultAction"),
            seccomp.number("defaultErrnoRet", 0, 4095),
            seccomp.texts("architectures"),
            seccomp.objects("syscalls").stream().map(LinuxReader::rules).toList(),
            seccomp.someOf("flags", Supported.seccompFlags()),
            path,
            emptyIsUnset(seccomp.text("listenerMetadata")));
    if (read.notifies() && path == null) {
      throw seccomp.invalid("listenerPath", "is required, as there are calls to be notified of");
    }
    if (path != null && !path.startsWith("/")) {
      throw seccomp.invalid("listenerPath", "is " + path + ", but must be absolute");
    }
    if (read.listenerMetadata() != null && path == null) {
      throw seccomp.invalid("listenerMetadata", "is for who listens; listenerPath is missing");
    }
    return read;
  }

  private static OciSpec.SyscallRule rules(Fields rule) {
    return new OciSpec.SyscallRule(
        rule.texts("names"),
        rule.requiredText("action"),
        rule.number("errnoRet", 0, 4095),
        rule.objects("args").stream()
            .map(
                arg ->
                    new OciSpec.SyscallArg(
                        (int) arg.requiredNumber("index"),
                        arg.requiredNumber("value"),
                        arg.has("valueTwo") ? arg.requiredNumber("valueTwo") : 0,
                        arg.requiredText("op")))
            .toList());
  }
}
