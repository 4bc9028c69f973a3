package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Interfaces;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.plan.NamespaceTypes;
import dev.jctl.shim.plan.Sysctls;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.HostNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Namespaces that a sandbox's containers share, held by bind mounts instead of a process. */
final class SandboxNamespaces {
  /** Types, and the names of their files both in {@code /proc/PID/ns} and here. */
  private static final Map<String, String> FILES =
      Map.of("network", "net", "ipc", "ipc", "uts", "uts");

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
    hold(types, directory);
  }

  /** Of no sandbox yet. */
  static void prepare(Path directory) {
    make(FILES.keySet());
    hold(FILES.keySet(), directory);
  }

  /** Sets kernel parameters of those that were prepared. */
  static void configure(SandboxSpec sandbox, Path directory) {
    Map<Path, String> settings = settings(sandbox, FILES.keySet());
    join("network", directory);
    join("ipc", directory);
    write(sandbox, settings);
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

  private static void hold(Set<String> types, Path directory) {
    try {
      for (String type : types) {
        Path held = Files.createFile(directory.resolve(file(type)));
        Kernel.mount(
            "/proc/thread-self/ns/" + file(type), held.toString(), null, Kernel.MS_BIND, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("hold namespaces in " + directory, e);
    }
  }

  static void remove(Path directory) {
    for (String name : FILES.values()) {
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
