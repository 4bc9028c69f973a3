package dev.jctl.shim.netlink;

import java.net.InetAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A change of links, addresses or routes (rtnetlink(7)). Interfaces that exist already are named by
 * index only where the kernel knows no other way.
 */
public sealed interface RouteRequest {
  /** The kernel's module for what it makes; empty when that is in every kernel. */
  default String module() {
    return switch (this) {
      case CreateBridge bridge -> "bridge";
      case CreateVeth veth -> "veth";
      case AddAddress address when !address.cidr().ipv4() -> "ipv6";
      case CreateShared shared -> shared.kind().name().toLowerCase(Locale.ROOT);
      default -> "";
    };
  }

  /** Fails with EEXIST when the name is taken. */
  record CreateBridge(String name, String mac) implements RouteRequest {}

  /**
   * A pair, both ends down, whose other end is made directly in another namespace. (Asking for it
   * to be up at once fails with ENOTCONN: the kernel ties the ends together last.) This end passes
   * on packets of TCP of up to {@link #BIG_TCP}, whatever the other end makes.
   *
   * @param peerGso as of {@link SetGso}, of the other end
   * @param netnsFd open descriptor of that namespace
   */
  record CreateVeth(String name, int mtu, String peerName, String peerMac, int peerGso, int netnsFd)
      implements RouteRequest {}

  /**
   * A macvlan or ipvlan, down, made directly in another namespace.
   *
   * @param mode IFLA_MACVLAN_MODE or IFLA_IPVLAN_MODE of linux/if_link.h
   * @param parentIndex of the device that it shares
   * @param mac empty: the kernel's choice; ipvlan has its parent's
   * @param netnsFd open descriptor of that namespace; -1: in this one
   */
  record CreateShared(
      String name, Kind kind, int mode, int parentIndex, String mac, int mtu, int netnsFd)
      implements RouteRequest {
    /** Of device. */
    public enum Kind {
      MACVLAN,
      IPVLAN
    }
  }

  /**
   * An existing bridge: alias set, traffic from 127.0.0.0/8 may leave through it, up. A bridge
   * keeps to an MTU only if it is given now; one given at its making it changes with its ports'.
   */
  record ConfigureBridge(String name, String alias, int mtu) implements RouteRequest {}

  /** Makes a link a bridge's port: alias set, without IPv6 addresses of its own, up. */
  record ConfigurePort(String name, String alias, int bridgeIndex) implements RouteRequest {}

  /**
   * Lets a bridge's port send back where a frame came from: a container may reach its own published
   * port also when br_netfilter translates on the bridge.
   */
  record SetHairpin(String name) implements RouteRequest {}

  /** A port of a bridge does not reach the others that this is said of. */
  record IsolatePort(String name) implements RouteRequest {}

  record SetUp(String name) implements RouteRequest {}

  record SetMac(String name, String mac) implements RouteRequest {}

  record SetMtu(String name, int mtu) implements RouteRequest {}

  /** What the kernel gives a device, GSO_LEGACY_MAX_SIZE. */
  int USUAL_GSO = 64 * 1024;

  /** What Cilium and others have found to be enough; the kernel takes up to 512 KiB. */
  int BIG_TCP = 192 * 1024;

  /**
   * As how large a packet TCP hands over what the device is to cut into those of its MTU, in bytes
   * (gso_max_size of ip-link(8)); beyond {@link #USUAL_GSO} it is BIG TCP. A kernel before 6.3
   * keeps IPv4 to that.
   */
  record SetGso(String name, int size) implements RouteRequest {}

  /** With its peer. */
  record DeleteLink(String name) implements RouteRequest {}

  /** IPv6 ones skip duplicate address detection: the allocator answers for uniqueness. */
  record AddAddress(int linkIndex, Cidr cidr) implements RouteRequest {}

  record DeleteAddress(int linkIndex, Cidr cidr) implements RouteRequest {}

  /**
   * In the main table; takes the place of one with that destination.
   *
   * @param gateway null for a destination that is on the link itself
   */
  record AddRoute(Cidr destination, @Nullable InetAddress gateway, int linkIndex)
      implements RouteRequest {}
}
