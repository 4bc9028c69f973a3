package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.nftables.Ruleset.Forward;
import dev.jctl.shim.spec.PortSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
   * PORT_TAKEN names the other sandbox. Looks at each port once, however many there are.
   *
   * @param others ports of the other sandboxes, by their id
   */
  static void refuseConflicts(
      String sandboxId, Collection<Forward> wanted, Map<String, List<Forward>> others) {
    Map<String, List<Claim>> byPort = new HashMap<>();
    others.forEach(
        (id, forwards) ->
            forwards.forEach(forward -> claims(byPort, forward).add(new Claim(id, forward))));
    for (Forward forward : wanted) {
      List<Claim> claims = claims(byPort, forward);
      for (Claim other : claims) {
        if (conflict(forward, other.forward())) {
          throw new RuntimeFailure(
              Reason.PORT_TAKEN,
              "publish port "
                  + HostPorts.key(forward)
                  + ": sandbox "
                  + other.sandboxId()
                  + " has it");
        }
      }
      claims.add(new Claim(sandboxId, forward));
    }
  }

  private record Claim(String sandboxId, Forward forward) {}

  private static List<Claim> claims(Map<String, List<Claim>> byPort, Forward forward) {
    String key = forward.protocol() + (ipv6(forward) ? " 6 " : " 4 ") + forward.hostPort();
    return byPort.computeIfAbsent(key, k -> new ArrayList<>());
  }

  private static boolean conflict(Forward a, Forward b) {
    return a.hostIp().equals(b.hostIp()) || any(a) || any(b);
  }

  private static boolean ipv6(Forward forward) {
    return forward.hostIp().indexOf(':') >= 0;
  }

  private static boolean any(Forward forward) {
    return InetAddress.ofLiteral(forward.hostIp()).isAnyLocalAddress();
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
