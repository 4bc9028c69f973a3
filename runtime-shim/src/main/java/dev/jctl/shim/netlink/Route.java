package dev.jctl.shim.netlink;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A unicast route of the main table.
 *
 * @param destination prefix length 0 for a default route
 * @param linkIndex where it leaves; 0 when it has several next hops
 */
public record Route(Cidr destination, @Nullable InetAddress gateway, int linkIndex) {}
