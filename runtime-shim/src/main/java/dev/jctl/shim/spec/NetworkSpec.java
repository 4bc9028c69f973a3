package dev.jctl.shim.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Linux bridge with its gateway addresses, isolation and masquerading; or a network that the
 * machine is on itself, into which sandboxes are put beside it.
 *
 * @param id unique in this instance; the device name is derived from it
 * @param subnets in CIDR form, {@code 10.90.0.0/24}
 * @param gateways one a subnet, in CIDR form, {@code 10.90.0.1/24}: the bridge's own addresses, or
 *     those of the router there
 * @param internal no route to the outside
 * @param mtu bytes; 0 for the default
 * @param bigTcp whether TCP of sandboxes comes in packets of up to 192 KiB, which only a device
 *     with such ones can take whole; not of an uplink
 * @param uplink null for a bridge
 */
public record NetworkSpec(
    String id,
    List<String> subnets,
    List<String> gateways,
    boolean internal,
    int mtu,
    boolean bigTcp,
    @Nullable Uplink uplink) {
  public NetworkSpec {
    subnets = Lists.copy(subnets);
    gateways = Lists.copy(gateways);
  }

  /** A bridge, with BIG TCP where nothing leaves it. */
  public NetworkSpec(
      String id, List<String> subnets, List<String> gateways, boolean internal, int mtu) {
    this(id, subnets, gateways, internal, mtu, internal, null);
  }

  /**
   * A device of the machine that sandboxes share, macvlan or ipvlan.
   *
   * @param parent its name
   */
  public record Uplink(Mode mode, String parent) {}

  /** How they share it; in all modes the machine itself does not reach them, nor they it. */
  public enum Mode {
    /** Own MAC addresses; neighbours reach each other. */
    MACVLAN_BRIDGE,
    /** Own MAC addresses; neighbours do not reach each other. */
    MACVLAN_PRIVATE,
    /** Own MAC addresses; neighbours reach each other through the switch, if that reflects. */
    MACVLAN_VEPA,
    /** The device is one sandbox's alone. */
    MACVLAN_PASSTHRU,
    /** The device's MAC address for all; as if on one wire. */
    IPVLAN_L2,
    /** The same, as if behind a router: no broadcasts. */
    IPVLAN_L3,
    /** The same, seen by the machine's netfilter. */
    IPVLAN_L3S;

    public boolean ipvlan() {
      return this == IPVLAN_L2 || this == IPVLAN_L3 || this == IPVLAN_L3S;
    }

    /** {@code macvlan} or {@code ipvlan}. */
    public String kind() {
      return ipvlan() ? "ipvlan" : "macvlan";
    }
  }
}
