package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.nftables.Ruleset;
import dev.jctl.shim.nftables.Ruleset.ServicePort;
import dev.jctl.shim.nftables.Ruleset.Target;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.ServiceSpec;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Pure: a service as nftables wants it. */
final class ServicePlanner {
  private ServicePlanner() {}

  /** Empty for one that is only a name. INVALID names what is wrong. */
  static Optional<Ruleset.Service> rules(ServiceSpec service) {
    String what = "service " + service.id();
    if (service.addresses().isEmpty()) {
      return Optional.empty();
    }
    List<ServicePort> ports =
        service.ports().stream().map(port -> port(service, port, what)).toList();
    return Optional.of(
        new Ruleset.Service(
            literals(service.addresses(), what),
            literals(service.externalAddresses(), what),
            ports,
            exposure(service.exposure(), what)));
  }

  /** Blocks as nft lists them. */
  static Exposure exposure(Exposure exposure, String what) {
    if (exposure.scope() != Exposure.Scope.SOURCES) {
      return exposure;
    }
    try {
      return Exposure.to(
          exposure.sources().stream()
              .map(source -> Cidr.parse(source).network().toString())
              .distinct()
              .toList());
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(Reason.INVALID, what + ": exposed to " + e.getMessage(), e);
    }
  }

  private static ServicePort port(ServiceSpec service, ServiceSpec.Port port, String what) {
    String protocol = port.protocol().toLowerCase(Locale.ROOT);
    if (!PortPlanner.PROTOCOLS.contains(protocol)) {
      throw new RuntimeFailure(
          Reason.INVALID, what + ": " + protocol + " is none of " + PortPlanner.PROTOCOLS);
    }
    List<Target> targets =
        port.targets().stream()
            .map(target -> new Target(Cidr.text(literal(target.ip(), what)), target.port()))
            .distinct()
            .sorted(Comparator.comparing(Target::ip).thenComparingInt(Target::port))
            .toList();
    return new ServicePort(
        Names.chain(service.id(), protocol, port.port()),
        protocol,
        port.port(),
        port.nodePort(),
        service.affinitySeconds(),
        targets,
        service.clients() == null ? null : literals(service.clients(), what));
  }

  private static List<String> literals(List<String> addresses, String what) {
    return addresses.stream().map(ip -> Cidr.text(literal(ip, what))).toList();
  }

  private static InetAddress literal(String text, String what) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(Reason.INVALID, what + ": " + text + " is not an IP address", e);
    }
  }
}
