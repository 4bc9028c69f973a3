package dev.jctl.shim.spec;

import java.util.List;

/**
 * A Linux bridge with its gateway addresses, isolation and masquerading.
 *
 * @param id unique in this instance; the device name is derived from it
 * @param subnets in CIDR form, {@code 10.90.0.0/24}
 * @param gateways the bridge's own addresses, one a subnet, in CIDR form, {@code 10.90.0.1/24}
 * @param internal no route to the outside
 * @param mtu bytes; 0 for the default
 */
public record NetworkSpec(
    String id, List<String> subnets, List<String> gateways, boolean internal, int mtu) {
  public NetworkSpec {
    subnets = Lists.copy(subnets);
    gateways = Lists.copy(gateways);
  }
}
