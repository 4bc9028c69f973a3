/**
 * The instance's nftables table: what it should hold as a value, as text for libnftables, and what
 * the kernel holds. Entry types: {@link dev.jctl.shim.nftables.Ruleset}, {@link
 * dev.jctl.shim.nftables.Nftables}. All but the latter is pure. Depends on kernel, netlink.
 */
@NullMarked
package dev.jctl.shim.nftables;

import org.jspecify.annotations.NullMarked;
