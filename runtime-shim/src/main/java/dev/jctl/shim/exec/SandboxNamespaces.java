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

/** Namespaces that a sandbox's containers share, held by bind mounts instead of a process. */
final class SandboxNamespaces {
  /** Types, and the names of their files both in {@code /proc/PID/ns} and here. */
  private static final Map<String, String> FILES =
      Map.of("network", "net", "ipc", "ipc", "uts", "uts");

  private SandboxNamespaces() {}

  /** To be called on a thread that dies afterwards. */
  static void create(SandboxSpec sandbox, Path directory) {
    Set<String> types = new java.util.TreeSet<>(FILES.keySet());
    if (sandbox.hostNamespaces().contains(HostNamespace.NETWORK)) {
      types.remove("network");
    }
    if (sandbox.hostNamespaces().contains(HostNamespace.IPC)) {
      types.remove("ipc");
    }
    Map<Path, String> settings = new TreeMap<>();
    sandbox
        .sysctls()
        .forEach((name, value) -> settings.put(Path.of(Sysctls.path(name, types)), value));
    Kernel.unshare((int) types.stream().mapToLong(NamespaceTypes::flag).sum());
    Kernel.sethostname(sandbox.hostname());
    if (types.contains("network")) {
      Interfaces.bringUp("lo");
    }
    try {
      for (Map.Entry<Path, String> setting : settings.entrySet()) {
        Files.writeString(setting.getKey(), setting.getValue());
      }
      for (String type : types) {
        hold(FILES.getOrDefault(type, type), directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("sandbox " + sandbox.id(), e);
    }
  }

  private static void hold(String name, Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve(name));
    Kernel.mount("/proc/thread-self/ns/" + name, file.toString(), null, Kernel.MS_BIND, null);
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
