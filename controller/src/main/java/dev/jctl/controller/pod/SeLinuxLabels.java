package dev.jctl.controller.pod;

import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code seLinuxOptions} → the labels of a container, as container runtimes complete them: what is
 * not said is as in the policy of containers, and its own file systems have the same user and
 * level. Pure.
 *
 * @param process for example {@code system_u:system_r:container_t:s0:c1,c2}
 * @param mount for example {@code system_u:object_r:container_file_t:s0:c1,c2}
 */
record SeLinuxLabels(String process, String mount) {
  /** None when nothing is said, or of a privileged container. The container's counts as a whole. */
  static Optional<SeLinuxLabels> of(
      @Nullable PodSecurityContext pod, @Nullable SecurityContext container) {
    if (container != null && Boolean.TRUE.equals(container.getPrivileged())) {
      return Optional.empty();
    }
    SELinuxOptions own = container == null ? null : container.getSeLinuxOptions();
    SELinuxOptions options = own == null && pod != null ? pod.getSeLinuxOptions() : own;
    return Optional.ofNullable(options)
        .filter(some -> !some.equals(new SELinuxOptions()))
        .map(SeLinuxLabels::of);
  }

  private static SeLinuxLabels of(SELinuxOptions options) {
    String user = or(options.getUser(), "system_u");
    String level = or(options.getLevel(), "s0");
    String role = or(options.getRole(), "system_r");
    String type = or(options.getType(), "container_t");
    return new SeLinuxLabels(
        String.join(":", user, role, type, level),
        String.join(":", user, "object_r", "container_file_t", level));
  }

  private static String or(@Nullable String said, String usual) {
    return said == null || said.isEmpty() ? usual : said;
  }
}
