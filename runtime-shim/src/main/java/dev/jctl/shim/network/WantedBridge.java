package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.nftables.Ruleset;
import dev.jctl.shim.nftables.Ruleset.Reach;
import dev.jctl.shim.spec.NetworkSpec;
import java.net.InetAddress;
import java.util.List;

/**
 * A network's bridge, fully resolved. That of a network with an uplink has no address: on it names
 * are asked for, as the resolver cannot be a neighbour beside the machine.
 *
 * @param mtu 0 for the default
 */
record WantedBridge(
    String networkId,
    String device,
    String alias,
    String mac,
    int mtu,
    Reach reach,
    List<Cidr> subnets,
    List<Cidr> gateways) {
  WantedBridge {
    subnets = List.copyOf(subnets);
    gateways = List.copyOf(gateways);
  }

  /** INVALID for what is not in CIDR form, and for a gateway outside the subnets. */
  static WantedBridge of(Names names, NetworkSpec network) {
    List<Cidr> subnets = parse(network, network.subnets()).stream().map(Cidr::network).toList();
    List<Cidr> gateways = parse(network, network.gateways());
    for (Cidr gateway : gateways) {
      if (!subnets.contains(gateway.network())) {
        throw new RuntimeFailure(
            Reason.INVALID,
            "network " + network.id() + ": gateway " + gateway + " is in none of " + subnets);
      }
    }
    return new WantedBridge(
        network.id(),
        names.bridge(network.id()),
        names.bridgeAlias(network.id()),
        names.bridgeMac(network.id()),
        network.mtu(),
        reach(network),
        subnets,
        network.uplink() == null ? gateways : List.of());
  }

  private static Reach reach(NetworkSpec network) {
    if (network.uplink() != null) {
      return Reach.NAMES;
    }
    return network.internal() ? Reach.INTERNAL : Reach.OUTWARD;
  }

  private static List<Cidr> parse(NetworkSpec network, List<String> texts) {
    try {
      return texts.stream().map(Cidr::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(
          Reason.INVALID, "network " + network.id() + ": " + e.getMessage(), e);
    }
  }

  /** The subnets that it has an address in. */
  List<Cidr> routed() {
    return subnets.stream()
        .filter(subnet -> gateways.stream().anyMatch(gateway -> gateway.network().equals(subnet)))
        .toList();
  }

  /** An address in the subnet that is not the bridge's own. */
  InetAddress neighbour(Cidr subnet) {
    InetAddress first = subnet.address(1);
    boolean own = gateways.stream().anyMatch(gateway -> gateway.address().equals(first));
    return own ? subnet.address(2) : first;
  }

  Ruleset.Bridge rules() {
    List<String> texts =
        (reach == Reach.NAMES ? List.<Cidr>of() : subnets)
            .stream()
                .map(
                    cidr ->
                        cidr.prefix() == cidr.address().getAddress().length * 8
                            ? Cidr.text(cidr.address())
                            : cidr.toString())
                .toList();
    List<String> own = gateways.stream().map(gateway -> Cidr.text(gateway.address())).toList();
    return new Ruleset.Bridge(device, reach, texts, own);
  }
}
