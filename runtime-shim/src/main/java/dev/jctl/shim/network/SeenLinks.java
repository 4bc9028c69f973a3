package dev.jctl.shim.network;

import dev.jctl.shim.netlink.Address;
import dev.jctl.shim.netlink.Link;
import dev.jctl.shim.netlink.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A sandbox's network as the kernel shows it.
 *
 * @param host links on the host by name: the sandbox's host ends and its bridges
 * @param inside all links of its namespace; as are addresses and routes
 */
record SeenLinks(
    Map<String, Link> host, List<Link> inside, List<Address> addresses, List<Route> routes) {
  SeenLinks {
    host = Map.copyOf(host);
    inside = List.copyOf(inside);
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
  }

  Optional<Link> onHost(String name) {
    return Optional.ofNullable(host.get(name));
  }

  Optional<Link> inside(String name) {
    return inside.stream().filter(link -> link.name().equals(name)).findFirst();
  }

  /** The inner end, when it and the host's end are one pair, or it shares the uplink. */
  Optional<Link> paired(WantedLink wanted) {
    String other = wanted.uplink() == null ? wanted.hostName() : wanted.bridge();
    return inside(wanted.name())
        .filter(
            inner -> onHost(other).filter(outer -> outer.index() == inner.peerIndex()).isPresent());
  }

  boolean has(WantedLink.Way way, Link via) {
    return routes.contains(new Route(way.destination(), way.gateway(), via.index()));
  }
}
