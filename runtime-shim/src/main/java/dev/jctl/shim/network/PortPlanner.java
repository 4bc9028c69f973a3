package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.nftables.Ruleset.Forward;
import dev.jctl.shim.spec.PortSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

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

  /** PORT_TAKEN names the other sandbox. */
  static void refuseConflicts(Collection<PortSpec> wanted, Collection<PortSpec> others) {
    List<PortSpec> accepted = new ArrayList<>(others);
    for (PortSpec port : wanted) {
      Forward forward = forward(port);
      for (PortSpec other : accepted) {
        if (conflict(forward, forward(other))) {
          throw new RuntimeFailure(
              Reason.PORT_TAKEN,
              "publish port "
                  + HostPorts.key(forward)
                  + ": sandbox "
                  + other.sandboxId()
                  + " has it");
        }
      }
      accepted.add(port);
    }
  }

  private static boolean conflict(Forward a, Forward b) {
    return a.protocol().equals(b.protocol())
        && a.hostPort() == b.hostPort()
        && ipv6(a) == ipv6(b)
        && (a.hostIp().equals(b.hostIp()) || any(a) || any(b));
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
