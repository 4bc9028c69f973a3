package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.netlink.Address;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.netlink.Link;
import dev.jctl.shim.netlink.Route;
import dev.jctl.shim.netlink.RouteRequest;
import dev.jctl.shim.netlink.RouteSocket;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The instance's networks: their bridges, and that the host forwards. For one thread at a time. */
final class Bridges {
  private final Names names;
  private final HostSettings settings;
  private final RouteSocket socket;
  private final Map<String, NetworkSpec> specs = new TreeMap<>();
  private final Map<String, List<String>> repaired = new HashMap<>();
  private volatile Set<String> parents = Set.of();

  Bridges(Names names, HostThread host, RouteSocket socket) {
    this.names = names;
    this.settings = new HostSettings(host);
    this.socket = socket;
  }

  Map<String, NetworkSpec> specs() {
    return Map.copyOf(specs);
  }

  /** Said to exist by who keeps the records; not looked at. */
  void remember(NetworkSpec network) {
    specs.put(network.id(), network);
    noteParents();
  }

  void forget(String networkId) {
    specs.remove(networkId);
    repaired.remove(networkId);
    noteParents();
  }

  /** Without uplinks, of which nothing is made on the host. */
  List<WantedBridge> wanted() {
    return wanted(spec -> spec.uplink() == null);
  }

  private List<WantedBridge> wanted(Predicate<NetworkSpec> which) {
    return specs.values().stream().filter(which).map(spec -> WantedBridge.of(names, spec)).toList();
  }

  /** Names of devices that are not ours and shared. */
  Set<String> parents() {
    return parents;
  }

  private void noteParents() {
    parents =
        wanted(spec -> spec.uplink() != null).stream()
            .map(WantedBridge::device)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Makes or repairs the bridge. True when there was none; it is gone again after a failure. */
  boolean ensure(NetworkSpec network) {
    boolean created = make(network);
    repaired.remove(network.id());
    return created;
  }

  /**
   * Makes the bridge if it is gone, which is told as {@link Observed.Network#repaired}. Costs one
   * question when it is there.
   *
   * @return whether it was gone
   */
  boolean bringBack(NetworkSpec network) {
    WantedBridge wanted = WantedBridge.of(names, network);
    if (link(wanted.device()).isPresent()) {
      return false;
    }
    make(network);
    repaired.put(network.id(), drift(wanted, null, List.of()));
    return true;
  }

  private boolean make(NetworkSpec network) {
    WantedBridge wanted = WantedBridge.of(names, network);
    Optional<Link> seen = link(wanted.device());
    if (network.uplink() != null) {
      requireParent(wanted, seen, network.uplink().mode());
      return false;
    }
    refuseForeign(wanted, seen);
    if (seen.isEmpty() || !network.equals(specs.get(network.id()))) {
      refuseOverlap(wanted);
    }
    try {
      socket.perform(BridgePlanner.device(wanted, seen.orElse(null)));
      Link made = seen.or(() -> link(wanted.device())).orElseThrow();
      socket.perform(BridgePlanner.addresses(wanted, made, socket.addresses()));
      socket.perform(BridgePlanner.routes(wanted, made, ways(wanted)));
      settings.ensure(wanted);
      return seen.isEmpty();
    } catch (KernelException e) {
      if (seen.isEmpty()) {
        undo(wanted, e);
      }
      throw e;
    }
  }

  /** The machine's own addresses there are not in the way. */
  private void requireParent(WantedBridge wanted, Optional<Link> seen, NetworkSpec.Mode mode) {
    BridgePlanner.refuseOverlap(wanted, others(wanted), List.of(), List.of(), List.of());
    if (seen.isEmpty()) {
      throw new RuntimeFailure(
          Reason.NOT_FOUND,
          "network "
              + wanted.networkId()
              + ": the machine has no device "
              + wanted.device()
              + "; make it, or name another as spec.parent");
    }
    boolean known = specs.containsKey(wanted.networkId());
    if (mode != NetworkSpec.Mode.MACVLAN_PASSTHRU && !known) {
      tryOut(mode, seen.get());
    }
  }

  /** Whether the kernel can do that is told now, and not by each sandbox. */
  private void tryOut(NetworkSpec.Mode mode, Link parent) {
    String name = names.veth(".trial", parent.name());
    socket.perform(List.of(LinkPlanner.shared(name, mode, parent.index(), "", 0, -1)));
    socket.perform(List.of(new RouteRequest.DeleteLink(name)));
  }

  /** A device of that name that neither looks like ours nor was left by us half-made. */
  private void refuseForeign(WantedBridge wanted, Optional<Link> seen) {
    boolean foreign =
        seen.filter(
                link ->
                    !link.mac().equals(wanted.mac())
                        && !link.alias().equals(wanted.alias())
                        && !names.unfinished(link))
            .isPresent();
    if (foreign) {
      throw new RuntimeFailure(
          Reason.ALREADY_EXISTS,
          "network "
              + wanted.networkId()
              + ": another has made a device "
              + wanted.device()
              + "; rename or delete that one");
    }
  }

  private void refuseOverlap(WantedBridge wanted) {
    BridgePlanner.refuseOverlap(
        wanted, others(wanted), socket.links(), socket.addresses(), socket.routes());
  }

  private List<WantedBridge> others(WantedBridge wanted) {
    return wanted(spec -> !spec.id().equals(wanted.networkId()));
  }

  private void undo(WantedBridge wanted, KernelException failure) {
    try {
      delete(wanted.networkId());
    } catch (KernelException e) {
      failure.addSuppressed(e);
    }
  }

  /** IN_USE names the sandboxes on it. */
  void refuseWhenInUse(String networkId) {
    Optional<Link> bridge = link(names.bridge(networkId));
    if (bridge.isEmpty()) {
      return;
    }
    List<String> sandboxes = new ArrayList<>();
    for (Link link : socket.links()) {
      if (link.master() == bridge.get().index()) {
        String user =
            names.owner(link).orElse(null) instanceof Names.Owner.Sandbox owner
                ? owner.sandboxId()
                : link.name();
        if (!user.equals(ResolverLinks.OWNER)) {
          sandboxes.add(user);
        }
      }
    }
    if (!sandboxes.isEmpty()) {
      throw new RuntimeFailure(
          Reason.IN_USE, "network " + networkId + " is used by " + String.join(", ", sandboxes));
    }
  }

  /** A no-op when it is gone. */
  void delete(String networkId) {
    link(names.bridge(networkId))
        .ifPresent(link -> socket.perform(List.of(new RouteRequest.DeleteLink(link.name()))));
  }

  List<Observed.Network> observed() {
    List<WantedBridge> wanted = wanted(spec -> true);
    Map<String, Link> links = socket.links(wanted.stream().map(WantedBridge::device).toList());
    List<Address> addresses = wanted.isEmpty() ? List.of() : socket.addresses();
    List<Observed.Network> networks = new ArrayList<>();
    for (WantedBridge bridge : wanted) {
      NetworkSpec spec = specs.get(bridge.networkId());
      if (spec != null) {
        networks.add(
            new Observed.Network(
                spec,
                bridge.device(),
                spec.uplink() == null
                    ? drift(bridge, links.get(bridge.device()), addresses)
                    : uplinkDrift(bridge, links),
                repaired.getOrDefault(bridge.networkId(), List.of())));
      }
    }
    return networks;
  }

  private static List<String> uplinkDrift(WantedBridge uplink, Map<String, Link> links) {
    return links.containsKey(uplink.device())
        ? List.of()
        : List.of("device " + uplink.device() + " missing");
  }

  private List<String> drift(WantedBridge bridge, @Nullable Link seen, List<Address> addresses) {
    List<String> drift =
        new ArrayList<>(BridgePlanner.drift(bridge, seen, addresses, ways(bridge)));
    if (seen != null) {
      drift.addAll(settings.drift(bridge));
    }
    return drift;
  }

  /** Whether settings differ, of which the kernel sends no notification. */
  boolean settingsDrifted() {
    return wanted().stream().anyMatch(bridge -> !settings.drift(bridge).isEmpty());
  }

  /** By subnet: where what is sent into it goes. */
  private Map<Cidr, Route> ways(WantedBridge bridge) {
    Map<Cidr, Route> ways = new HashMap<>();
    for (Cidr subnet : bridge.routed()) {
      socket.routeTo(bridge.neighbour(subnet)).ifPresent(way -> ways.put(subnet, way));
    }
    return ways;
  }

  private Optional<Link> link(String name) {
    return Optional.ofNullable(socket.links(List.of(name)).get(name));
  }
}
