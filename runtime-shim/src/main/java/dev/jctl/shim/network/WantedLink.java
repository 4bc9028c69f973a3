package dev.jctl.shim.network;

import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.netlink.RouteRequest;
import dev.jctl.shim.spec.NameService;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.NetworkSpec.Uplink;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import dev.jctl.shim.spec.ServiceSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One interface of a sandbox, fully resolved.
 *
 * @param hostName of the host's end, a port of {@code bridge}; there is none of an uplink
 * @param bridge or the device that it shares
 * @param name inside
 * @param mtu 0 for the default
 * @param gso of the sandbox's end, see {@link RouteRequest.SetGso}
 * @param mac empty for what it has
 * @param ways routes that go through it
 * @param uplink how it shares {@code bridge}, or null for a pair
 */
record WantedLink(
    String networkId,
    String hostName,
    String alias,
    String bridge,
    String name,
    String mac,
    int mtu,
    int gso,
    List<Cidr> addresses,
    List<Way> ways,
    @Nullable Uplink uplink) {
  WantedLink {
    addresses = List.copyOf(addresses);
    ways = List.copyOf(ways);
  }

  /** Of a sandbox on no bridge, to the resolver. */
  static final String NAMES_INTERFACE = "names0";

  /** A pair with one end on a bridge, for names. */
  WantedLink(
      String networkId,
      String hostName,
      String alias,
      String bridge,
      String name,
      String mac,
      int mtu,
      List<Cidr> addresses,
      List<Way> ways) {
    this(
        networkId,
        hostName,
        alias,
        bridge,
        name,
        mac,
        mtu,
        RouteRequest.USUAL_GSO,
        addresses,
        ways,
        null);
  }

  /** Neighbours are not to be reached through it. */
  boolean onlyForNames() {
    return name.equals(NAMES_INTERFACE);
  }

  /** What it is called when it is missing. */
  String kind() {
    return uplink == null ? "veth" : uplink.mode().kind();
  }

  /**
   * @param gateway null for neighbours on the link
   */
  record Way(Cidr destination, @Nullable InetAddress gateway) {
    static Way everywhere(InetAddress gateway) {
      return new Way(new Cidr(gateway, 0).network(), gateway);
    }

    static Way onLink(Cidr destination) {
      return new Way(destination, null);
    }
  }

  /** Where addresses of services are, which a sandbox without a default route needs a route to. */
  private static final List<Cidr> SERVICES =
      List.of(Cidr.parse(ServiceSpec.ADDRESSES4), Cidr.parse(ServiceSpec.ADDRESSES6));

  /**
   * Default routes go through the first network that is not internal. Names are asked for on the
   * first that is a bridge, and where there is none, through an interface that is only for that,
   * {@value #NAMES_INTERFACE}, to the bridge of the first that is not. One that is on internal
   * networks only reaches services by the first of these. Networks not known are left out.
   */
  static List<WantedLink> of(Names names, SandboxSpec sandbox, Map<String, NetworkSpec> networks) {
    List<WantedLink> links = new ArrayList<>();
    boolean routed = false;
    boolean named = false;
    boolean enclosed =
        sandbox.networks().stream()
            .map(attachment -> networks.get(attachment.networkId()))
            .allMatch(network -> network == null || network.internal());
    for (NetworkAttachment attachment : sandbox.networks()) {
      NetworkSpec network = networks.get(attachment.networkId());
      if (network == null) {
        continue;
      }
      boolean routes = !routed && !network.internal() && !network.gateways().isEmpty();
      routed |= routes;
      List<Way> ways = new ArrayList<>(routes ? gateways(network) : List.of());
      if (links.isEmpty() && enclosed && network.uplink() == null) {
        ways.addAll(towardsServices(network));
      }
      if (!named && network.uplink() == null) {
        named = true;
        NameService.reachedFrom(attachment).map(Cidr::parse).map(Way::onLink).ifPresent(ways::add);
      }
      links.add(link(names, sandbox.id(), attachment, network, ways));
    }
    if (!named) {
      namesOnly(names, sandbox, networks).ifPresent(links::add);
    }
    return links;
  }

  /**
   * It has no address of its own over IPv4: questions come from that of the uplink. IPv6 asks for
   * the neighbour by an address of the interface that it is sent through.
   */
  private static Optional<WantedLink> namesOnly(
      Names names, SandboxSpec sandbox, Map<String, NetworkSpec> networks) {
    for (NetworkAttachment attachment : sandbox.networks()) {
      NetworkSpec network = networks.get(attachment.networkId());
      Optional<Cidr> resolver = NameService.reachedFrom(attachment).map(Cidr::parse);
      if (network == null || resolver.isEmpty()) {
        continue;
      }
      WantedBridge bridge = WantedBridge.of(names, network);
      List<Cidr> own =
          resolver.get().ipv4()
              ? List.of()
              : attachment.addresses().stream().map(WantedLink::alone).toList();
      return Optional.of(
          new WantedLink(
              network.id(),
              names.veth(sandbox.id(), NAMES_INTERFACE),
              names.vethAlias(sandbox.id(), network.id()),
              bridge.device(),
              NAMES_INTERFACE,
              Names.mac(Cidr.parse(attachment.addresses().getFirst())),
              bridge.mtu(),
              own,
              List.of(Way.onLink(resolver.get()))));
    }
    return Optional.empty();
  }

  private static Cidr alone(String address) {
    Cidr cidr = Cidr.parse(address);
    return new Cidr(cidr.address(), cidr.address().getAddress().length * 8);
  }

  private static List<Way> towardsServices(NetworkSpec network) {
    List<Way> ways = new ArrayList<>();
    for (Way way : gateways(network)) {
      SERVICES.stream()
          .filter(services -> services.ipv4() == way.destination().ipv4())
          .forEach(services -> ways.add(new Way(services, way.gateway())));
    }
    return ways;
  }

  private static WantedLink link(
      Names names,
      String sandboxId,
      NetworkAttachment attachment,
      NetworkSpec network,
      List<Way> ways) {
    Uplink uplink = network.uplink();
    List<Cidr> addresses = attachment.addresses().stream().map(Cidr::parse).toList();
    String mac =
        addresses.isEmpty() ? Names.mac(Cidr.parse("0.0.0.0")) : Names.mac(addresses.getFirst());
    return new WantedLink(
        network.id(),
        names.veth(sandboxId, attachment.interfaceName()),
        names.vethAlias(sandboxId, network.id()),
        uplink != null ? uplink.parent() : WantedBridge.of(names, network).device(),
        attachment.interfaceName(),
        uplink != null && uplink.mode().ipvlan()
            ? ""
            : Objects.requireNonNullElse(attachment.mac(), mac),
        network.mtu(),
        network.bigTcp() ? RouteRequest.BIG_TCP : RouteRequest.USUAL_GSO,
        addresses,
        ways,
        uplink);
  }

  /** At most one a family. */
  private static List<Way> gateways(NetworkSpec network) {
    List<InetAddress> first = new ArrayList<>();
    for (String text : network.gateways()) {
      InetAddress gateway = Cidr.parse(text).address();
      if (first.stream().noneMatch(g -> g.getClass() == gateway.getClass())) {
        first.add(gateway);
      }
    }
    return first.stream().map(Way::everywhere).toList();
  }
}
