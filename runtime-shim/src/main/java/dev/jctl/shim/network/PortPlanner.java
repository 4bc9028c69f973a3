package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.nftables.Ruleset;
import dev.jctl.shim.nftables.Ruleset.Forward;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.ServiceSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Pure: published ports as nftables elements, and whether they can be together. */
final class PortPlanner {
  static final List<String> PROTOCOLS = List.of("tcp", "udp", "sctp");

  private PortPlanner() {}

  /** INVALID names what is wrong. */
  static Forward forward(PortSpec port) {
    String protocol = port.protocol().toLowerCase(Locale.ROOT);
    String what = "publish port " + protocol + " " + port.hostIp() + ":" + port.hostPort();
    if (!PROTOCOLS.contains(protocol)) {
      throw new RuntimeFailure(Reason.INVALID, what + ": the protocol is none of " + PROTOCOLS);
    }
    if (outside(port.hostPort()) || outside(port.targetPort())) {
      throw new RuntimeFailure(Reason.INVALID, what + ": ports are between 1 and 65535");
    }
    InetAddress host = literal(port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp(), what);
    InetAddress target = literal(port.targetIp(), what);
    if (host.getClass() != target.getClass()) {
      throw new RuntimeFailure(
          Reason.INVALID, what + ": the target " + port.targetIp() + " is of another IP version");
    }
    return new Forward(
        protocol,
        Cidr.text(host),
        port.hostPort(),
        Cidr.text(target),
        port.targetPort(),
        ServicePlanner.exposure(port.exposure(), what));
  }

  static List<Forward> forwards(Collection<PortSpec> ports) {
    return ports.stream().map(PortPlanner::forward).toList();
  }

  /**
   * That somebody has a port of the machine.
   *
   * @param holder {@code sandbox ID} or {@code service ID}
   */
  record Claim(String holder, HostPort port) {}

  /** Of a sandbox's published ports. */
  static List<Claim> claims(String sandboxId, Collection<Forward> forwards) {
    return forwards.stream()
        .map(f -> new HostPort(f.protocol(), f.hostIp(), f.hostPort()))
        .map(port -> new Claim("sandbox " + sandboxId, port))
        .toList();
  }

  /** Of a service's node ports: on all addresses of the families that it has addresses of. */
  static List<Claim> claims(String serviceId, Ruleset.Service service) {
    List<String> anywhere =
        service.addresses().stream()
            .map(ip -> ip.indexOf(':') >= 0 ? "::" : "0.0.0.0")
            .distinct()
            .toList();
    return service.ports().stream()
        .filter(port -> port.nodePort() != 0)
        .flatMap(
            port -> anywhere.stream().map(ip -> new HostPort(port.protocol(), ip, port.nodePort())))
        .map(port -> new Claim("service " + serviceId, port))
        .toList();
  }

  /**
   * Those that cannot be, each with PORT_TAKEN, which names who has it. Looks at each port once,
   * however many there are.
   *
   * @param what the ports are to be, for the message
   * @param others of other holders
   */
  static Map<HostPort, RuntimeFailure> conflicts(
      String what, Collection<Claim> wanted, Collection<Claim> others) {
    Map<String, List<Claim>> byPort = new HashMap<>();
    others.forEach(claim -> sharing(byPort, claim).add(claim));
    Map<HostPort, RuntimeFailure> taken = new LinkedHashMap<>();
    for (Claim claim : wanted) {
      List<Claim> sharing = sharing(byPort, claim);
      for (Claim other : sharing) {
        if (claim.port().conflictsWith(other.port())) {
          String message = what + " " + claim.port() + ": " + other.holder() + " has it";
          taken.putIfAbsent(claim.port(), new RuntimeFailure(Reason.PORT_TAKEN, message));
        }
      }
      sharing.add(claim);
    }
    return taken;
  }

  private static List<Claim> sharing(Map<String, List<Claim>> byPort, Claim claim) {
    return byPort.computeIfAbsent(claim.port().family(), k -> new ArrayList<>());
  }

  /** The service without these of its node ports. */
  static ServiceSpec without(Collection<HostPort> nodePorts, ServiceSpec service) {
    Set<String> keys = new HashSet<>();
    nodePorts.forEach(port -> keys.add(port.protocol() + port.port()));
    return service.withoutNodePorts(
        port -> keys.contains(port.protocol().toLowerCase(Locale.ROOT) + port.nodePort()));
  }

  private static boolean outside(int port) {
    return port < 1 || port > 65535;
  }

  private static InetAddress literal(String text, String what) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(Reason.INVALID, what + ": " + text + " is not an IP address", e);
    }
  }
}
