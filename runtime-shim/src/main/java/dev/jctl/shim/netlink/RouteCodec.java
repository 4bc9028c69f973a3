package dev.jctl.shim.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Route netlink requests to bytes, and what comes back to values. Numbers: linux/rtnetlink.h. */
final class RouteCodec {
  static final int RTM_NEWLINK = 16;
  static final int RTM_DELLINK = 17;
  static final int RTM_GETLINK = 18;
  static final int RTM_NEWADDR = 20;
  static final int RTM_DELADDR = 21;
  static final int RTM_GETADDR = 22;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_GETROUTE = 26;

  static final int RTM_NEWNSID = 88;
  static final int RTM_GETNSID = 90;
  private static final int NETNSA_NSID = 1;
  private static final int NETNSA_FD = 3;

  /** {@code struct rtgenmsg}, padded. */
  private static final int RTGENMSG = 4;

  static final int NLM_F_REQUEST = 0x1;
  static final int NLM_F_ACK = 0x4;
  static final int NLM_F_DUMP = 0x300;
  private static final int NLM_F_REPLACE = 0x100;
  private static final int NLM_F_EXCL = 0x200;
  private static final int NLM_F_CREATE = 0x400;
  private static final int CHANGE = NLM_F_REQUEST | NLM_F_ACK;
  private static final int CREATE = CHANGE | NLM_F_CREATE | NLM_F_EXCL;

  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_LINK = 5;
  private static final int IFLA_MASTER = 10;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_IFALIAS = 20;
  private static final int IFLA_AF_SPEC = 26;
  private static final int IFLA_NET_NS_FD = 28;
  private static final int IFLA_EXT_MASK = 29;
  private static final int IFLA_NUM_TX_QUEUES = 31;
  private static final int IFLA_NUM_RX_QUEUES = 32;
  private static final int IFLA_LINK_NETNSID = 37;
  private static final int IFLA_GSO_MAX_SIZE = 41;
  private static final int IFLA_GSO_IPV4_MAX_SIZE = 63;
  private static final int RTEXT_FILTER_SKIP_STATS = 8;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int IFLA_INFO_SLAVE_KIND = 4;
  private static final int IFLA_INFO_SLAVE_DATA = 5;
  private static final int IFLA_BRPORT_MODE = 4;
  private static final int IFLA_BRPORT_ISOLATED = 33;
  private static final int VETH_INFO_PEER = 1;

  /** IFLA_MACVLAN_MODE and IFLA_IPVLAN_MODE. */
  private static final int IFLA_MODE = 1;

  private static final int IFLA_INET_CONF = 1;
  private static final int IPV4_DEVCONF_ROUTE_LOCALNET = 26;
  private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
  private static final int ADDR_GEN_MODE_NONE = 1;
  private static final int IFF_UP = 1;

  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int IFA_F_NODAD = 2;
  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_TABLE = 15;
  private static final int RT_TABLE_MAIN = 254;
  private static final int RTPROT_STATIC = 4;
  private static final int RT_SCOPE_LINK = 253;
  private static final int RTN_UNICAST = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  private static final int IFINFO = 16;
  private static final int IFADDR = 8;
  private static final int RTMSG = 12;

  private RouteCodec() {}

  static void encode(ByteBuffer out, int sequence, RouteRequest request) {
    switch (request) {
      case RouteRequest.CreateBridge r -> bridge(out, sequence, r);
      case RouteRequest.CreateVeth r -> veth(out, sequence, r);
      case RouteRequest.CreateShared r -> shared(out, sequence, r);
      case RouteRequest.ConfigureBridge r -> configureBridge(out, sequence, r);
      case RouteRequest.ConfigurePort r -> configurePort(out, sequence, r);
      case RouteRequest.SetHairpin r -> port(out, sequence, r.name(), IFLA_BRPORT_MODE);
      case RouteRequest.IsolatePort r -> port(out, sequence, r.name(), IFLA_BRPORT_ISOLATED);
      case RouteRequest.SetUp r -> change(out, sequence, r.name(), IFF_UP, IFF_UP).end();
      case RouteRequest.SetMac r ->
          change(out, sequence, r.name(), 0, 0)
              .attribute(IFLA_ADDRESS, MacAddress.parse(r.mac()))
              .end();
      case RouteRequest.SetMtu r ->
          change(out, sequence, r.name(), 0, 0).attribute(IFLA_MTU, r.mtu()).end();
      case RouteRequest.SetGso r -> gso(change(out, sequence, r.name(), 0, 0), r.size()).end();
      case RouteRequest.DeleteLink r ->
          link(new MessageWriter(out, RTM_DELLINK, CHANGE, sequence), 0, 0)
              .attribute(IFLA_IFNAME, r.name())
              .end();
      case RouteRequest.AddAddress r ->
          address(out, sequence, RTM_NEWADDR, CREATE, r.linkIndex(), r.cidr());
      case RouteRequest.DeleteAddress r ->
          address(out, sequence, RTM_DELADDR, CHANGE, r.linkIndex(), r.cidr());
      case RouteRequest.AddRoute r -> route(out, sequence, r);
    }
  }

  /** Answered with the link, or refused with ENODEV. */
  static void encodeLinkQuery(ByteBuffer out, int sequence, String name) {
    link(new MessageWriter(out, RTM_GETLINK, CHANGE, sequence), 0, 0)
        .attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
        .attribute(IFLA_IFNAME, name)
        .end();
  }

  static void encodeLinkDump(ByteBuffer out, int sequence) {
    link(new MessageWriter(out, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sequence), 0, 0)
        .attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
        .end();
  }

  static void encodeAddressDump(ByteBuffer out, int sequence) {
    new MessageWriter(out, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, sequence).u32(0).u32(0).end();
  }

  static void encodeRouteDump(ByteBuffer out, int sequence) {
    new MessageWriter(out, RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, sequence)
        .u32(0)
        .u32(0)
        .u32(0)
        .end();
  }

  /** Answered with the route that is taken to there, or refused with ENETUNREACH. */
  static void encodeRouteQuery(ByteBuffer out, int sequence, InetAddress to) {
    byte[] bytes = to.getAddress();
    new MessageWriter(out, RTM_GETROUTE, CHANGE, sequence)
        .u8(bytes.length == 4 ? AF_INET : AF_INET6)
        .u8(bytes.length * 8)
        .u8(0)
        .u8(0)
        .u32(0)
        .u32(0)
        .attribute(RTA_DST, bytes)
        .end();
  }

  private static void bridge(ByteBuffer out, int sequence, RouteRequest.CreateBridge r) {
    link(new MessageWriter(out, RTM_NEWLINK, CREATE, sequence), 0, 0)
        .attribute(IFLA_IFNAME, r.name())
        .attribute(IFLA_ADDRESS, MacAddress.parse(r.mac()))
        .nested(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, "bridge"))
        .end();
  }

  private static void veth(ByteBuffer out, int sequence, RouteRequest.CreateVeth r) {
    MessageWriter message =
        link(new MessageWriter(out, RTM_NEWLINK, CREATE, sequence), 0, 0)
            .attribute(IFLA_IFNAME, r.name());
    gso(mtu(oneQueue(message), r.mtu()), RouteRequest.BIG_TCP)
        .nested(
            IFLA_LINKINFO,
            info ->
                info.attribute(IFLA_INFO_KIND, "veth")
                    .nested(
                        IFLA_INFO_DATA, data -> data.nested(VETH_INFO_PEER, peer -> peer(peer, r))))
        .end();
  }

  private static void peer(MessageWriter peer, RouteRequest.CreateVeth r) {
    link(peer, 0, 0)
        .attribute(IFLA_IFNAME, r.peerName())
        .attribute(IFLA_ADDRESS, MacAddress.parse(r.peerMac()))
        .attribute(IFLA_NET_NS_FD, r.netnsFd());
    gso(mtu(oneQueue(peer), r.mtu()), r.peerGso());
  }

  /**
   * Instead of one for each processor, with directories in sysfs for each: only XDP programs have a
   * use for them.
   */
  private static MessageWriter oneQueue(MessageWriter message) {
    return message.attribute(IFLA_NUM_TX_QUEUES, 1).attribute(IFLA_NUM_RX_QUEUES, 1);
  }

  private static void shared(ByteBuffer out, int sequence, RouteRequest.CreateShared r) {
    MessageWriter message =
        link(new MessageWriter(out, RTM_NEWLINK, CREATE, sequence), 0, 0)
            .attribute(IFLA_IFNAME, r.name())
            .attribute(IFLA_LINK, r.parentIndex());
    if (r.netnsFd() >= 0) {
      message.attribute(IFLA_NET_NS_FD, r.netnsFd());
    }
    boolean macvlan = r.kind() == RouteRequest.CreateShared.Kind.MACVLAN;
    if (macvlan && !r.mac().isEmpty()) {
      message.attribute(IFLA_ADDRESS, MacAddress.parse(r.mac()));
    }
    mtu(message, r.mtu())
        .nested(
            IFLA_LINKINFO,
            info ->
                info.attribute(IFLA_INFO_KIND, macvlan ? "macvlan" : "ipvlan")
                    .nested(
                        IFLA_INFO_DATA,
                        data -> {
                          if (macvlan) {
                            data.attribute(IFLA_MODE, r.mode());
                          } else {
                            data.shortAttribute(IFLA_MODE, r.mode());
                          }
                        }))
        .end();
  }

  /** Gives the namespace a number in this one, if it has none yet. */
  static void encodeNamespaceNumbering(ByteBuffer out, int sequence, int netnsFd) {
    new MessageWriter(out, RTM_NEWNSID, CHANGE, sequence)
        .u32(0)
        .attribute(NETNSA_NSID, -1)
        .attribute(NETNSA_FD, netnsFd)
        .end();
  }

  static void encodeNamespaceQuery(ByteBuffer out, int sequence, int netnsFd) {
    new MessageWriter(out, RTM_GETNSID, CHANGE, sequence)
        .u32(0)
        .attribute(NETNSA_FD, netnsFd)
        .end();
  }

  /** Empty for other messages. */
  static Optional<Integer> namespace(NetlinkMessage message) {
    return message.type() != RTM_NEWNSID || message.body().remaining() < RTGENMSG
        ? Optional.empty()
        : Optional.of(message.attributes(RTGENMSG).u32(NETNSA_NSID, -1));
  }

  private static void configureBridge(
      ByteBuffer out, int sequence, RouteRequest.ConfigureBridge r) {
    MessageWriter message =
        change(out, sequence, r.name(), IFF_UP, IFF_UP)
            .attribute(IFLA_IFALIAS, r.alias())
            .nested(
                IFLA_AF_SPEC,
                families ->
                    families.nested(
                        AF_INET,
                        inet ->
                            inet.nested(
                                IFLA_INET_CONF,
                                conf -> conf.attribute(IPV4_DEVCONF_ROUTE_LOCALNET, 1))));
    mtu(message, r.mtu()).end();
  }

  private static void configurePort(ByteBuffer out, int sequence, RouteRequest.ConfigurePort r) {
    change(out, sequence, r.name(), IFF_UP, IFF_UP)
        .attribute(IFLA_IFALIAS, r.alias())
        .attribute(IFLA_MASTER, r.bridgeIndex())
        .nested(
            IFLA_AF_SPEC,
            families ->
                families.nested(
                    AF_INET6,
                    inet6 -> inet6.byteAttribute(IFLA_INET6_ADDR_GEN_MODE, ADDR_GEN_MODE_NONE)))
        .end();
  }

  /** Switches that on. */
  private static void port(ByteBuffer out, int sequence, String name, int attribute) {
    change(out, sequence, name, 0, 0)
        .nested(
            IFLA_LINKINFO,
            info ->
                info.attribute(IFLA_INFO_SLAVE_KIND, "bridge")
                    .nested(IFLA_INFO_SLAVE_DATA, port -> port.byteAttribute(attribute, 1)))
        .end();
  }

  /** An existing link by name: RTM_NEWLINK without NLM_F_CREATE. */
  private static MessageWriter change(
      ByteBuffer out, int sequence, String name, int flags, int mask) {
    return link(new MessageWriter(out, RTM_NEWLINK, CHANGE, sequence), flags, mask)
        .attribute(IFLA_IFNAME, name);
  }

  private static MessageWriter link(MessageWriter message, int flags, int mask) {
    return message.u32(0).u32(0).u32(flags).u32(mask);
  }

  private static MessageWriter mtu(MessageWriter message, int mtu) {
    return mtu == 0 ? message : message.attribute(IFLA_MTU, mtu);
  }

  private static MessageWriter gso(MessageWriter message, int size) {
    return message.attribute(IFLA_GSO_MAX_SIZE, size).attribute(IFLA_GSO_IPV4_MAX_SIZE, size);
  }

  private static void address(
      ByteBuffer out, int sequence, int type, int flags, int linkIndex, Cidr cidr) {
    byte[] bytes = cidr.address().getAddress();
    new MessageWriter(out, type, flags, sequence)
        .u8(cidr.ipv4() ? AF_INET : AF_INET6)
        .u8(cidr.prefix())
        .u8(cidr.ipv4() ? 0 : IFA_F_NODAD)
        .u8(0)
        .u32(linkIndex)
        .attribute(IFA_LOCAL, bytes)
        .attribute(IFA_ADDRESS, bytes)
        .end();
  }

  private static void route(ByteBuffer out, int sequence, RouteRequest.AddRoute r) {
    Cidr destination = r.destination();
    MessageWriter message =
        new MessageWriter(out, RTM_NEWROUTE, CHANGE | NLM_F_CREATE | NLM_F_REPLACE, sequence)
            .u8(destination.ipv4() ? AF_INET : AF_INET6)
            .u8(destination.prefix())
            .u8(0)
            .u8(0)
            .u8(RT_TABLE_MAIN)
            .u8(RTPROT_STATIC)
            .u8(r.gateway() == null ? RT_SCOPE_LINK : 0)
            .u8(RTN_UNICAST)
            .u32(0);
    if (destination.prefix() > 0) {
      message.attribute(RTA_DST, destination.address().getAddress());
    }
    if (r.gateway() != null) {
      message.attribute(RTA_GATEWAY, r.gateway().getAddress());
    }
    message.attribute(RTA_OIF, r.linkIndex()).end();
  }

  /** Empty for other messages. Also for a notification that the link is gone. */
  static Optional<Link> link(NetlinkMessage message) {
    if ((message.type() != RTM_NEWLINK && message.type() != RTM_DELLINK)
        || message.body().remaining() < IFINFO) {
      return Optional.empty();
    }
    Attributes attributes = message.attributes(IFINFO);
    return Optional.of(
        new Link(
            message.body().getInt(4),
            attributes.string(IFLA_IFNAME),
            attributes.string(IFLA_IFALIAS),
            (message.body().getInt(8) & IFF_UP) != 0,
            attributes.bytes(IFLA_ADDRESS).map(MacAddress::format).orElse(""),
            attributes.u32(IFLA_MTU, 0),
            attributes.u32(IFLA_GSO_MAX_SIZE, 0),
            attributes.u32(IFLA_MASTER, 0),
            attributes.u32(IFLA_LINK, 0),
            attributes.u32(IFLA_LINK_NETNSID, -1)));
  }

  static Optional<Address> address(NetlinkMessage message) {
    if (message.type() != RTM_NEWADDR || message.body().remaining() < IFADDR) {
      return Optional.empty();
    }
    Attributes attributes = message.attributes(IFADDR);
    int prefix = Byte.toUnsignedInt(message.body().get(1));
    return attributes
        .address(IFA_LOCAL)
        .or(() -> attributes.address(IFA_ADDRESS))
        .map(address -> new Address(message.body().getInt(4), new Cidr(address, prefix)));
  }

  /** Empty for other messages, and for routes outside the main table or not unicast. */
  static Optional<Route> route(NetlinkMessage message) {
    ByteBuffer body = message.body();
    if (message.type() != RTM_NEWROUTE || body.remaining() < RTMSG) {
      return Optional.empty();
    }
    Attributes attributes = message.attributes(RTMSG);
    int table = attributes.u32(RTA_TABLE, Byte.toUnsignedInt(body.get(4)));
    if (table != RT_TABLE_MAIN || body.get(7) != RTN_UNICAST) {
      return Optional.empty();
    }
    byte[] any = new byte[body.get(0) == AF_INET ? 4 : 16];
    Cidr destination =
        new Cidr(
            attributes.address(RTA_DST).orElseGet(() -> Cidr.of(any)),
            Byte.toUnsignedInt(body.get(1)));
    return Optional.of(
        new Route(
            destination, attributes.address(RTA_GATEWAY).orElse(null), attributes.u32(RTA_OIF, 0)));
  }
}
