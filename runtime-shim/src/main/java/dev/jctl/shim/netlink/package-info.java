/**
 * Kernel netlink messages as values, their bytes, and a socket to exchange them. Entry types:
 * {@link dev.jctl.shim.netlink.RouteRequest} (what may be asked) and {@link
 * dev.jctl.shim.netlink.RouteSocket} (asking it). All but the sockets is pure. Depends on kernel.
 */
@NullMarked
package dev.jctl.shim.netlink;

import org.jspecify.annotations.NullMarked;
