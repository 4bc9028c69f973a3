package dev.jctl.shim.spec;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A name, and perhaps an address, that stands for others.
 *
 * @param id unique in this instance
 * @param domain its full name in lower case, without a dot at the end; the reverse of its addresses
 * @param names all names that it is asked for by, the full one among them
 * @param addresses of no interface: who connects to one of their ports is sent to a target; empty
 *     for a service that is only a name
 * @param members when it is only a name: whose addresses it has
 * @param externalName the host that it stands for, or null
 * @param affinitySeconds for how long after its last connection a client gets the target that it
 *     had; 0: each connection gets one by chance
 * @param exposure from where its node ports and external addresses are reached
 * @param externalAddresses of others: what arrives at the machine for one of its ports there is
 *     sent to a target as well
 * @param clients from which of the sandboxes' addresses alone it is reached; null for all
 */
public record ServiceSpec(
    String id,
    String domain,
    List<String> names,
    List<String> addresses,
    List<Port> ports,
    List<Member> members,
    @Nullable String externalName,
    int affinitySeconds,
    Exposure exposure,
    List<String> externalAddresses,
    @Nullable List<String> clients) {
  /** Those of all services are of this block, the default of kube-apiserver. */
  public static final String ADDRESSES4 = "10.96.0.0/12";

  /** Or of this. */
  public static final String ADDRESSES6 = "fd6a:6374:6c36::/112";

  public ServiceSpec {
    names = Lists.copy(names);
    addresses = Lists.copy(addresses);
    ports = Lists.copy(ports);
    members = Lists.copy(members);
    externalAddresses = Lists.copy(externalAddresses);
    exposure = exposure == null ? Exposure.LOCALHOST : exposure;
    clients = clients == null ? null : List.copyOf(clients);
  }

  /** The same, for these alone. */
  public ServiceSpec onlyFor(List<String> some) {
    return with(ports, some);
  }

  /** The same, with these of its ports not to be reached by a port of the machine. */
  public ServiceSpec withoutNodePorts(Predicate<Port> which) {
    List<Port> own =
        ports.stream()
            .map(
                p -> which.test(p) ? new Port(p.name(), p.protocol(), p.port(), 0, p.targets()) : p)
            .toList();
    return with(own, clients);
  }

  private ServiceSpec with(List<Port> own, @Nullable List<String> some) {
    return new ServiceSpec(
        id,
        domain,
        names,
        addresses,
        own,
        members,
        externalName,
        affinitySeconds,
        exposure,
        externalAddresses,
        some);
  }

  /**
   * @param name for SRV records; empty for none
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
   * @param nodePort of the machine, or 0
   * @param targets none: connections are refused
   */
  public record Port(String name, String protocol, int port, int nodePort, List<Target> targets) {
    public Port {
      targets = Lists.copy(targets);
    }
  }

  /** Where a connection goes. */
  public record Target(String ip, int port) {}

  /**
   * @param name its own name below the service's domain, one label
   */
  public record Member(String name, List<String> addresses) {
    public Member {
      addresses = Lists.copy(addresses);
    }
  }
}
