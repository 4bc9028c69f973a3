package dev.jctl.shim.network;

import dev.jctl.shim.network.PortPlanner.Claim;
import dev.jctl.shim.nftables.Ruleset;
import dev.jctl.shim.nftables.Ruleset.Forward;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.ServiceSpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What callers have asked of the tables, each part as asked for and as planned. A change makes
 * another one, so that what fails leaves this as it is.
 *
 * @param ports by sandbox
 * @param services by id
 * @param restrictions by sandbox
 */
record Wanted(
    Map<String, Published> ports,
    Map<String, Served> services,
    Map<String, Restriction> restrictions) {
  static final Wanted NOTHING = new Wanted(Map.of(), Map.of(), Map.of());

  Wanted {
    ports = Map.copyOf(ports);
    services = Map.copyOf(services);
    restrictions = Map.copyOf(restrictions);
  }

  /** Of one sandbox. */
  record Published(List<PortSpec> specs, List<Forward> forwards) {}

  /** {@code rules}: one, or none for a service that is only a name. */
  record Served(ServiceSpec spec, List<Ruleset.Service> rules) {}

  /** All of the sandbox's; INVALID names what is wrong. */
  Wanted withPorts(String sandboxId, List<PortSpec> specs) {
    Map<String, Published> next = new HashMap<>(ports);
    if (specs.isEmpty()) {
      next.remove(sandboxId);
    } else {
      next.put(sandboxId, new Published(List.copyOf(specs), PortPlanner.forwards(specs)));
    }
    return new Wanted(next, services, restrictions);
  }

  Wanted with(ServiceSpec service) {
    Map<String, Served> next = new HashMap<>(services);
    List<Ruleset.Service> rules = ServicePlanner.rules(service).stream().toList();
    next.put(service.id(), new Served(service, rules));
    return new Wanted(ports, next, restrictions);
  }

  Wanted withoutService(String serviceId) {
    Map<String, Served> next = new HashMap<>(services);
    next.remove(serviceId);
    return new Wanted(ports, next, restrictions);
  }

  Wanted with(Restriction restriction) {
    Map<String, Restriction> next = new HashMap<>(restrictions);
    next.put(restriction.id(), restriction);
    return new Wanted(ports, services, next);
  }

  Wanted withoutRestriction(String id) {
    Map<String, Restriction> next = new HashMap<>(restrictions);
    next.remove(id);
    return new Wanted(ports, services, next);
  }

  List<PortSpec> allPorts() {
    return ports.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .flatMap(entry -> entry.getValue().specs().stream())
        .toList();
  }

  /** Ports of the machine that the sandbox has. */
  List<Claim> claimsOfSandbox(String sandboxId) {
    Published published = ports.get(sandboxId);
    return published == null ? List.of() : PortPlanner.claims(sandboxId, published.forwards());
  }

  /** The same of a service. */
  List<Claim> claimsOfService(String serviceId) {
    Served served = services.get(serviceId);
    return served == null
        ? List.of()
        : served.rules().stream().flatMap(r -> PortPlanner.claims(serviceId, r).stream()).toList();
  }

  List<Claim> claims() {
    return Stream.concat(
            ports.keySet().stream().map(this::claimsOfSandbox),
            services.keySet().stream().map(this::claimsOfService))
        .flatMap(List::stream)
        .toList();
  }

  /** Ports of the machine that sandboxes have. */
  List<HostPort> publishedPorts() {
    return ports(ports.keySet().stream().map(this::claimsOfSandbox));
  }

  /** The same of services. */
  List<HostPort> nodePorts() {
    return ports(services.keySet().stream().map(this::claimsOfService));
  }

  private static List<HostPort> ports(Stream<List<Claim>> claims) {
    return claims.flatMap(List::stream).map(Claim::port).toList();
  }

  private List<Forward> forwards() {
    return ports.values().stream().flatMap(p -> p.forwards().stream()).toList();
  }

  Ruleset ruleset(String table, Collection<WantedBridge> bridges) {
    Set<Ruleset.Bridge> networks = new HashSet<>();
    bridges.forEach(bridge -> networks.add(bridge.rules()));
    Set<Ruleset.Service> balanced = new HashSet<>();
    services.values().forEach(service -> balanced.addAll(service.rules()));
    Set<Ruleset.Restricted> restricted = new HashSet<>();
    restrictions.values().forEach(r -> restricted.addAll(RestrictionPlanner.rules(r, bridges)));
    return new Ruleset(table, networks, new HashSet<>(forwards()), balanced, restricted);
  }
}
