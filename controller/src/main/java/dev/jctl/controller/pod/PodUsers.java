package dev.jctl.controller.pod;

import dev.jctl.controller.pod.FoundVolumes.Claimed;
import dev.jctl.shim.spec.SandboxSpec.Users;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether root in a Pod is root of the machine. Its own users are the rule; a Pod that does not say
 * ({@code hostUsers}) has the machine's when it asks for what they could not do. Pure.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/">User
 *     Namespaces</a>, where the machine's are the rule
 */
final class PodUsers {
  private static final long IDS = 65536;

  /**
   * What root of a user namespace can do with them there is what one who adds them wants,
   * user_namespaces(7).
   */
  private static final Set<String> USEFUL =
      Set.of(
          "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BROADCAST", "CAP_SYS_PTRACE", "CAP_IPC_OWNER");

  private PodUsers() {}

  /**
   * @param volumes what those that are Volumes are
   */
  static Users of(PodSpec pod, FoundVolumes volumes) {
    Boolean host = pod.getHostUsers();
    if (host != null) {
      return host ? Users.HOST : Users.OWN;
    }
    // which file systems of servers cannot be shown to others than
    boolean foreign = volumes.claims().values().stream().anyMatch(Claimed::foreign);
    return foreign || needsHosts(pod) ? Users.HOST : Users.OWN_WHERE_POSSIBLE;
  }

  private static boolean needsHosts(PodSpec pod) {
    return Boolean.TRUE.equals(pod.getHostNetwork())
        || Boolean.TRUE.equals(pod.getHostPID())
        || Boolean.TRUE.equals(pod.getHostIPC())
        || Objects.requireNonNullElse(pod.getVolumes(), List.<Volume>of()).stream()
            .anyMatch(v -> v.getHostPath() != null || v.getNfs() != null)
        || isBeyond(pod.getSecurityContext())
        || Stream.concat(DesiredPods.initContainers(pod).stream(), pod.getContainers().stream())
            .map(Container::getSecurityContext)
            .anyMatch(PodUsers::needsHosts);
  }

  private static boolean isBeyond(@Nullable PodSecurityContext context) {
    return context != null
        && (isBeyond(context.getRunAsUser())
            || isBeyond(context.getRunAsGroup())
            || isBeyond(context.getFsGroup())
            || Objects.requireNonNullElse(context.getSupplementalGroups(), List.<Long>of()).stream()
                .anyMatch(PodUsers::isBeyond));
  }

  private static boolean isBeyond(@Nullable Long id) {
    return id != null && id >= IDS;
  }

  private static boolean needsHosts(@Nullable SecurityContext context) {
    return context != null
        && (Boolean.TRUE.equals(context.getPrivileged())
            || isBeyond(context.getRunAsUser())
            || isBeyond(context.getRunAsGroup())
            || addsMore(context));
  }

  private static boolean addsMore(SecurityContext context) {
    Set<String> added = new HashSet<>(Capabilities.of(context));
    Capabilities.DEFAULT.forEach(added::remove);
    added.removeAll(USEFUL);
    return !added.isEmpty();
  }
}
