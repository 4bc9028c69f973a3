package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Interfaces;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.ThisThread;
import dev.jctl.shim.plan.NamespaceTypes;
import dev.jctl.shim.plan.SyscallProgram;
import dev.jctl.shim.plan.Sysctls;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.HostNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;

/** Namespaces that a sandbox's containers share, held by bind mounts instead of a process. */
final class SandboxNamespaces {
  /** Types, and the names of their files both in {@code /proc/PID/ns} and here. */
  private static final Map<String, String> FILES =
      Map.of("network", "net", "ipc", "ipc", "uts", "uts");

  private static final String PROCESSES = "pid";
  private static final Path NETWORKS = Path.of("/proc/sys/net");
  private static final Path PING_GROUPS = NETWORKS.resolve("ipv4/ping_group_range");
  private static final Path FIRST_FREE_PORT = NETWORKS.resolve("ipv4/ip_unprivileged_port_start");
  private static final String OWN = "/proc/thread-self/ns/";
  private static final int LAST_GROUP = Integer.MAX_VALUE;

  private SandboxNamespaces() {}

  // to be called on a thread of NamespaceThreads, but for name()

  static void create(SandboxSpec sandbox, Path directory) {
    Set<String> types = new TreeSet<>(FILES.keySet());
    if (sandbox.hostNamespaces().contains(HostNamespace.NETWORK)) {
      types.remove("network");
    }
    if (sandbox.hostNamespaces().contains(HostNamespace.IPC)) {
      types.remove("ipc");
    }
    Map<Path, String> settings = settings(sandbox, types);
    make(types);
    Kernel.sethostname(sandbox.hostname());
    write(sandbox, settings);
    hold(types, OWN, directory);
  }

  /** Of no sandbox yet. */
  static void prepare(Path directory) {
    make(FILES.keySet());
    hold(FILES.keySet(), OWN, directory);
  }

  /** What {@link #prepare} does beside making them, for those held there. */
  static void prepare(Path directory, int firstUser) {
    join("network", directory);
    liftPrivileges(firstUser, firstUser + Users.COUNT - 1);
  }

  /** Those of a process, which may end then. */
  static void hold(int pid, Path directory) {
    hold(FILES.keySet(), "/proc/" + pid + "/ns/", directory);
    hold(Set.of("user"), "/proc/" + pid + "/ns/", directory);
  }

  /** That of the processes that this one is among. */
  static void holdProcesses(int pid, Path directory) {
    hold(Set.of(PROCESSES), "/proc/" + pid + "/ns/", directory);
  }

  /** Those held there that a further process of the sandbox joins before it is made. */
  static List<SyscallProgram.Join> joins(Path directory) {
    return FILES.entrySet().stream()
        .filter(type -> Files.exists(directory.resolve(type.getValue())))
        .map(
            type ->
                new SyscallProgram.Join(
                    type.getKey(), directory.resolve(type.getValue()).toString()))
        .toList();
  }

  /** Sets kernel parameters of those that were prepared. */
  static void configure(SandboxSpec sandbox, Path directory) {
    configure(sandbox, directory, Runnable::run);
  }

  /** The same as their root, who alone may set those of IPC; those of networks take privileges. */
  static void configure(SandboxSpec sandbox, Path directory, Users users) {
    configure(sandbox, directory, work -> ThisThread.asUser(users.first(), work));
  }

  private static void configure(SandboxSpec sandbox, Path directory, Executor ipcRoot) {
    Map<Path, String> settings = settings(sandbox, FILES.keySet());
    Map<Path, String> networks = new TreeMap<>(settings);
    networks.keySet().removeIf(file -> !file.startsWith(NETWORKS));
    settings.keySet().removeAll(networks.keySet());
    join("network", directory);
    join("ipc", directory);
    write(sandbox, networks);
    ipcRoot.execute(() -> write(sandbox, settings));
  }

  /**
   * Names one that was prepared. On any thread, which comes back at once: only the host name
   * depends on this kind of namespace, and another thread would cost more than all of this.
   */
  static void name(SandboxSpec sandbox, Path directory) {
    int own = Kernel.open("/proc/thread-self/ns/uts", Kernel.O_RDONLY, 0);
    try {
      join("uts", directory);
      try {
        Kernel.sethostname(sandbox.hostname());
      } finally {
        Kernel.setns(own, (int) NamespaceTypes.flag("uts"), "back");
      }
    } finally {
      Kernel.close(own);
    }
  }

  private static Map<Path, String> settings(SandboxSpec sandbox, Set<String> types) {
    Map<Path, String> settings = new TreeMap<>();
    sandbox
        .sysctls()
        .forEach((name, value) -> settings.put(Path.of(Sysctls.path(name, types)), value));
    return settings;
  }

  private static void make(Set<String> types) {
    Kernel.unshare((int) types.stream().mapToLong(NamespaceTypes::flag).sum());
    if (types.contains("network")) {
      Interfaces.bringUp("lo");
      liftPrivileges(0, LAST_GROUP);
    }
  }

  /**
   * Everybody may ping and listen on any port of the network namespace that the thread is in, as
   * with Docker and containerd.
   *
   * @param firstGroup as the machine sees it
   */
  private static void liftPrivileges(int firstGroup, int lastGroup) {
    try {
      Files.writeString(PING_GROUPS, firstGroup + " " + lastGroup);
      Files.writeString(FIRST_FREE_PORT, "0");
    } catch (IOException e) {
      throw new UncheckedIOException("set defaults of a network namespace", e);
    }
  }

  private static void join(String type, Path directory) {
    Path file = directory.resolve(file(type));
    int fd = Kernel.open(file.toString(), Kernel.O_RDONLY, 0);
    try {
      Kernel.setns(fd, (int) NamespaceTypes.flag(type), file.toString());
    } finally {
      Kernel.close(fd);
    }
  }

  private static String file(String type) {
    return FILES.getOrDefault(type, type);
  }

  private static void write(SandboxSpec sandbox, Map<Path, String> settings) {
    try {
      for (Map.Entry<Path, String> setting : settings.entrySet()) {
        Files.writeString(setting.getKey(), setting.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("sandbox " + sandbox.id(), e);
    }
  }

  private static void hold(Set<String> types, String from, Path directory) {
    try {
      for (String type : types) {
        Path held = Files.createFile(directory.resolve(file(type)));
        Kernel.mount(from + file(type), held.toString(), null, Kernel.MS_BIND, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("hold namespaces in " + directory, e);
    }
  }

  static void remove(Path directory) {
    List<String> names = new ArrayList<>(FILES.values());
    names.add("user");
    names.add(PROCESSES);
    for (String name : names) {
      Path file = directory.resolve(name);
      RootMounts.detach(file);
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException("remove " + file, e);
      }
    }
  }
}
