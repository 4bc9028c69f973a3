package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What is accepted but gives away more than most would want: told to who writes it, in {@code
 * Warning} headers. Pure.
 */
public final class Weaknesses {
  private static final Set<String> POWERFUL =
      Set.of("ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE");

  /**
   * @see <a href="https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/">Using
   *     sysctls in a Kubernetes Cluster</a>
   */
  private static final Set<String> SAFE_SYSCTLS =
      Set.of(
          "kernel.shm_rmid_forced",
          "net.ipv4.ip_local_port_range",
          "net.ipv4.ip_local_reserved_ports",
          "net.ipv4.ip_unprivileged_port_start",
          "net.ipv4.ping_group_range",
          "net.ipv4.tcp_fin_timeout",
          "net.ipv4.tcp_keepalive_intvl",
          "net.ipv4.tcp_keepalive_probes",
          "net.ipv4.tcp_keepalive_time",
          "net.ipv4.tcp_rmem",
          "net.ipv4.tcp_syncookies",
          "net.ipv4.tcp_wmem");

  private Weaknesses() {}

  /** Sentences, each with the path of its field. */
  public static List<String> of(ResourceKind kind, JsonNode object) {
    List<String> found = new ArrayList<>();
    JsonNode spec = object.path("spec");
    switch (kind) {
      case CONTAINER -> container("spec", spec, found);
      case POD -> pod("spec", spec, found);
      case DEPLOYMENT, REPLICA_SET, JOB ->
          pod("spec.template.spec", spec.path("template").path("spec"), found);
      case CRON_JOB ->
          pod(
              "spec.jobTemplate.spec.template.spec",
              spec.at("/jobTemplate/spec/template/spec"),
              found);
      default -> {}
    }
    return List.copyOf(found);
  }

  private static void pod(String path, JsonNode pod, List<String> found) {
    for (String list : List.of("initContainers", "containers")) {
      for (Findings.Item item : Findings.items(path, pod, list)) {
        container(item.path(), item.node(), found);
      }
    }
    for (Findings.Item volume : Findings.items(path, pod, "volumes")) {
      String host = volume.node().path("hostPath").path("path").asText("");
      if (host.matches("/+") || host.endsWith(".sock")) {
        found.add(
            volume.path("hostPath.path")
                + ": \""
                + Types.shortened(host)
                + "\" lets its containers do whatever root can on the machine");
      }
    }
    context(path, pod, found);
    for (Findings.Item sysctl :
        Findings.items(path + ".securityContext", pod.path("securityContext"), "sysctls")) {
      String name = sysctl.node().path("name").asText("").replace('/', '.');
      if (!SAFE_SYSCTLS.contains(name)) {
        found.add(
            sysctl.path("name")
                + ": "
                + Types.shortened(name)
                + " is none of those that Kubernetes holds to be safe for other Pods");
      }
    }
  }

  private static void container(String path, JsonNode container, List<String> found) {
    JsonNode context = container.path("securityContext");
    if (context.path("privileged").asBoolean()) {
      found.add(path + ".securityContext.privileged: it can do whatever root can on the machine");
    }
    for (JsonNode capability : context.path("capabilities").path("add")) {
      String name = capability.asText().replaceFirst("^CAP_", "");
      if (POWERFUL.contains(name)) {
        found.add(
            path
                + ".securityContext.capabilities.add: "
                + name
                + " is nearly all that root can do");
      }
    }
    context(path, container, found);
  }

  private static void context(String path, JsonNode object, List<String> found) {
    JsonNode type = object.path("securityContext").path("seccompProfile").path("type");
    if (type.asText("").equals("Unconfined")) {
      found.add(
          path + ".securityContext.seccompProfile: Unconfined leaves all system calls open to it");
    }
    if (!object.path("securityContext").path("windowsOptions").isEmpty()) {
      found.add(path + ".securityContext.windowsOptions: has no effect");
    }
  }
}
