package dev.jctl.shim.local;

import dev.jctl.shim.exec.Launcher.ResolvedUser;
import dev.jctl.shim.exec.Users;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.OciSpec.Cpu;
import dev.jctl.shim.spec.OciSpec.IdMapping;
import dev.jctl.shim.spec.OciSpec.Memory;
import dev.jctl.shim.spec.OciSpec.Mount;
import dev.jctl.shim.spec.OciSpec.Namespace;
import dev.jctl.shim.spec.OciSpec.Resources;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.HostNamespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Pure: what the runtime itself adds to a container's OCI spec. */
final class OciCompletion {
  /** Names of the sandbox's files, and where they are inside. */
  static final Map<String, String> SANDBOX_FILES =
      Map.of("hosts", "/etc/hosts", "hostname", "/etc/hostname", "resolv.conf", "/etc/resolv.conf");

  private OciCompletion() {}

  /**
   * @param users of the sandbox's own, if it has
   * @param namespaces directory of the sandbox's bound namespaces
   * @param processes namespace of others' processes that it joins
   * @param files directory of the sandbox's files
   * @param appArmor profile that stands for what is asked for
   */
  record Surroundings(
      SandboxSpec sandbox,
      Optional<Users> users,
      Path namespaces,
      Optional<Path> processes,
      Path files,
      Path rootfs,
      String cgroupsPath,
      AppArmorProfile appArmor,
      SeLinux seLinux) {}

  static OciSpec complete(OciSpec oci, ResolvedUser user, Surroundings around) {
    OciSpec.Linux linux = oci.linux();
    return new OciSpec(
        oci.ociVersion(),
        new OciSpec.Root(around.rootfs().toString(), oci.root().readonly()),
        process(oci.process(), user)
            .confinedBy(around.appArmor()::resolve, around.seLinux()::resolve),
        null, // the UTS namespace is the sandbox's and has its name
        null,
        mounts(oci.mounts(), around.files()),
        oci.annotations(),
        new OciSpec.Linux(
            namespaces(linux.namespaces(), around),
            around.users().map(OciCompletion::mapping).orElse(linux.uidMappings()),
            around.users().map(OciCompletion::mapping).orElse(linux.gidMappings()),
            linux.devices(),
            around.cgroupsPath(),
            linux.resources(),
            linux.rootfsPropagation(),
            linux.seccomp(),
            Map.of(), // sysctls too
            linux.maskedPaths(),
            linux.readonlyPaths(),
            linux.timeOffsets(),
            linux.personality(),
            around.seLinux().resolve(linux.mountLabel())));
  }

  /**
   * With the user found in the image, its HOME, and on a terminal a TERM, unless there are such.
   */
  static OciSpec.Process process(OciSpec.Process process, ResolvedUser user) {
    OciSpec.Process completed = process.with(user.user(), process.args(), process.env());
    String home = user.home();
    if (home != null) {
      completed = completed.withDefault("HOME", home);
    }
    return process.terminal() ? completed.withDefault("TERM", "xterm") : completed;
  }

  /** A spec that brings its own file there keeps it. */
  private static List<Mount> mounts(List<Mount> mounts, Path files) {
    Stream<Mount> added =
        SANDBOX_FILES.entrySet().stream()
            .filter(file -> mounts.stream().noneMatch(m -> m.destination().equals(file.getValue())))
            .sorted(Map.Entry.comparingByKey())
            .map(
                file ->
                    new Mount(
                        file.getValue(),
                        "bind",
                        files.resolve(file.getKey()).toString(),
                        List.of("rbind", "rprivate", "nosuid", "nodev", "noexec")));
    return Stream.concat(mounts.stream(), added).toList();
  }

  /** Network, IPC and UTS are joined; what the sandbox shares with the host is left out. */
  private static List<Namespace> namespaces(List<Namespace> own, Surroundings around) {
    List<Namespace> all = new ArrayList<>();
    for (Namespace namespace : own) {
      boolean sandboxed = List.of("network", "ipc", "uts").contains(namespace.type());
      boolean joinsOthers =
          namespace.type().equals("pid")
              && (shares(around, HostNamespace.PID) || around.processes().isPresent());
      if (!sandboxed && !joinsOthers) {
        all.add(namespace);
      }
    }
    if (!shares(around, HostNamespace.PID)) {
      around.processes().ifPresent(path -> all.add(joined("pid", path)));
    }
    if (!shares(around, HostNamespace.NETWORK)) {
      all.add(joined("network", around.namespaces().resolve("net")));
    }
    if (!shares(around, HostNamespace.IPC)) {
      all.add(joined("ipc", around.namespaces().resolve("ipc")));
    }
    all.add(joined("uts", around.namespaces().resolve("uts")));
    around.users().ifPresent(users -> all.add(joined("user", users.namespace())));
    return all;
  }

  private static List<IdMapping> mapping(Users users) {
    return List.of(new IdMapping(0, users.first(), Users.COUNT));
  }

  private static boolean shares(Surroundings around, HostNamespace namespace) {
    return around.sandbox().hostNamespaces().contains(namespace);
  }

  private static Namespace joined(String type, Path path) {
    return new Namespace(type, path.toString());
  }

  static OciSpec withResources(OciSpec oci, Resources resources) {
    OciSpec.Linux linux = oci.linux();
    return new OciSpec(
        oci.ociVersion(),
        oci.root(),
        oci.process(),
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
            resources,
            linux.rootfsPropagation(),
            linux.seccomp(),
            linux.sysctl(),
            linux.maskedPaths(),
            linux.readonlyPaths(),
            linux.timeOffsets(),
            linux.personality(),
            linux.mountLabel()));
  }

  static Resources resources(OciSpec oci) {
    Resources resources = oci.linux().resources();
    return resources == null ? new Resources(List.of(), null, null, null, Map.of()) : resources;
  }

  /** {@code changes} says what is different; devices stay as they are. */
  static Resources merged(Resources old, Resources changes) {
    return new Resources(
        old.devices(),
        memory(old.memory(), changes.memory()),
        cpu(old.cpu(), changes.cpu()),
        changes.pids() == null ? old.pids() : changes.pids(),
        changes.unified().isEmpty() ? old.unified() : changes.unified(),
        changes.blockIO() == null ? old.blockIO() : changes.blockIO(),
        changes.hugepageLimits().isEmpty() ? old.hugepageLimits() : changes.hugepageLimits(),
        changes.network() == null ? old.network() : changes.network(),
        changes.rdma().isEmpty() ? old.rdma() : changes.rdma());
  }

  private static @Nullable Memory memory(@Nullable Memory old, @Nullable Memory changes) {
    if (old == null || changes == null) {
      return changes == null ? old : changes;
    }
    return new Memory(
        changes.limit() == null ? old.limit() : changes.limit(),
        changes.reservation() == null ? old.reservation() : changes.reservation(),
        changes.swap() == null ? old.swap() : changes.swap(),
        changes.kernelTCP() == null ? old.kernelTCP() : changes.kernelTCP(),
        changes.swappiness() == null ? old.swappiness() : changes.swappiness(),
        changes.disableOOMKiller() || old.disableOOMKiller());
  }

  private static @Nullable Cpu cpu(@Nullable Cpu old, @Nullable Cpu changes) {
    if (old == null || changes == null) {
      return changes == null ? old : changes;
    }
    return new Cpu(
        changes.shares() == null ? old.shares() : changes.shares(),
        changes.quota() == null ? old.quota() : changes.quota(),
        changes.period() == null ? old.period() : changes.period(),
        changes.cpus() == null ? old.cpus() : changes.cpus(),
        changes.mems() == null ? old.mems() : changes.mems(),
        changes.burst() == null ? old.burst() : changes.burst(),
        changes.realtimeRuntime() == null ? old.realtimeRuntime() : changes.realtimeRuntime(),
        changes.realtimePeriod() == null ? old.realtimePeriod() : changes.realtimePeriod(),
        changes.idle() == null ? old.idle() : changes.idle());
  }
}
