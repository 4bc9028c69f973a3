package dev.jctl.shim.netlink;

import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NetlinkDescriptor;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's notifications: links, addresses and routes of the namespace it was made in and of
 * those with a peer there, and changes of nftables. Wait for {@link #descriptors} to be readable.
 */
public final class Changes implements AutoCloseable {
  private static final int RTNLGRP_LINK = 1;
  private static final int RTNLGRP_IPV4_IFADDR = 5;
  private static final int RTNLGRP_IPV4_ROUTE = 7;
  private static final int RTNLGRP_IPV6_IFADDR = 9;
  private static final int RTNLGRP_IPV6_ROUTE = 11;
  private static final int NFNLGRP_NFTABLES = 7;
  private static final int RECEIVE_BUFFER = 1 << 20;

  private final NetlinkDescriptor routes = new NetlinkDescriptor(NetlinkDescriptor.ROUTE);
  private final NetlinkDescriptor filters = new NetlinkDescriptor(NetlinkDescriptor.NETFILTER);

  /** What to look at again. */
  public sealed interface Change {
    /** Something of this namespace; {@code linkName} is empty for addresses and routes. */
    record Here(String linkName) implements Change {}

    /** Something in the namespace with that number, {@link Link#peerNamespace}. */
    record Elsewhere(int namespace) implements Change {}

    record Filters() implements Change {}

    /** Notifications were lost. */
    record Anything() implements Change {}
  }

  public Changes() {
    routes.receiveBuffer(RECEIVE_BUFFER);
    routes.listenToPeerNamespaces();
    List.of(
            RTNLGRP_LINK,
            RTNLGRP_IPV4_IFADDR,
            RTNLGRP_IPV4_ROUTE,
            RTNLGRP_IPV6_IFADDR,
            RTNLGRP_IPV6_ROUTE)
        .forEach(routes::join);
    filters.join(NFNLGRP_NFTABLES);
  }

  public List<Integer> descriptors() {
    return List.of(routes.fd(), filters.fd());
  }

  /** All that has arrived; does not wait. */
  public List<Change> take() {
    List<Change> changes = new ArrayList<>();
    drain(
        routes,
        changes,
        datagram -> {
          datagram.namespace().ifPresent(number -> changes.add(new Change.Elsewhere(number)));
          if (datagram.namespace().isEmpty()) {
            NetlinkMessage.parse(datagram.bytes()).forEach(message -> changes.add(here(message)));
          }
        });
    drain(filters, changes, datagram -> changes.add(new Change.Filters()));
    return changes;
  }

  private static Change here(NetlinkMessage message) {
    return new Change.Here(RouteCodec.link(message).map(Link::name).orElse(""));
  }

  private interface Reader {
    void read(NetlinkDescriptor.Datagram datagram);
  }

  private static void drain(NetlinkDescriptor socket, List<Change> changes, Reader reader) {
    while (true) {
      try {
        reader.read(socket.receiveNow());
      } catch (KernelException e) {
        if (e.is(Errno.EAGAIN)) {
          return;
        }
        if (!e.is(Errno.ENOBUFS)) {
          throw e;
        }
        changes.add(new Change.Anything());
      }
    }
  }

  @Override
  public void close() {
    routes.close();
    filters.close();
  }
}
