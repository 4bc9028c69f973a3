package dev.jctl.controller.pod;

import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.ContainerSpec.Manner;
import dev.jctl.shim.spec.ContainerSpec.VolumeMount;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Hashes of the parts of what was asked for, kept as labels on what was made of it: they tell which
 * part changed, whatever the runtime has filled in. Pure.
 */
final class Parts {
  /** What engines before this one did not note; what they made stays as it is. */
  private static final Set<String> NEWER =
      Set.of(
          PodNames.PART + "hostUsers",
          PodNames.PART + "init",
          PodNames.PART + "shareProcessNamespace",
          PodNames.PART + "volumeMountOptions");

  private Parts() {}

  /** Names of the parts that differ, as users know them from the spec. */
  static List<String> changed(Map<String, String> there, Map<String, String> wanted) {
    TreeSet<String> changed = new TreeSet<>();
    wanted.forEach(
        (key, hash) -> {
          boolean known = there.containsKey(key) || !NEWER.contains(key);
          if (key.startsWith(PodNames.PART) && known && !hash.equals(there.get(key))) {
            changed.add(key.substring(PodNames.PART.length()));
          }
        });
    return List.copyOf(changed);
  }

  /** Limits are no part: they are changed in place. Neither is the attempt. */
  static Map<String, String> of(ContainerSpec c, String imageId) {
    Map<String, String> parts = new HashMap<>();
    OciSpec.Process process = c.oci().process();
    put(parts, "image", imageId);
    put(parts, "command", process.args());
    put(parts, "env", process.env());
    put(parts, "workingDir", process.cwd());
    put(parts, "volumeMounts", c.volumes().stream().map(Parts::mount).toList());
    put(parts, "volumeMountOptions", c.volumes().stream().map(Parts::manner).toList());
    put(parts, "stdin", stdin(c));
    put(parts, "stopSignal", c.stopSignal());
    put(parts, "init", c.init());
    put(parts, "securityContext", security(c));
    return parts;
  }

  private static List<Object> stdin(ContainerSpec c) {
    boolean terminal = c.oci().process().terminal();
    return c.stdinOnce() ? List.of(c.stdin(), terminal, "once") : List.of(c.stdin(), terminal);
  }

  /** In the order in which engines before this one hashed it. */
  private record Mount(Object source, String destination, boolean readOnly, String subPath) {}

  private record MachinePath(String path) {}

  private static Mount mount(VolumeMount mount) {
    return new Mount(source(mount), mount.destination(), mount.readOnly(), mount.subPath());
  }

  /** Of what kind a path of the machine has to be is of account only when it is mounted. */
  private static Object source(VolumeMount mount) {
    return mount.source() instanceof ContainerSpec.Source.HostPath path
        ? new MachinePath(path.path())
        : mount.source();
  }

  /** What a volume had in it at first is of no account later. */
  private static Manner manner(VolumeMount mount) {
    Manner manner = mount.manner();
    return new Manner(manner.propagation(), manner.readOnlyBeneath(), false, manner.group());
  }

  private static Map<String, Object> security(ContainerSpec c) {
    OciSpec.Process process = c.oci().process();
    Map<String, Object> security = new TreeMap<>();
    security.put("user", String.valueOf(c.user()));
    security.put("groups", process.user().additionalGids());
    security.put("capabilities", String.valueOf(process.capabilities()));
    security.put("noNewPrivileges", process.noNewPrivileges());
    security.put("readOnly", c.oci().root().readonly());
    security.put("namespaces", c.oci().linux().namespaces());
    security.put("seccomp", String.valueOf(c.oci().linux().seccomp()));
    security.put("masked", c.oci().linux().maskedPaths());
    return security;
  }

  static Map<String, String> of(SandboxSpec s) {
    Map<String, String> parts = new HashMap<>();
    put(parts, "networks", s.networks());
    put(parts, "hostname", s.hostname());
    put(parts, "hostNamespaces", new TreeSet<>(s.hostNamespaces()));
    put(parts, "hosts", new TreeMap<>(s.hosts()));
    put(parts, "dnsConfig", s.dns());
    put(parts, "sysctls", new TreeMap<>(s.sysctls()));
    put(parts, "hostUsers", s.users());
    put(parts, "shareProcessNamespace", s.sharedProcesses());
    return parts;
  }

  private static void put(Map<String, String> parts, String name, Object value) {
    parts.put(PodNames.PART + name, Hashes.of(value));
  }

  static ContainerSpec labelled(ContainerSpec c, Map<String, String> labels) {
    return copy(c, c.id(), c.attempt(), labels, null);
  }

  static ContainerSpec numbered(
      ContainerSpec template, String uid, String name, int attempt, Map<String, String> labels) {
    return copy(template, PodNames.containerId(uid, name, attempt), attempt, labels, null);
  }

  /** {@code container} as one that sees the processes of another. */
  static ContainerSpec joined(ContainerSpec container, String otherId) {
    return copy(container, container.id(), container.attempt(), container.labels(), otherId);
  }

  private static ContainerSpec copy(
      ContainerSpec c,
      String id,
      int attempt,
      Map<String, String> labels,
      @Nullable String processesOf) {
    return new ContainerSpec(
        id,
        c.sandboxId(),
        c.layers(),
        c.oci(),
        c.user(),
        c.volumes(),
        c.logDirectory(),
        attempt,
        c.stdin(),
        c.stopSignal(),
        labels,
        c.confidential(),
        c.stdinOnce(),
        c.init(),
        processesOf);
  }
}
