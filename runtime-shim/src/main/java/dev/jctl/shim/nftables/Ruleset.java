package dev.jctl.shim.nftables;

import dev.jctl.shim.spec.Exposure;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything the instance wants of nftables. The rules are the same for every instance and never
 * change while it lives; networks, ports and restrictions are only elements of their sets and maps.
 * A service's port has a chain of its own beside its element, as only a rule can choose, and sets
 * of which client had which target lately, if clients are to keep theirs.
 *
 * @param table its name, in family inet, and in family bridge while there are restrictions
 */
public record Ruleset(
    String table,
    Set<Bridge> bridges,
    Set<Forward> forwards,
    Set<Service> services,
    Set<Restricted> restrictions) {
  public Ruleset {
    bridges = Set.copyOf(bridges);
    forwards = Set.copyOf(forwards);
    services = Set.copyOf(services);
    restrictions = Set.copyOf(restrictions);
  }

  public static Ruleset empty(String table) {
    return new Ruleset(table, Set.of(), Set.of(), Set.of(), Set.of());
  }

  /** How far from a bridge one gets. */
  public enum Reach {
    OUTWARD,
    INTERNAL,
    /** Nothing but names are asked for on it. */
    NAMES
  }

  /**
   * A network of ours.
   *
   * @param subnets in CIDR form without host bits
   * @param gateways its own addresses
   */
  public record Bridge(String device, Reach reach, List<String> subnets, List<String> gateways) {
    public Bridge {
      subnets = List.copyOf(subnets);
      gateways = List.copyOf(gateways);
    }
  }

  /**
   * A published port.
   *
   * @param protocol {@code tcp}, {@code udp} or {@code sctp}
   * @param hostIp literal; the unspecified address for every address of the host
   */
  public record Forward(
      String protocol,
      String hostIp,
      int hostPort,
      String targetIp,
      int targetPort,
      Exposure exposure) {
    boolean ipv6() {
      return targetIp.indexOf(':') >= 0;
    }

    boolean anyHostIp() {
      return hostIp.equals("0.0.0.0") || hostIp.equals("::");
    }

    String map() {
      return (anyHostIp() ? "any" : "dnat") + (ipv6() ? "6" : "4");
    }

    String key() {
      return protocol + " . " + (anyHostIp() ? "" : hostIp + " . ") + hostPort;
    }

    String element() {
      return key() + " : " + targetIp + " . " + targetPort;
    }
  }

  /**
   * Addresses that stand for others.
   *
   * @param external addresses that lead there as well, without being its own
   * @param exposure of its node ports and of {@code external}
   */
  public record Service(
      List<String> addresses, List<String> external, List<ServicePort> ports, Exposure exposure) {
    public Service {
      addresses = List.copyOf(addresses);
      external = List.copyOf(external);
      ports = List.copyOf(ports);
    }
  }

  /**
   * @param chain the name of its chain, in the table
   * @param protocol {@code tcp}, {@code udp} or {@code sctp}
   * @param nodePort 0 for none
   * @param stickySeconds for how long a client keeps its target after its last connection; 0: not
   * @param targets all equally likely, of IPv4 and of IPv6
   * @param allowed addresses of those who alone are sent there; null for everybody
   */
  public record ServicePort(
      String chain,
      String protocol,
      int port,
      int nodePort,
      int stickySeconds,
      List<Target> targets,
      @Nullable List<String> allowed) {
    public ServicePort {
      targets = List.copyOf(targets);
      allowed = allowed == null ? null : List.copyOf(allowed);
    }

    List<Target> targets(boolean ipv6) {
      return targets.stream().filter(target -> target.ipv6() == ipv6).toList();
    }

    /** Empty for everybody of the family. */
    Optional<List<String>> allowed(boolean ipv6) {
      return Optional.ofNullable(allowed)
          .map(all -> all.stream().filter(ip -> ip.indexOf(':') >= 0 == ipv6).toList());
    }
  }

  /** Where a connection is sent. */
  public record Target(String ip, int port) {
    boolean ipv6() {
      return ip.indexOf(':') >= 0;
    }
  }

  /**
   * A sandbox that does not take or make every connection.
   *
   * @param gatewayMac of its bridge: what is sent to and by it goes through the host
   * @param ingress null for everything; no two overlap
   * @param egress the same
   */
  public record Restricted(
      String ip, String gatewayMac, @Nullable List<Box> ingress, @Nullable List<Box> egress) {
    public Restricted {
      ingress = ingress == null ? null : List.copyOf(ingress);
      egress = egress == null ? null : List.copyOf(egress);
    }
  }

  /**
   * Addresses and ports.
   *
   * @param addresses as nft writes them: one, a block, or {@code first-last}
   * @param protocol null for all
   * @param ports one or {@code first-last}
   */
  public record Box(String addresses, @Nullable String protocol, String ports) {}

  public boolean isEmpty() {
    return bridges.isEmpty() && forwards.isEmpty() && services.isEmpty() && restrictions.isEmpty();
  }

  /** Whether it has a table in family bridge. */
  public boolean restricts() {
    return !restrictions.isEmpty();
  }

  /** What is in this and not in the other one. */
  Ruleset without(Ruleset other) {
    return new Ruleset(
        table,
        difference(bridges, other.bridges),
        difference(forwards, other.forwards),
        difference(services, other.services),
        difference(restrictions, other.restrictions));
  }

  private static <T> Set<T> difference(Set<T> all, Set<T> some) {
    Set<T> rest = new HashSet<>(all);
    rest.removeIf(some::contains);
    return rest;
  }

  /** The elements of every set and map, as libnftables writes them. */
  SortedMap<String, SortedSet<String>> elements() {
    Elements elements = new Elements();
    bridges.forEach(elements::add);
    forwards.forEach(elements::add);
    services.forEach(elements::add);
    restrictions.forEach(elements::add);
    return elements.bySet();
  }

  /** The types of all sets that have the clients of a service's target. */
  SortedMap<String, String> clients() {
    SortedMap<String, String> clients = new TreeMap<>();
    for (Service service : services) {
      service.ports().forEach(port -> clients.putAll(ServiceRules.clients(port)));
    }
    return clients;
  }

  /** The rules of every chain of a service's port. */
  SortedMap<String, List<Rule>> chains() {
    SortedMap<String, List<Rule>> chains = new TreeMap<>();
    for (Service service : services) {
      service.ports().forEach(port -> chains.put(port.chain(), ServiceRules.of(port)));
    }
    return chains;
  }
}
