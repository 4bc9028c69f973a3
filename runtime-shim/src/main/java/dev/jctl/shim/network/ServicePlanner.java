package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.nftables.Ruleset;
import dev.jctl.shim.nftables.Ruleset.Choice;
import dev.jctl.shim.nftables.Ruleset.ServicePort;
import dev.jctl.shim.nftables.Ruleset.Target;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.ServiceSpec;
import dev.jctl.shim.spec.ServiceSpec.Affinity;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Pure: a service as nftables wants it. */
final class ServicePlanner {
  /**
   * Source addresses fall into that many classes, each of which has a target: enough that no target
   * has much more than its share.
   */
  private static final int CLASSES = 128;

  private ServicePlanner() {}

  /** Empty for one that is only a name. INVALID names what is wrong. */
  static Optional<Ruleset.Service> rules(ServiceSpec service) {
    String what = "service " + service.id();
    if (service.addresses().isEmpty()) {
      return Optional.empty();
    }
    List<String> addresses =
        service.addresses().stream().map(ip -> Cidr.text(literal(ip, what))).toList();
    List<ServicePort> ports =
        service.ports().stream().map(port -> port(service, port, what)).toList();
    return Optional.of(new Ruleset.Service(addresses, ports, exposure(service.exposure(), what)));
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
    boolean sticky = service.affinity() == Affinity.CLIENT_IP;
    return new ServicePort(
        Names.chain(service.id(), protocol, port.port()),
        protocol,
        port.port(),
        port.nodePort(),
        sticky ? Choice.BY_SOURCE : Choice.RANDOM,
        sticky ? bySource(targets) : targets);
  }

  private static List<Target> bySource(List<Target> targets) {
    List<Target> slots = new ArrayList<>();
    for (boolean ipv6 : new boolean[] {false, true}) {
      List<Target> family =
          targets.stream().filter(t -> (t.ip().indexOf(':') >= 0) == ipv6).toList();
      for (int slot = 0; slot < CLASSES && !family.isEmpty(); slot++) {
        slots.add(highest(family, slot));
      }
    }
    return slots;
  }

  /** Rendezvous hashing: a target that comes or goes moves only the classes that it gets or had. */
  private static Target highest(List<Target> targets, int slot) {
    Target highest = targets.getFirst();
    for (Target target : targets) {
      if (weight(target, slot) > weight(highest, slot)) {
        highest = target;
      }
    }
    return highest;
  }

  /** The finalizer of SplitMix64. */
  private static long weight(Target target, int slot) {
    long bits = 0x9e3779b97f4a7c15L * (slot + 1) ^ ((long) target.hashCode() << 20);
    bits = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    bits = (bits ^ (bits >>> 27)) * 0x94d049bb133111ebL;
    return bits ^ (bits >>> 31);
  }

  private static InetAddress literal(String text, String what) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(Reason.INVALID, what + ": " + text + " is not an IP address", e);
    }
  }
}
