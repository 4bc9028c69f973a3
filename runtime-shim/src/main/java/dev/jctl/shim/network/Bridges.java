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
import dev.jctl.shim.spec.NetworkSpec.Uplink;
import dev.jctl.shim.spec.Observed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  List<WantedBridge> wanted() {
    return wanted(spec -> true);
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
        specs.values().stream()
            .map(NetworkSpec::uplink)
            .filter(Objects::nonNull)
            .map(Uplink::parent)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Makes or repairs the bridge. True when there was none; it is gone again after a failure. */
  boolean ensure(NetworkSpec network) {
    boolean created = make(network);
    repaired.remove(network.id());
    return created;
  }

  /** Like {@link #ensure}; what differed is told as {@link Observed.Network#repaired}. */
  void repair(NetworkSpec network) {
    List<String> found =
        drift(
            network,
            WantedBridge.of(names, network),
            socket.links(devices(network)),
            socket.addresses());
    make(network);
    repaired.put(network.id(), found);
  }

  void forgetRepaired() {
    repaired.clear();
  }

  /**
   * Makes the bridge if it is gone, which is told as {@link Observed.Network#repaired}. Costs one
   * question when it is there.
   *
   * @return whether it was gone
   */
  boolean bringBack(NetworkSpec network) {
    WantedBridge wanted = WantedBridge.of(names, network);
    List<String> devices = devices(network);
    Map<String, Link> seen = socket.links(devices);
    if (seen.size() == devices.size() && !isForeign(wanted, seen.get(wanted.device()))) {
      return false;
    }
    make(network);
    repaired.put(network.id(), drift(wanted, null, List.of()));
    return true;
  }

  /** Without which nobody can be on it. */
  private List<String> devices(NetworkSpec network) {
    String bridge = names.bridge(network.id());
    Uplink uplink = network.uplink();
    return uplink == null ? List.of(bridge) : List.of(bridge, uplink.parent());
  }

  private boolean make(NetworkSpec network) {
    WantedBridge wanted = WantedBridge.of(names, network);
    Optional<Link> seen = link(wanted.device());
    refuseForeign(wanted, seen);
    if (network.uplink() != null) {
      requireParent(wanted, network.uplink());
    } else if (seen.isEmpty() || !network.equals(specs.get(network.id()))) {
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
  private void requireParent(WantedBridge wanted, Uplink uplink) {
    BridgePlanner.refuseOverlap(wanted, others(wanted), List.of(), List.of(), List.of());
    Optional<Link> parent = link(uplink.parent());
    if (parent.isEmpty()) {
      throw new RuntimeFailure(
          Reason.NOT_FOUND,
          "network "
              + wanted.networkId()
              + ": the machine has no device "
              + uplink.parent()
              + "; make it, or name another as spec.parent");
    }
    boolean known = specs.containsKey(wanted.networkId());
    if (uplink.mode() != NetworkSpec.Mode.MACVLAN_PASSTHRU && !known) {
      tryOut(uplink.mode(), parent.get());
    }
  }

  /** Whether the kernel can do that is told now, and not by each sandbox. */
  private void tryOut(NetworkSpec.Mode mode, Link parent) {
    String name = names.veth(".trial", parent.name());
    socket.perform(List.of(LinkPlanner.shared(name, mode, parent.index(), "", 0, -1)));
    socket.perform(List.of(new RouteRequest.DeleteLink(name)));
  }

  /** Ours has our address from its making on, and a moment later our alias. */
  private static boolean isForeign(WantedBridge wanted, @Nullable Link seen) {
    return seen != null && !seen.mac().equals(wanted.mac()) && !seen.alias().equals(wanted.alias());
  }

  private static void refuseForeign(WantedBridge wanted, Optional<Link> seen) {
    if (isForeign(wanted, seen.orElse(null))) {
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
    List<WantedBridge> wanted = wanted();
    Map<String, Link> links =
        socket.links(specs.values().stream().flatMap(spec -> devices(spec).stream()).toList());
    List<Address> addresses = wanted.isEmpty() ? List.of() : socket.addresses();
    List<Observed.Network> networks = new ArrayList<>();
    for (WantedBridge bridge : wanted) {
      NetworkSpec spec = specs.get(bridge.networkId());
      if (spec != null) {
        networks.add(
            new Observed.Network(
                spec,
                spec.uplink() == null ? bridge.device() : spec.uplink().parent(),
                drift(spec, bridge, links, addresses),
                repaired.getOrDefault(bridge.networkId(), List.of())));
      }
    }
    return networks;
  }

  private List<String> drift(
      NetworkSpec spec, WantedBridge bridge, Map<String, Link> links, List<Address> addresses) {
    List<String> drift = new ArrayList<>(drift(bridge, links.get(bridge.device()), addresses));
    Uplink uplink = spec.uplink();
    if (uplink != null && !links.containsKey(uplink.parent())) {
      drift.addFirst("device " + uplink.parent() + " missing");
    }
    return drift;
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
