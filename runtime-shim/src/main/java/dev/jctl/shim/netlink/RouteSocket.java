package dev.jctl.shim.netlink;

import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NetlinkDescriptor;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Changes and lists the links, addresses and routes of one network namespace. For one thread at a
 * time, which need not be in that namespace.
 */
public final class RouteSocket implements AutoCloseable {
  private static final int BATCH_BYTES = 16 * 1024;
  private static final int BATCH_REQUESTS = 32;
  private static final Set<Integer> UNROUTED =
      Set.of(
          Errno.ENETUNREACH.number(),
          Errno.EHOSTUNREACH.number(),
          Errno.EACCES.number(),
          Errno.EINVAL.number());

  private final NetlinkDescriptor socket;
  private int sequence;

  /** Of the calling thread's namespace. */
  public RouteSocket() {
    socket = new NetlinkDescriptor(NetlinkDescriptor.ROUTE);
  }

  /**
   * In order, few system calls for all. After a failure the later ones of the same batch have been
   * tried as well.
   *
   * @throws KernelException of the first that failed, with the kernel's explanation
   */
  public void perform(List<? extends RouteRequest> requests) {
    for (int from = 0; from < requests.size(); from += BATCH_REQUESTS) {
      batch(requests.subList(from, Math.min(requests.size(), from + BATCH_REQUESTS)));
    }
  }

  private void batch(List<? extends RouteRequest> requests) {
    ByteBuffer out = ByteBuffer.allocate(BATCH_BYTES);
    int first = sequence + 1;
    for (RouteRequest request : requests) {
      RouteCodec.encode(out, ++sequence, request);
    }
    List<NetlinkMessage> ends = exchange(out, first, requests.size()).ends();
    for (int i = 0; i < ends.size(); i++) {
      if (ends.get(i).errno() != 0) {
        throw failure(requests.get(i), ends.get(i));
      }
    }
  }

  /** Those of the names that exist. */
  public Map<String, Link> links(Collection<String> names) {
    Map<String, Link> links = new HashMap<>();
    List<String> distinct = List.copyOf(Set.copyOf(names));
    for (int from = 0; from < distinct.size(); from += BATCH_REQUESTS) {
      ByteBuffer out = ByteBuffer.allocate(BATCH_BYTES);
      int first = sequence + 1;
      List<String> some = distinct.subList(from, Math.min(distinct.size(), from + BATCH_REQUESTS));
      some.forEach(name -> RouteCodec.encodeLinkQuery(out, ++sequence, name));
      for (NetlinkMessage message : exchange(out, first, some.size()).objects()) {
        RouteCodec.link(message).ifPresent(link -> links.put(link.name(), link));
      }
    }
    return links;
  }

  public List<Link> links() {
    ByteBuffer out = ByteBuffer.allocate(64);
    RouteCodec.encodeLinkDump(out, ++sequence);
    return dump(out, "list links", RouteCodec::link);
  }

  public List<Address> addresses() {
    ByteBuffer out = ByteBuffer.allocate(64);
    RouteCodec.encodeAddressDump(out, ++sequence);
    return dump(out, "list addresses", RouteCodec::address);
  }

  public List<Route> routes() {
    ByteBuffer out = ByteBuffer.allocate(64);
    RouteCodec.encodeRouteDump(out, ++sequence);
    return dump(out, "list routes", RouteCodec::route);
  }

  /** The route that is taken to there; empty when there is none. */
  public Optional<Route> routeTo(InetAddress address) {
    ByteBuffer out = ByteBuffer.allocate(64);
    RouteCodec.encodeRouteQuery(out, ++sequence, address);
    Exchange exchange = exchange(out, sequence, 1);
    int errno = exchange.ends().getFirst().errno();
    if (errno != 0 && !UNROUTED.contains(errno)) {
      throw failure("route to " + Cidr.text(address), exchange.ends().getFirst());
    }
    return exchange.objects().stream().map(RouteCodec::route).flatMap(Optional::stream).findFirst();
  }

  /** The kernel's number for a namespace, as in {@link Link#peerNamespace}; it gets one. */
  public int namespaceNumber(int netnsFd) {
    ByteBuffer out = ByteBuffer.allocate(128);
    int first = sequence + 1;
    RouteCodec.encodeNamespaceNumbering(out, ++sequence, netnsFd);
    RouteCodec.encodeNamespaceQuery(out, ++sequence, netnsFd);
    Exchange exchange = exchange(out, first, 2);
    NetlinkMessage end = exchange.ends().getLast();
    if (end.errno() != 0) {
      throw failure("number of a network namespace", end);
    }
    return exchange.objects().stream()
        .map(RouteCodec::namespace)
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(-1);
  }

  private <T> List<T> dump(
      ByteBuffer request, String what, Function<NetlinkMessage, Optional<T>> decode) {
    Exchange exchange = exchange(request, sequence, 1);
    NetlinkMessage end = exchange.ends().getFirst();
    if (end.errno() != 0) {
      throw failure(what, end);
    }
    return exchange.objects().stream().map(decode).flatMap(Optional::stream).toList();
  }

  /** {@code ends}: one a request, in their order. */
  private record Exchange(List<NetlinkMessage> objects, List<NetlinkMessage> ends) {}

  private Exchange exchange(ByteBuffer requests, int first, int count) {
    socket.send(requests.flip());
    List<NetlinkMessage> objects = new ArrayList<>();
    Map<Integer, NetlinkMessage> ends = new HashMap<>();
    while (ends.size() < count) {
      for (NetlinkMessage message : NetlinkMessage.parse(socket.receive().bytes())) {
        // what an earlier exchange left behind when it failed half-way is not ours
        if (message.sequence() - first < 0) {
          continue;
        }
        if (message.last()) {
          ends.put(message.sequence(), message);
        } else {
          objects.add(message);
        }
      }
    }
    List<NetlinkMessage> ordered = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      NetlinkMessage end = ends.get(first + i);
      if (end == null) {
        throw new IllegalStateException("an answer to " + new HashSet<>(ends.keySet()));
      }
      ordered.add(end);
    }
    return new Exchange(objects, ordered);
  }

  private static KernelException failure(RouteRequest request, NetlinkMessage end) {
    if (request instanceof RouteRequest.AddAddress address
        && !address.cidr().ipv4()
        && end.errno() == Errno.EACCES.number()) {
      return new KernelException(
          "add address %s: IPv6 is switched off: sysctl -w net.ipv6.conf.all.disable_ipv6=0, or give"
                  .formatted(address.cidr())
              + " the network IPv4 only",
          end.errno());
    }
    boolean lacks = end.errno() == Errno.EOPNOTSUPP.number() && !request.module().isEmpty();
    return lacks
        ? new KernelException(
            "this kernel has no %1$s: load the module (modprobe %1$s), or use a kernel built with it"
                .formatted(request.module()),
            end.errno())
        : failure(request.toString(), end);
  }

  private static KernelException failure(String what, NetlinkMessage end) {
    String why = end.explanation().isEmpty() ? "" : ": " + end.explanation();
    return new KernelException(what + why, end.errno());
  }

  @Override
  public void close() {
    socket.close();
  }
}
