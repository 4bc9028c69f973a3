package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.netlink.Address;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.netlink.Link;
import dev.jctl.shim.netlink.Route;
import dev.jctl.shim.netlink.RouteRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pure: what differs between a wanted and a seen bridge, as steps and as words. */
final class BridgePlanner {
  private BridgePlanner() {}

  /** The device itself; its index is known afterwards. */
  static List<RouteRequest> device(WantedBridge wanted, @Nullable Link seen) {
    List<RouteRequest> steps = new ArrayList<>();
    if (seen == null) {
      steps.add(new RouteRequest.CreateBridge(wanted.device(), wanted.mac()));
    }
    if (seen == null || !settings(wanted, seen).isEmpty()) {
      steps.add(new RouteRequest.ConfigureBridge(wanted.device(), wanted.alias(), wanted.mtu()));
    }
    return steps;
  }

  /** Its addresses are all ours: what a former spec left goes. */
  static List<RouteRequest> addresses(WantedBridge wanted, Link seen, List<Address> addresses) {
    List<Cidr> present = present(seen, addresses);
    List<RouteRequest> steps = new ArrayList<>();
    for (Cidr stale : without(present, wanted.gateways())) {
      steps.add(new RouteRequest.DeleteAddress(seen.index(), stale));
    }
    for (Cidr missing : without(wanted.gateways(), present)) {
      steps.add(new RouteRequest.AddAddress(seen.index(), missing));
    }
    return steps;
  }

  /** The kernel makes them with the addresses; what others took away is put back. */
  static List<RouteRequest> routes(WantedBridge wanted, Link seen, Map<Cidr, Route> ways) {
    List<RouteRequest> steps = new ArrayList<>();
    for (Cidr subnet : astray(wanted, seen, ways)) {
      steps.add(new RouteRequest.AddRoute(subnet, null, seen.index()));
    }
    return steps;
  }

  private static List<Cidr> astray(WantedBridge wanted, Link seen, Map<Cidr, Route> ways) {
    return wanted.routed().stream()
        .filter(
            subnet -> {
              Route way = ways.get(subnet);
              return way == null || way.linkIndex() != seen.index();
            })
        .toList();
  }

  /**
   * @param ways by subnet: where the host sends what goes into it
   */
  static List<String> drift(
      WantedBridge wanted, @Nullable Link seen, List<Address> addresses, Map<Cidr, Route> ways) {
    if (seen == null) {
      return List.of("bridge missing");
    }
    List<String> drift = new ArrayList<>(settings(wanted, seen));
    for (Cidr missing : without(wanted.gateways(), present(seen, addresses))) {
      drift.add("address " + missing + " missing");
    }
    for (Cidr foreign : without(present(seen, addresses), wanted.gateways())) {
      drift.add("address " + foreign + " is not ours");
    }
    for (Cidr subnet : astray(wanted, seen, ways)) {
      drift.add("no route to " + subnet);
    }
    return drift;
  }

  private static List<String> settings(WantedBridge wanted, Link seen) {
    List<String> drift = new ArrayList<>();
    if (!seen.up()) {
      drift.add("link down");
    }
    if (!seen.alias().equals(wanted.alias())) {
      drift.add("alias is " + seen.alias());
    }
    if (wanted.mtu() != 0 && wanted.mtu() != seen.mtu()) {
      drift.add("MTU is " + seen.mtu());
    }
    return drift;
  }

  /**
   * SUBNET_TAKEN names who has it.
   *
   * @param others our other networks
   * @param links of the host, to name the device of a foreign address or route
   */
  static void refuseOverlap(
      WantedBridge wanted,
      Collection<WantedBridge> others,
      List<Link> links,
      List<Address> addresses,
      List<Route> routes) {
    for (WantedBridge other : others) {
      refuse(wanted, other.subnets(), "network " + other.networkId());
    }
    for (Address address : addresses) {
      String device = device(links, address.linkIndex());
      if (!device.equals(wanted.device())) {
        refuse(wanted, List.of(address.cidr()), "address " + address.cidr() + " of " + device);
      }
    }
    for (Route route : routes) {
      String device = device(links, route.linkIndex());
      if (!device.equals(wanted.device()) && route.destination().prefix() > 0) {
        refuse(
            wanted,
            List.of(route.destination()),
            "route to " + route.destination() + " through " + device);
      }
    }
  }

  private static void refuse(WantedBridge wanted, List<Cidr> taken, String owner) {
    for (Cidr subnet : wanted.subnets()) {
      Optional<Cidr> overlap = taken.stream().filter(subnet::overlaps).findFirst();
      if (overlap.isPresent()) {
        throw new RuntimeFailure(
            Reason.SUBNET_TAKEN,
            "network "
                + wanted.networkId()
                + ": subnet "
                + subnet
                + " overlaps "
                + overlap.get().network()
                + " ("
                + owner
                + "); choose another subnet, or take that away");
      }
    }
  }

  private static String device(List<Link> links, int index) {
    return links.stream()
        .filter(link -> link.index() == index)
        .map(Link::name)
        .findFirst()
        .orElse("several devices");
  }

  private static List<Cidr> present(Link seen, List<Address> addresses) {
    return addresses.stream()
        .filter(address -> address.linkIndex() == seen.index())
        .map(Address::cidr)
        .filter(cidr -> cidr.ipv4() || !cidr.address().isLinkLocalAddress())
        .toList();
  }

  private static List<Cidr> without(List<Cidr> all, List<Cidr> some) {
    List<Cidr> rest = new ArrayList<>(all);
    rest.removeAll(some);
    return rest;
  }
}
