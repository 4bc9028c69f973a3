/**
 * Brings bridges, interfaces and published ports to their declared state and says how they differ.
 * Entry type: {@link dev.jctl.shim.network.Networking}. Depends on netlink, nftables, kernel, spec.
 */
@NullMarked
package dev.jctl.shim.network;

import org.jspecify.annotations.NullMarked;
