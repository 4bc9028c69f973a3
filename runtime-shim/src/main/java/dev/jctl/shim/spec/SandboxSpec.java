package dev.jctl.shim.spec;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shared namespaces (network, IPC, UTS, and PID where that is asked for) of one or more
 * containers. They are held by bind mounts; only a PID namespace needs a process.
 *
 * @param id unique in this instance, {@code [a-z0-9-]{1,63}}; the controller uses the Pod's uid
 * @param hostNamespaces those not made but shared with the host
 * @param networks in order; the first carries the default route. Empty with a private network
 *     namespace: loopback only
 * @param dns what {@code /etc/resolv.conf} says
 * @param hosts lines added to {@code /etc/hosts}, IP address to names
 * @param sysctls namespaced kernel parameters, dotted names
 * @param resources limits of all containers together, or null
 * @param labels kept for the owner: pod namespace, name, uid
 * @param users whether root inside is root of the machine
 * @param sharedProcesses its containers see each other's processes: they are in one PID namespace,
 *     for whose sake a process is kept that does nothing but reap
 */
public record SandboxSpec(
    String id,
    String hostname,
    Set<HostNamespace> hostNamespaces,
    List<NetworkAttachment> networks,
    Dns dns,
    Map<String, List<String>> hosts,
    Map<String, String> sysctls,
    OciSpec.@Nullable Resources resources,
    Map<String, String> labels,
    Users users,
    boolean sharedProcesses) {
  /** With the users of the host; its containers see only their own processes. */
  public SandboxSpec(
      String id,
      String hostname,
      Set<HostNamespace> hostNamespaces,
      List<NetworkAttachment> networks,
      Dns dns,
      Map<String, List<String>> hosts,
      Map<String, String> sysctls,
      OciSpec.@Nullable Resources resources,
      Map<String, String> labels) {
    this(
        id,
        hostname,
        hostNamespaces,
        networks,
        dns,
        hosts,
        sysctls,
        resources,
        labels,
        Users.HOST,
        false);
  }

  /** Whose users and groups its containers have, user_namespaces(7). */
  public enum Users {
    HOST,
    /** Its own, ids 0 to 65535; none of them is anybody outside. */
    OWN,
    /** Its own, unless this machine cannot or it shares other namespaces with the host. */
    OWN_WHERE_POSSIBLE
  }

  public enum HostNamespace {
    NETWORK,
    PID,
    IPC
  }

  public SandboxSpec {
    hostNamespaces = hostNamespaces == null ? Set.of() : Set.copyOf(hostNamespaces);
    networks = Lists.copy(networks);
    dns = dns == null ? Dns.OF_HOST : dns;
    hosts = Lists.copy(hosts);
    sysctls = Lists.copy(sysctls);
    labels = Lists.copy(labels);
    users = users == null ? Users.HOST : users;
  }

  /**
   * One interface on a bridge network.
   *
   * @param networkId {@link NetworkSpec#id}
   * @param interfaceName inside, {@code eth0}
   * @param addresses in CIDR form with the subnet's prefix length, {@code 10.90.0.2/24}
   * @param mac {@code 02:...}, or null: derived from the first address
   * @param names under which others on the network find it, in lower case without a dot at the end;
   *     the first is what its addresses are called
   */
  public record NetworkAttachment(
      String networkId,
      String interfaceName,
      List<String> addresses,
      @Nullable String mac,
      List<String> names) {
    public NetworkAttachment {
      addresses = Lists.copy(addresses);
      names = Lists.copy(names);
    }
  }

  /**
   * Where names are asked for, as in resolv.conf(5).
   *
   * @param nameservers beside those of the source; as are {@code searches} and {@code options}
   */
  public record Dns(
      Source source, List<String> nameservers, List<String> searches, List<String> options) {
    /** As the machine asks. */
    public static final Dns OF_HOST = new Dns(Source.HOST, List.of(), List.of(), List.of());

    /** What is asked beside what the record says. */
    public enum Source {
      /** The neighbours on its networks, and through them the machine's servers. */
      NETWORKS,
      /** The machine's servers. */
      HOST,
      NONE
    }

    public Dns {
      nameservers = Lists.copy(nameservers);
      searches = Lists.copy(searches);
      options = Lists.copy(options);
    }
  }
}
