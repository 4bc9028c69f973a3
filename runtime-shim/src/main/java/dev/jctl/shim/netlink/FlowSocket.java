package dev.jctl.shim.netlink;

import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NetlinkDescriptor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The flows of datagrams that conntrack knows in one network namespace: linux/netfilter/
 * nfnetlink_conntrack.h. For one thread at a time, which need not be in that namespace.
 */
public final class FlowSocket implements AutoCloseable {
  private static final int CONNTRACK = 1 << 8;
  private static final int GET = CONNTRACK | 1;
  private static final int DELETE = CONNTRACK | 2;
  private static final int NFGENMSG = 4;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int CTA_TUPLE_ORIG = 1;
  private static final int CTA_TUPLE_REPLY = 2;
  private static final int CTA_TUPLE_IP = 1;
  private static final int CTA_TUPLE_PROTO = 2;
  private static final int CTA_PROTO_NUM = 1;
  private static final int CTA_PROTO_SRC_PORT = 2;
  private static final int CTA_PROTO_DST_PORT = 3;
  private static final int UDP = 17;
  private static final int NLA_F_NESTED = 0x8000;

  /** Source and destination, of IPv4 and of IPv6. */
  private static final List<Integer> SOURCES = List.of(1, 3);

  private static final List<Integer> DESTINATIONS = List.of(2, 4);

  private final NetlinkDescriptor socket = new NetlinkDescriptor(NetlinkDescriptor.NETFILTER);
  private int sequence;

  public List<Flow> datagrams() {
    ByteBuffer out = ByteBuffer.allocate(32);
    int flags = RouteCodec.NLM_F_REQUEST | RouteCodec.NLM_F_DUMP;
    new MessageWriter(out, GET, flags, ++sequence).u32(0).end();
    socket.send(out.flip());
    List<Flow> flows = new ArrayList<>();
    while (true) {
      for (NetlinkMessage message : NetlinkMessage.parse(socket.receive().bytes())) {
        if (message.sequence() != sequence) {
          continue;
        }
        if (message.errno() != 0) {
          throw new KernelException("list flows (nf_conntrack_netlink)", message.errno());
        }
        if (message.last()) {
          return flows;
        }
        flow(message.attributes(NFGENMSG)).ifPresent(flows::add);
      }
    }
  }

  private static Optional<Flow> flow(Attributes flow) {
    Attributes original = flow.nested(CTA_TUPLE_ORIG);
    Attributes reply = flow.nested(CTA_TUPLE_REPLY);
    boolean datagrams =
        original
            .nested(CTA_TUPLE_PROTO)
            .bytes(CTA_PROTO_NUM)
            .filter(number -> number[0] == UDP)
            .isPresent();
    Optional<InetSocketAddress> asked = end(original, DESTINATIONS, CTA_PROTO_DST_PORT);
    Optional<InetSocketAddress> answering = end(reply, SOURCES, CTA_PROTO_SRC_PORT);
    return datagrams && asked.isPresent() && answering.isPresent()
        ? flow.bytes(CTA_TUPLE_ORIG)
            .map(tuple -> new Flow(asked.get(), answering.get(), ByteBuffer.wrap(tuple)))
        : Optional.empty();
  }

  private static Optional<InetSocketAddress> end(
      Attributes tuple, List<Integer> addresses, int port) {
    Attributes ip = tuple.nested(CTA_TUPLE_IP);
    Optional<InetAddress> address =
        addresses.stream().map(ip::address).flatMap(Optional::stream).findFirst();
    return address.flatMap(
        known ->
            tuple
                .nested(CTA_TUPLE_PROTO)
                .bytes(port)
                .map(bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN).getShort())
                .map(number -> new InetSocketAddress(known, Short.toUnsignedInt(number))));
  }

  /** The next packet of each is looked at as a first one. What has gone by itself is no error. */
  public void forget(List<Flow> flows) {
    for (Flow flow : flows) {
      byte[] tuple = new byte[flow.tuple().remaining()];
      flow.tuple().duplicate().get(tuple);
      ByteBuffer out = ByteBuffer.allocate(64 + tuple.length);
      int family = flow.ipv4() ? AF_INET : AF_INET6;
      int flags = RouteCodec.NLM_F_REQUEST | RouteCodec.NLM_F_ACK;
      // struct nfgenmsg: family, version, resource id
      new MessageWriter(out, DELETE, flags, ++sequence)
          .u8(family)
          .u8(0)
          .u16(0)
          .attribute(CTA_TUPLE_ORIG | NLA_F_NESTED, tuple)
          .end();
      socket.send(out.flip());
      int errno = acknowledged();
      if (errno != 0 && errno != Errno.ENOENT.number()) {
        throw new KernelException("forget the flow to " + flow.asked(), errno);
      }
    }
  }

  private int acknowledged() {
    while (true) {
      for (NetlinkMessage message : NetlinkMessage.parse(socket.receive().bytes())) {
        if (message.sequence() == sequence && message.last()) {
          return message.errno();
        }
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
