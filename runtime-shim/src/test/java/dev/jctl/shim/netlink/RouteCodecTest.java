package dev.jctl.shim.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bytes as iproute2 sends and receives them on little-endian machines. */
class RouteCodecTest {
  @BeforeAll
  static void needsLittleEndian() {
    assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "bytes are little-endian");
  }

  private static String encoded(RouteRequest request) {
    ByteBuffer out = ByteBuffer.allocate(512);
    RouteCodec.encode(out, 7, request);
    return HexFormat.of().formatHex(out.array(), 0, out.position());
  }

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replaceAll("\\s", "")))
        .order(ByteOrder.nativeOrder());
  }

  @Test
  void anAddressIsAddedToALinkByIndex() {
    assertThat(encoded(new RouteRequest.AddAddress(5, Cidr.parse("10.90.0.2/24"))))
        .isEqualTo(
            """
            28000000 1400 0506 07000000 00000000
            02 18 00 00 05000000
            0800 0200 0a5a0002
            0800 0100 0a5a0002
            """
                .replaceAll("\\s", ""));
  }

  @Test
  void aDefaultRouteHasNoDestination() {
    RouteRequest route =
        new RouteRequest.AddRoute(Cidr.parse("0.0.0.0/0"), InetAddress.ofLiteral("10.90.0.1"), 5);
    assertThat(encoded(route))
        .isEqualTo(
            """
            2c000000 1800 0505 07000000 00000000
            02 00 00 00 fe 04 00 01 00000000
            0800 0500 0a5a0001
            0800 0400 05000000
            """
                .replaceAll("\\s", ""));
  }

  @Test
  void aPairIsMadeWithItsPeerInAnotherNamespace() {
    assertThat(
            encoded(new RouteRequest.CreateVeth("jv1", 0, "eth0", "02:42:0a:5a:00:02", 65536, 9)))
        .isEqualTo(
            """
            b0000000 1000 0506 07000000 00000000
            00000000 00000000 00000000 00000000
            0800 0300 6a763100
            0800 1f00 01000000
            0800 2000 01000000
            0800 2900 00000300
            0800 3f00 00000300
            6800 1280
              0900 0100 7665746800 000000
              5800 0280
                5400 0180
                  00000000 00000000 00000000 00000000
                  0900 0300 6574683000 000000
                  0a00 0100 02420a5a0002 0000
                  0800 1c00 09000000
                  0800 1f00 01000000
                  0800 2000 01000000
                  0800 2900 00000100
                  0800 3f00 00000100
            """
                .replaceAll("\\s", ""));
  }

  @Test
  void everyRequestIsAWholeNumberOfWordsWithItsLength() {
    List<RouteRequest> requests =
        List.of(
            new RouteRequest.CreateBridge("jb", "02:6a:00:00:00:01"),
            new RouteRequest.ConfigureBridge("jb", "jctl:1:net:a", 1400),
            new RouteRequest.ConfigurePort("jv12", "jctl:1:veth:a:b", 3),
            new RouteRequest.SetHairpin("jv123"),
            new RouteRequest.IsolatePort("jv123"),
            new RouteRequest.SetUp("lo"),
            new RouteRequest.SetMac("eth0", "02:00:00:00:00:01"),
            new RouteRequest.SetMtu("eth0", 1400),
            new RouteRequest.SetGso("eth0", 65536),
            new RouteRequest.DeleteLink("eth0"),
            new RouteRequest.DeleteAddress(3, Cidr.parse("fd00::1/64")));
    ByteBuffer out = ByteBuffer.allocate(4096);
    requests.forEach(request -> RouteCodec.encode(out, 1, request));
    List<NetlinkMessage> messages = NetlinkMessage.parse(out.flip());
    assertThat(messages).hasSameSizeAs(requests);
    assertThat(messages).allSatisfy(m -> assertThat(m.body().remaining() % 4).isZero());
  }

  @Test
  void aLinkIsRead() {
    NetlinkMessage message =
        NetlinkMessage.parse(
                bytes(
                    """
                    68000000 1000 0000 07000000 00000000
                    00000100 06000000 43100100 00000000
                    0900 0300 6574683000 000000
                    0a00 0100 02420a5a0002 0000
                    0800 0400 dc050000
                    0800 2900 00000300
                    0800 0500 09000000
                    0800 0a00 03000000
                    0800 2500 02000000
                    0800 1400 6a637400
                    """))
            .getFirst();
    assertThat(RouteCodec.link(message))
        .contains(new Link(6, "eth0", "jct", true, "02:42:0a:5a:00:02", 1500, 196608, 3, 9, 2));
    assertThat(RouteCodec.address(message)).isEmpty();
  }

  @Test
  void aRefusalCarriesTheKernelsExplanation() {
    NetlinkMessage message =
        NetlinkMessage.parse(
                bytes(
                    """
                    34000000 0200 0003 07000000 00000000
                    9bffffff
                    2c000000 1800 0506 07000000 00000000
                    0d00 0100 4e6f2072 6f757465 00 000000
                    """))
            .getFirst();
    assertThat(message.last()).isTrue();
    assertThat(message.errno()).isEqualTo(101);
    assertThat(message.explanation()).isEqualTo("No route");
  }

  @Test
  void damagedBytesEndTheReadingAndThrowNothing() {
    byte[] whole =
        HexFormat.of()
            .parseHex(encoded(new RouteRequest.AddAddress(5, Cidr.parse("10.90.0.2/24"))));
    for (int at = 0; at < whole.length; at++) {
      for (int value : new int[] {0, 1, 3, 0x7f, 0xff}) {
        byte[] damaged = whole.clone();
        damaged[at] = (byte) value;
        for (int length = 0; length <= whole.length; length += 3) {
          for (NetlinkMessage message : NetlinkMessage.parse(ByteBuffer.wrap(damaged, 0, length))) {
            assertThat(message.explanation()).isNotNull();
            assertThat(RouteCodec.link(message)).isNotNull();
            assertThat(RouteCodec.route(message)).isNotNull();
          }
        }
      }
    }
  }

  @Test
  void subnetsOverlapWhenOneHoldsTheOther() {
    assertThat(Cidr.parse("10.90.0.0/24").overlaps(Cidr.parse("10.0.0.0/8"))).isTrue();
    assertThat(Cidr.parse("10.0.0.0/8").overlaps(Cidr.parse("10.90.0.7/32"))).isTrue();
    assertThat(Cidr.parse("10.90.0.0/24").overlaps(Cidr.parse("10.90.1.0/24"))).isFalse();
    assertThat(Cidr.parse("10.90.0.0/24").overlaps(Cidr.parse("fd00::/8"))).isFalse();
    assertThat(Cidr.parse("10.90.0.77/26").network()).hasToString("10.90.0.64/26");
    assertThat(Cidr.parse("fd00:0:0:0:1:0:0:1/64")).hasToString("fd00::1:0:0:1/64");
    assertThat(Cidr.parse("::/0")).hasToString("::/0");
    assertThatThrownBy(() -> Cidr.parse("10.90.0.0/33"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("33");
  }
}
