package dev.jctl.shim.netlink;

import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NetlinkDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

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

  /** Of nftables: the end of a transaction. */
  private static final int NFT_MSG_NEWGEN = 15;

  /** {@code struct nfgenmsg}. */
  private static final int NFGENMSG_BYTES = 4;

  /** The first attribute of all messages about a table and what is in it. */
  private static final int TABLE_ATTRIBUTE = 1;

  private final String table;
  private final Predicate<Link> ours;
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

  /**
   * @param table of nftables; what happens to others is left out
   * @param ours which links of this namespace to tell of
   */
  public Changes(String table, Predicate<Link> ours) {
    this.table = table;
    this.ours = ours;
    routes.receiveBuffer(RECEIVE_BUFFER);
    routes.listenToPeerNamespaces();
    List.of(
            RTNLGRP_LINK,
            RTNLGRP_IPV4_IFADDR,
            RTNLGRP_IPV4_ROUTE,
            RTNLGRP_IPV6_IFADDR,
            RTNLGRP_IPV6_ROUTE)
        .forEach(routes::join);
    filters.receiveBuffer(RECEIVE_BUFFER);
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
            NetlinkMessage.parse(datagram.bytes()).forEach(message -> here(message, changes));
          }
        });
    drain(
        filters,
        changes,
        datagram -> {
          if (NetlinkMessage.parse(datagram.bytes()).stream().anyMatch(this::ofOurTable)) {
            changes.add(new Change.Filters());
          }
        });
    return changes;
  }

  private void here(NetlinkMessage message, List<Change> changes) {
    Optional<Link> link = RouteCodec.link(message);
    if (link.isEmpty() || ours.test(link.get())) {
      changes.add(new Change.Here(link.map(Link::name).orElse("")));
    }
  }

  private boolean ofOurTable(NetlinkMessage message) {
    return (message.type() & 0xff) != NFT_MSG_NEWGEN
        && message.attributes(NFGENMSG_BYTES).string(TABLE_ATTRIBUTE).equals(table);
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
