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

  private static final List<String> ALL = dev.jctl.shim.plan.Capabilities.names();

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
