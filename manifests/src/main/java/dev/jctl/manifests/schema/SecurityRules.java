package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Security contexts of Pods and containers, and whose users they have, as kube-apiserver and
 * kubelet check them.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/tasks/configure-pod-container/security-context/">Configure a
 *     Security Context for a Pod or Container</a>
 */
final class SecurityRules {
  /** Users and groups of a Pod that has its own. */
  private static final int OWN_IDS = 65536;

  private static final Pattern SYSCTL = Pattern.compile("[A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)*");

  /** ipc_namespaces(7); beside {@code fs.mqueue} and all of the network. */
  private static final Set<String> IPC =
      Set.of(
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced",
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni");

  /** capabilities(7). */
  static final Set<String> CAPABILITIES =
      Set.of(
          "ALL",
          "AUDIT_CONTROL",
          "AUDIT_READ",
          "AUDIT_WRITE",
          "BLOCK_SUSPEND",
          "BPF",
          "CHECKPOINT_RESTORE",
          "CHOWN",
          "DAC_OVERRIDE",
          "DAC_READ_SEARCH",
          "FOWNER",
          "FSETID",
          "IPC_LOCK",
          "IPC_OWNER",
          "KILL",
          "LEASE",
          "LINUX_IMMUTABLE",
          "MAC_ADMIN",
          "MAC_OVERRIDE",
          "MKNOD",
          "NET_ADMIN",
          "NET_BIND_SERVICE",
          "NET_BROADCAST",
          "NET_RAW",
          "PERFMON",
          "SETFCAP",
          "SETGID",
          "SETPCAP",
          "SETUID",
          "SYSLOG",
          "SYS_ADMIN",
          "SYS_BOOT",
          "SYS_CHROOT",
          "SYS_MODULE",
          "SYS_NICE",
          "SYS_PACCT",
          "SYS_PTRACE",
          "SYS_RAWIO",
          "SYS_RESOURCE",
          "SYS_TIME",
          "SYS_TTY_CONFIG",
          "WAKE_ALARM");

  private SecurityRules() {}

  /** A Pod's spec, but for its containers. */
  static void pod(JsonNode spec, Findings findings) {
    JsonNode context = spec.path("securityContext");
    users(spec, findings);
    seccomp("spec.securityContext", context, findings);
    for (Findings.Item sysctl : Findings.items("spec.securityContext", context, "sysctls")) {
      Findings.text(sysctl.node(), "name").ifPresent(name -> sysctl(sysctl, name, spec, findings));
    }
  }

  /**
   * One container.
   *
   * @param path of the object with the security context
   * @param pod whose {@code hostUsers} counts
   */
  static void container(String path, JsonNode container, JsonNode pod, Findings findings) {
    String at = FieldPath.child(path, "securityContext");
    JsonNode context = container.path("securityContext");
    seccomp(at, context, findings);
    capabilities(FieldPath.child(at, "capabilities"), context.path("capabilities"), findings);
    escalation(at, context, findings);
    if (isOwn(pod)) {
      ids(at, context, findings);
    } else if (context.path("procMount").asText("").equals("Unmasked")) {
      findings.add(
          FieldPath.child(at, "procMount"),
          FieldError.Type.FORBIDDEN,
          "only a Pod with users of its own may have all of /proc: set hostUsers to false");
    }
  }

  /** Said so, and not only by default. */
  private static boolean isOwn(JsonNode pod) {
    return pod.path("hostUsers").isBoolean() && !pod.path("hostUsers").booleanValue();
  }

  /** Of the spec of a Pod or a Container. */
  static void users(JsonNode spec, Findings findings) {
    if (!isOwn(spec)) {
      return;
    }
    for (String field : List.of("hostNetwork", "hostPID", "hostIPC")) {
      if (spec.path(field).asBoolean()) {
        findings.add(
            "spec." + field,
            FieldError.Type.FORBIDDEN,
            "hostUsers is false, and its users would be nobody in a namespace of the machine;"
                + " remove one of the two");
      }
    }
    ids("spec.securityContext", spec.path("securityContext"), findings);
  }

  private static void ids(String path, JsonNode context, Findings findings) {
    for (String field : List.of("runAsUser", "runAsGroup", "fsGroup")) {
      if (context.path(field).asLong() >= OWN_IDS) {
        findings.invalid(
            FieldPath.child(path, field),
            context.path(field).asText(),
            "0 to 65535, as hostUsers is false");
      }
    }
  }

  private static void escalation(String path, JsonNode context, Findings findings) {
    JsonNode allowed = context.path("allowPrivilegeEscalation");
    if (!allowed.isBoolean() || allowed.booleanValue()) {
      return;
    }
    if (context.path("privileged").asBoolean()) {
      findings.add(
          FieldPath.child(path, "allowPrivilegeEscalation"),
          FieldError.Type.INVALID,
          "false, but privileged is true, which is all there is; remove one of the two");
    }
    boolean admin =
        context
            .path("capabilities")
            .path("add")
            .valueStream()
            .anyMatch(c -> plain(c.asText()).equals("SYS_ADMIN"));
    if (admin) {
      findings.add(
          FieldPath.child(path, "allowPrivilegeEscalation"),
          FieldError.Type.INVALID,
          "false, but capabilities.add has SYS_ADMIN, which can get any other; remove one of the"
              + " two");
    }
  }

  private static String plain(String capability) {
    String upper = capability.toUpperCase(Locale.ROOT);
    return upper.startsWith("CAP_") ? upper.substring(4) : upper;
  }

  private static void capabilities(String path, JsonNode capabilities, Findings findings) {
    for (String list : List.of("add", "drop")) {
      JsonNode names = capabilities.path(list);
      for (int i = 0; names.isArray() && i < names.size(); i++) {
        String name = names.get(i).asText();
        if (names.get(i).isTextual() && !CAPABILITIES.contains(plain(name))) {
          findings.invalid(
              FieldPath.index(FieldPath.child(path, list), i),
              name,
              "a capability such as NET_ADMIN, or ALL" + NearestName.hint(name, CAPABILITIES));
        }
      }
    }
  }

  private static void seccomp(String path, JsonNode context, Findings findings) {
    JsonNode profile = context.path("seccompProfile");
    String at = FieldPath.child(path, "seccompProfile");
    String file = FieldPath.child(at, "localhostProfile");
    boolean local = profile.path("type").asText("").equals("Localhost");
    if (local && !profile.hasNonNull("localhostProfile")) {
      findings.add(
          file,
          FieldError.Type.REQUIRED,
          "missing: give it the path of a profile below the directory seccomp of the data directory");
    }
    Findings.text(profile, "localhostProfile")
        .filter(p -> !local || p.isEmpty() || p.startsWith("/") || ("/" + p + "/").contains("/../"))
        .ifPresent(
            p ->
                findings.invalid(
                    file,
                    p,
                    local
                        ? "a relative path such as profiles/audit.json, without .."
                        : "nothing, unless type is Localhost"));
  }

  private static void sysctl(Findings.Item sysctl, String name, JsonNode spec, Findings findings) {
    String dotted = name.replace('/', '.');
    boolean network = dotted.startsWith("net.");
    boolean ipc = IPC.contains(dotted) || dotted.startsWith("fs.mqueue.");
    if (!SYSCTL.matcher(name).matches() || (!network && !ipc)) {
      findings.invalid(
          sysctl.path("name"),
          name,
          "a parameter that belongs to a Pod: net.*, fs.mqueue.*, or one of "
              + String.join(", ", IPC.stream().sorted().toList())
              + "; others would change the machine");
    }
    String shared = network ? "hostNetwork" : ipc ? "hostIPC" : "";
    if (spec.path(shared).asBoolean()) {
      findings.add(
          sysctl.path("name"),
          FieldError.Type.FORBIDDEN,
          name + " would change the machine, as " + shared + " is true; remove one of the two");
    }
  }
}
