package dev.jctl.controller.pod;

import io.fabric8.kubernetes.api.model.SecurityContext;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which capabilities a container has. Pure. */
final class Capabilities {
  /** Docker's default set without NET_RAW, which lets a container forge packets. */
  static final List<String> DEFAULT =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  /** capabilities(7), in the kernel's order. */
  static final List<String> ALL =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_DAC_READ_SEARCH",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETPCAP",
          "CAP_LINUX_IMMUTABLE",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_BROADCAST",
          "CAP_NET_ADMIN",
          "CAP_NET_RAW",
          "CAP_IPC_LOCK",
          "CAP_IPC_OWNER",
          "CAP_SYS_MODULE",
          "CAP_SYS_RAWIO",
          "CAP_SYS_CHROOT",
          "CAP_SYS_PTRACE",
          "CAP_SYS_PACCT",
          "CAP_SYS_ADMIN",
          "CAP_SYS_BOOT",
          "CAP_SYS_NICE",
          "CAP_SYS_RESOURCE",
          "CAP_SYS_TIME",
          "CAP_SYS_TTY_CONFIG",
          "CAP_MKNOD",
          "CAP_LEASE",
          "CAP_AUDIT_WRITE",
          "CAP_AUDIT_CONTROL",
          "CAP_SETFCAP",
          "CAP_MAC_OVERRIDE",
          "CAP_MAC_ADMIN",
          "CAP_SYSLOG",
          "CAP_WAKE_ALARM",
          "CAP_BLOCK_SUSPEND",
          "CAP_AUDIT_READ",
          "CAP_PERFMON",
          "CAP_BPF",
          "CAP_CHECKPOINT_RESTORE");

  private Capabilities() {}

  static List<String> of(@Nullable SecurityContext context) {
    if (context != null && Boolean.TRUE.equals(context.getPrivileged())) {
      return ALL;
    }
    if (context == null || context.getCapabilities() == null) {
      return DEFAULT;
    }
    List<String> drop = names(context.getCapabilities().getDrop());
    List<String> add = names(context.getCapabilities().getAdd());
    Set<String> kept = new LinkedHashSet<>(drop.contains("CAP_ALL") ? List.of() : DEFAULT);
    drop.forEach(kept::remove);
    kept.addAll(add.contains("CAP_ALL") ? ALL : add);
    return List.copyOf(kept);
  }

  private static List<String> names(@Nullable List<String> names) {
    if (names == null) {
      return List.of();
    }
    return names.stream()
        .map(n -> n.toUpperCase(Locale.ROOT))
        .map(n -> n.startsWith("CAP_") ? n : "CAP_" + n)
        .toList();
  }
}
