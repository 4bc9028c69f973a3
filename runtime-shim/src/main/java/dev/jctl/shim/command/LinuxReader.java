package dev.jctl.shim.command;

import dev.jctl.shim.plan.Supported;
import dev.jctl.shim.spec.OciSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pure: the {@code linux} section of {@code config.json}.
 *
 * @see <a
 *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md">config-linux.md</a>
 */
final class LinuxReader {
  private static final Set<String> DEVICES = Set.of("c", "u", "b", "p");

  private LinuxReader() {}

  static OciSpec.Linux linux(Fields linux) {
    linux.refuse("intelRdt", "personality", "timeOffsets", "memoryPolicy", "netDevices");
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
        linux.objects("uidMappings").stream().map(LinuxReader::mapping).toList(),
        linux.objects("gidMappings").stream().map(LinuxReader::mapping).toList(),
        linux.objects("devices").stream().map(LinuxReader::device).toList(),
        linux.text("cgroupsPath"),
        linux.object("resources").map(LinuxReader::resources).orElse(null),
        propagation,
        linux.object("seccomp").map(LinuxReader::seccomp).orElse(null),
        linux.textMap("sysctl"),
        linux.texts("maskedPaths"),
        linux.texts("readonlyPaths"));
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
    Integer inside = mapping.number("containerID", 0, Integer.MAX_VALUE);
    Integer outside = mapping.number("hostID", 0, Integer.MAX_VALUE);
    Integer size = mapping.number("size", 1, Integer.MAX_VALUE);
    if (size == null) {
      throw mapping.invalid("size", "is required");
    }
    return new OciSpec.IdMapping(inside == null ? 0 : inside, outside == null ? 0 : outside, size);
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
    Integer major = device.number("major", 0, 0xfff);
    Integer minor = device.number("minor", 0, 0xf_ffff);
    return new OciSpec.Device(
        path,
        type,
        major == null ? 0 : major,
        minor == null ? 0 : minor,
        device.number("fileMode", 0, 07777),
        device.has("uid") ? device.id("uid") : null,
        device.has("gid") ? device.id("gid") : null);
  }

  static OciSpec.Resources resources(Fields resources) {
    resources.refuse("hugepageLimits", "network", "rdma");
    Optional<Fields> pids = resources.object("pids").filter(p -> p.has("limit"));
    resources
        .object("blockIO")
        .ifPresent(
            io ->
                io.refuse(
                    "weight",
                    "leafWeight",
                    "weightDevice",
                    "throttleReadBpsDevice",
                    "throttleWriteBpsDevice",
                    "throttleReadIOPSDevice",
                    "throttleWriteIOPSDevice"));
    return new OciSpec.Resources(
        resources.objects("devices").stream().map(LinuxReader::rule).toList(),
        resources.object("memory").map(LinuxReader::memory).orElse(null),
        resources.object("cpu").map(LinuxReader::cpu).orElse(null),
        pids.map(p -> new OciSpec.Pids(processes(p.requiredNumber("limit")))).orElse(null),
        resources.textMap("unified"));
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
    cpu.refuse("realtimeRuntime", "realtimePeriod", "idle", "burst");
    return new OciSpec.Cpu(
        unset(cpu.number("shares")),
        unset(cpu.number("quota")),
        unset(cpu.number("period")),
        emptyIsUnset(cpu.text("cpus")),
        emptyIsUnset(cpu.text("mems")));
  }

  private static @Nullable Long unset(@Nullable Long number) {
    return number == null || number == 0 ? null : number;
  }

  private static @Nullable String emptyIsUnset(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static OciSpec.Seccomp seccomp(Fields seccomp) {
    seccomp.refuse("flags", "listenerPath", "listenerMetadata");
    return new OciSpec.Seccomp(
        seccomp.requiredText("defaultAction"),
        seccomp.number("defaultErrnoRet", 0, 4095),
        seccomp.texts("architectures"),
        seccomp.objects("syscalls").stream().map(LinuxReader::rules).toList());
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
