package dev.jctl.shim.spec;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shared namespaces (network, IPC, UTS) of one or more containers. They are held by bind
 * mounts; no process is kept.
 *
 * @param id unique in this instance, {@code [a-z0-9-]{1,63}}; the controller uses the Pod's uid
 * @param hostNamespaces those not made but shared with the host
 * @param networks in order; the first carries the default route. Empty with a private network
 *     namespace: loopback only
 * @param resolvConf content of {@code /etc/resolv.conf}; null copies the host's (without loopback
 *     resolvers)
 * @param hosts lines added to {@code /etc/hosts}, IP address to names
 * @param sysctls namespaced kernel parameters, dotted names
 * @param resources limits of all containers together, or null
 * @param labels kept for the owner: pod namespace, name, uid
 */
public record SandboxSpec(
    String id,
    String hostname,
    Set<HostNamespace> hostNamespaces,
    List<NetworkAttachment> networks,
    @Nullable String resolvConf,
    Map<String, List<String>> hosts,
    Map<String, String> sysctls,
    OciSpec.@Nullable Resources resources,
    Map<String, String> labels) {
  public enum HostNamespace {
    NETWORK,
    PID,
    IPC
  }

  public SandboxSpec {
    hostNamespaces = hostNamespaces == null ? Set.of() : Set.copyOf(hostNamespaces);
    networks = Lists.copy(networks);
    hosts = Lists.copy(hosts);
    sysctls = Lists.copy(sysctls);
    labels = Lists.copy(labels);
  }

  /**
   * One interface on a bridge network.
   *
   * @param networkId {@link NetworkSpec#id}
   * @param interfaceName inside, {@code eth0}
   * @param addresses in CIDR form with the subnet's prefix length, {@code 10.90.0.2/24}
   * @param mac {@code 02:...}, or null: derived from the first address
   */
  public record NetworkAttachment(
      String networkId, String interfaceName, List<String> addresses, @Nullable String mac) {
    public NetworkAttachment {
      addresses = Lists.copy(addresses);
    }
  }
}
