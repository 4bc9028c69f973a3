package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.netlink.Address;
import dev.jctl.shim.netlink.Link;
import dev.jctl.shim.netlink.RouteRequest;
import dev.jctl.shim.netlink.RouteSocket;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The instance's networks: their bridges, and that the host forwards. For one thread at a time. */
final class Bridges {
  private static final Path FORWARD4 = Path.of("/proc/sys/net/ipv4/ip_forward");
  private static final Path FORWARD6 = Path.of("/proc/sys/net/ipv6/conf/all/forwarding");

  private final Names names;
  private final HostThread host;
  private final RouteSocket socket;
  private final Map<String, NetworkSpec> specs = new TreeMap<>();

  Bridges(Names names, HostThread host, RouteSocket socket) {
    this.names = names;
    this.host = host;
    this.socket = socket;
  }

  Map<String, NetworkSpec> specs() {
    return Map.copyOf(specs);
  }

  /** Said to exist by who keeps the records; not looked at. */
  void remember(NetworkSpec network) {
    specs.put(network.id(), network);
  }

  void forget(String networkId) {
    specs.remove(networkId);
  }

  List<WantedBridge> wanted() {
    return specs.values().stream().map(spec -> WantedBridge.of(names, spec)).toList();
  }

  /** Makes or repairs the bridge. True when there was none; it is gone again after a failure. */
  boolean ensure(NetworkSpec network) {
    WantedBridge wanted = WantedBridge.of(names, network);
    Optional<Link> seen = link(wanted.device());
    if (seen.isEmpty() || !network.equals(specs.get(network.id()))) {
      refuseOverlap(wanted);
    }
    try {
      socket.perform(BridgePlanner.device(wanted, seen.orElse(null)));
      Link made = seen.or(() -> link(wanted.device())).orElseThrow();
      socket.perform(BridgePlanner.addresses(wanted, made, socket.addresses()));
      forward(wanted);
      return seen.isEmpty();
    } catch (KernelException e) {
      if (seen.isEmpty()) {
        undo(wanted, e);
      }
      throw e;
    }
  }

  /** Costs one question. */
  boolean hasDevice(NetworkSpec network) {
    return link(names.bridge(network.id())).isPresent();
  }

  private void refuseOverlap(WantedBridge wanted) {
    List<WantedBridge> others =
        wanted().stream().filter(w -> !w.networkId().equals(wanted.networkId())).toList();
    BridgePlanner.refuseOverlap(
        wanted, others, socket.links(), socket.addresses(), socket.routes());
  }

  private void undo(WantedBridge wanted, KernelException failure) {
    try {
      delete(wanted.networkId());
    } catch (KernelException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Host-wide settings, only ever switched on: others may need them too. What comes from an
   * internal network goes back into it, by a Service, and needs no more than the bridge's own
   * setting.
   */
  private void forward(WantedBridge wanted) {
    boolean ipv6 = wanted.subnets().stream().anyMatch(subnet -> !subnet.ipv4());
    Path own4 = Path.of("/proc/sys/net/ipv4/conf", wanted.device(), "forwarding");
    // kernel 6.17; before, IPv6 is passed on once another network has switched that on
    Path own6 = Path.of("/proc/sys/net/ipv6/conf", wanted.device(), "force_forwarding");
    Path setting4 = wanted.internal() ? own4 : FORWARD4;
    Path setting6 = wanted.internal() ? own6 : FORWARD6;
    host.run(
        () -> {
          for (Path setting : ipv6 ? List.of(setting4, setting6) : List.of(setting4)) {
            if (Files.exists(setting) && !Files.readString(setting).strip().equals("1")) {
              Files.writeString(setting, "1");
            }
          }
          return true;
        });
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
                BridgePlanner.drift(bridge, links.get(bridge.device()), addresses)));
      }
    }
    return networks;
  }

  private Optional<Link> link(String name) {
    return Optional.ofNullable(socket.links(List.of(name)).get(name));
  }
}
