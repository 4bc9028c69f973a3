package dev.jctl.shim.network;

import dev.jctl.shim.netlink.Address;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.netlink.Link;
import dev.jctl.shim.netlink.RouteRequest;
import dev.jctl.shim.netlink.RouteRequest.CreateShared;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pure: what differs between a sandbox's wanted and seen interfaces, as steps and as words. There
 * are two rounds of steps, since indexes inside are known only once the pairs are made.
 */
final class LinkPlanner {
  private LinkPlanner() {}

  /** Interfaces inside that bear a wanted name and are not what is wanted: they go first. */
  static List<RouteRequest> impostors(List<WantedLink> wanted, SeenLinks seen) {
    List<RouteRequest> steps = new ArrayList<>();
    for (WantedLink link : wanted) {
      boolean stranger = seen.paired(link).isEmpty();
      if (seen.inside(link.name()).isPresent() && (stranger || formerlyShared(link, seen))) {
        steps.add(new RouteRequest.DeleteLink(link.name()));
      }
    }
    return steps;
  }

  /** On the host: makes the pairs and ties them to their bridges, which exist. */
  static List<RouteRequest> onHost(List<WantedLink> wanted, SeenLinks seen, int netnsFd) {
    List<RouteRequest> steps = new ArrayList<>();
    for (WantedLink link : wanted) {
      int bridge = seen.onHost(link.bridge()).map(Link::index).orElse(0);
      if (link.uplink() != null) {
        if (seen.paired(link).isEmpty() || formerlyShared(link, seen)) {
          steps.add(
              shared(link.name(), link.uplink().mode(), bridge, link.mac(), link.mtu(), netnsFd));
        }
        continue;
      }
      Optional<Link> outer = seen.onHost(link.hostName());
      boolean whole =
          seen.paired(link).isPresent()
              && outer.filter(o -> ofAnotherNetwork(o, link)).isEmpty()
              && !hasFormerAddress(link, seen);
      if (!whole) {
        outer.ifPresent(stale -> steps.add(new RouteRequest.DeleteLink(stale.name())));
        steps.add(
            new RouteRequest.CreateVeth(
                link.hostName(), link.mtu(), link.name(), link.mac(), link.gso(), netnsFd));
      }
      if (!whole || outer.filter(o -> tied(o, link, bridge)).isEmpty()) {
        steps.add(new RouteRequest.ConfigurePort(link.hostName(), link.alias(), bridge));
        steps.add(
            link.onlyForNames()
                ? new RouteRequest.IsolatePort(link.hostName())
                : new RouteRequest.SetHairpin(link.hostName()));
      }
    }
    return steps;
  }

  /**
   * A kill came between a change of the sandbox's networks being written down and being made: what
   * is there has addresses that are others' by now.
   */
  private static boolean ofAnotherNetwork(Link outer, WantedLink link) {
    String ofSandbox = link.alias().substring(0, link.alias().lastIndexOf(':') + 1);
    return outer.alias().startsWith(ofSandbox) && !outer.alias().equals(link.alias());
  }

  private static boolean formerlyShared(WantedLink link, SeenLinks seen) {
    return link.uplink() != null && hasFormerAddress(link, seen);
  }

  /**
   * Cut short in the same way: in the place of an address there is still the one before it. One
   * that a container gives itself beside ours is its own affair.
   */
  private static boolean hasFormerAddress(WantedLink link, SeenLinks seen) {
    Optional<Link> inner = seen.paired(link);
    if (inner.isEmpty()) {
      return false;
    }
    List<Cidr> former = new ArrayList<>(present(inner.get(), seen));
    former.removeAll(link.addresses());
    return missing(link, inner.get(), seen).stream()
        .anyMatch(lost -> former.stream().anyMatch(other -> other.ipv4() == lost.ipv4()));
  }

  static RouteRequest shared(
      String name, NetworkSpec.Mode mode, int parent, String mac, int mtu, int netnsFd) {
    CreateShared.Kind kind = mode.ipvlan() ? CreateShared.Kind.IPVLAN : CreateShared.Kind.MACVLAN;
    return new CreateShared(name, kind, number(mode), parent, mac, mtu, netnsFd);
  }

  /** As linux/if_link.h has it. */
  private static int number(NetworkSpec.Mode mode) {
    return switch (mode) {
      case MACVLAN_PRIVATE -> 1;
      case MACVLAN_VEPA -> 2;
      case MACVLAN_BRIDGE -> 4;
      case MACVLAN_PASSTHRU -> 8;
      case IPVLAN_L2 -> 0;
      case IPVLAN_L3 -> 1;
      case IPVLAN_L3S -> 2;
    };
  }

  /** Inside the namespace, after {@link #onHost} was done and all was looked at again. */
  static List<RouteRequest> inside(List<WantedLink> wanted, SeenLinks seen) {
    List<RouteRequest> steps = new ArrayList<>();
    seen.inside("lo")
        .filter(lo -> !lo.up())
        .ifPresent(lo -> steps.add(new RouteRequest.SetUp("lo")));
    for (WantedLink link : wanted) {
      seen.paired(link).ifPresent(inner -> links(steps, link, inner, seen));
    }
    for (WantedLink link : wanted) {
      seen.paired(link).ifPresent(inner -> routes(steps, link, inner, seen));
    }
    return steps;
  }

  private static void links(List<RouteRequest> steps, WantedLink link, Link inner, SeenLinks seen) {
    if (!link.mac().isEmpty() && !inner.mac().equals(link.mac())) {
      steps.add(new RouteRequest.SetMac(link.name(), link.mac()));
    }
    if (link.mtu() != 0 && inner.mtu() != link.mtu()) {
      steps.add(new RouteRequest.SetMtu(link.name(), link.mtu()));
    }
    if (packsOtherwise(link, inner)) {
      steps.add(new RouteRequest.SetGso(link.name(), link.gso()));
    }
    if (!inner.up()) {
      steps.add(new RouteRequest.SetUp(link.name()));
    }
    for (Cidr address : missing(link, inner, seen)) {
      steps.add(new RouteRequest.AddAddress(inner.index(), address));
    }
  }

  private static void routes(
      List<RouteRequest> steps, WantedLink link, Link inner, SeenLinks seen) {
    for (WantedLink.Way way : link.ways()) {
      if (!seen.has(way, inner)) {
        steps.add(new RouteRequest.AddRoute(way.destination(), way.gateway(), inner.index()));
      }
    }
  }

  static Observed.Attachment observed(WantedLink link, SeenLinks seen) {
    Optional<Link> inner = seen.paired(link);
    if (inner.isEmpty()) {
      return new Observed.Attachment(
          link.networkId(), link.name(), List.of(), null, List.of(link.kind() + " missing"));
    }
    return new Observed.Attachment(
        link.networkId(),
        link.name(),
        present(inner.get(), seen).stream().map(Cidr::toString).toList(),
        inner.get().mac(),
        drift(link, inner.get(), seen));
  }

  private static List<String> drift(WantedLink link, Link inner, SeenLinks seen) {
    List<String> drift = new ArrayList<>();
    if (link.uplink() == null) {
      drift.addAll(driftOnHost(link, seen));
    }
    if (!inner.up()) {
      drift.add("link down");
    }
    if (!link.mac().isEmpty() && !inner.mac().equals(link.mac())) {
      drift.add("MAC address is " + inner.mac());
    }
    if (link.mtu() != 0 && inner.mtu() != link.mtu()) {
      drift.add("MTU is " + inner.mtu());
    }
    if (packsOtherwise(link, inner)) {
      drift.add("gso_max_size is " + inner.gso());
    }
    missing(link, inner, seen).forEach(cidr -> drift.add("address " + cidr + " missing"));
    for (WantedLink.Way way : link.ways()) {
      if (!seen.has(way, inner)) {
        drift.add("route to " + way.destination() + " missing");
      }
    }
    return drift;
  }

  /** One that shares a device has that one's. */
  private static boolean packsOtherwise(WantedLink link, Link inner) {
    return link.uplink() == null && inner.gso() != link.gso();
  }

  private static List<String> driftOnHost(WantedLink link, SeenLinks seen) {
    List<String> drift = new ArrayList<>();
    int bridge = seen.onHost(link.bridge()).map(Link::index).orElse(0);
    Optional<Link> outer = seen.onHost(link.hostName());
    if (bridge == 0) {
      drift.add("bridge " + link.bridge() + " missing");
    } else if (outer.filter(o -> o.master() == bridge).isEmpty()) {
      drift.add("not on bridge " + link.bridge());
    }
    outer
        .filter(o -> !o.alias().equals(link.alias()))
        .ifPresent(o -> drift.add("alias is " + o.alias()));
    if (outer.filter(Link::up).isEmpty()) {
      drift.add("link down on the host");
    }
    return drift;
  }

  private static boolean tied(Link outer, WantedLink link, int bridge) {
    return outer.up() && outer.master() == bridge && outer.alias().equals(link.alias());
  }

  private static List<Cidr> missing(WantedLink link, Link inner, SeenLinks seen) {
    List<Cidr> missing = new ArrayList<>(link.addresses());
    missing.removeAll(present(inner, seen));
    return missing;
  }

  /** Without the link-local ones of IPv6, which the kernel adds by itself. */
  private static List<Cidr> present(Link inner, SeenLinks seen) {
    return seen.addresses().stream()
        .filter(address -> address.linkIndex() == inner.index())
        .map(Address::cidr)
        .filter(cidr -> cidr.ipv4() || !cidr.address().isLinkLocalAddress())
        .toList();
  }
}
