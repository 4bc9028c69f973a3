package dev.jctl.shim.network;

import static dev.jctl.shim.netlink.RouteRequest.BIG_TCP;
import static dev.jctl.shim.netlink.RouteRequest.USUAL_GSO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.netlink.Address;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.netlink.Link;
import dev.jctl.shim.netlink.Route;
import dev.jctl.shim.netlink.RouteRequest;
import dev.jctl.shim.netlink.RouteRequest.ConfigurePort;
import dev.jctl.shim.netlink.RouteRequest.CreateVeth;
import dev.jctl.shim.netlink.RouteRequest.DeleteLink;
import dev.jctl.shim.netlink.RouteRequest.IsolatePort;
import dev.jctl.shim.netlink.RouteRequest.SetHairpin;
import dev.jctl.shim.spec.NetworkSpec.Mode;
import dev.jctl.shim.spec.NetworkSpec.Uplink;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinkPlannerTest {
  private static final InetAddress GATEWAY = InetAddress.ofLiteral("10.90.0.1");
  private static final Cidr NEIGHBOUR = Cidr.parse("169.254.53.53");
  private static final Cidr ANYWHERE = Cidr.parse("0.0.0.0/0");
  private static final WantedLink WANTED =
      new WantedLink(
          "blue",
          "jv1",
          "jctl:c0ffee00:veth:a:blue",
          "jb1",
          "eth0",
          "02:42:0a:5a:00:02",
          1400,
          BIG_TCP,
          List.of(Cidr.parse("10.90.0.2/24")),
          List.of(WantedLink.Way.everywhere(GATEWAY), WantedLink.Way.onLink(NEIGHBOUR)),
          null);
  private static final Link BRIDGE = new Link(3, "jb1", "", true, "", 1400, USUAL_GSO, 0, 0, -1);
  private static final Link LO = new Link(1, "lo", "", true, "", 65536, USUAL_GSO, 0, 0, -1);

  @Test
  void anEmptySandboxGetsAPairOnItsBridge() {
    SeenLinks seen = new SeenLinks(Map.of("jb1", BRIDGE), List.of(LO), List.of(), List.of());
    assertThat(LinkPlanner.onHost(List.of(WANTED), seen, 9))
        .containsExactly(
            new CreateVeth("jv1", 1400, "eth0", "02:42:0a:5a:00:02", BIG_TCP, 9),
            new ConfigurePort("jv1", "jctl:c0ffee00:veth:a:blue", 3),
            new SetHairpin("jv1"));
    assertThat(LinkPlanner.observed(WANTED, seen).drift()).containsExactly("veth missing");
  }

  @Test
  void anInterfaceThatIsNotTheOtherEndIsReplaced() {
    Link stranger = new Link(4, "eth0", "", true, "", 1500, USUAL_GSO, 0, 99, 0);
    Link outer = new Link(7, "jv1", WANTED.alias(), true, "", 1400, BIG_TCP, 3, 5, 1);
    SeenLinks seen =
        new SeenLinks(
            Map.of("jb1", BRIDGE, "jv1", outer), List.of(LO, stranger), List.of(), List.of());
    assertThat(LinkPlanner.impostors(List.of(WANTED), seen))
        .containsExactly(new DeleteLink("eth0"));
    assertThat(LinkPlanner.onHost(List.of(WANTED), seen, 9))
        .startsWith(new DeleteLink("jv1"))
        .hasAtLeastOneElementOfType(CreateVeth.class);
  }

  @Test
  void aPairThatWasOfAnotherNetworkIsMadeAnew() {
    String alias = WANTED.alias() + "-before";
    Link inner = new Link(5, "eth0", "", true, WANTED.mac(), 1400, BIG_TCP, 0, 7, 0);
    Link outer = new Link(7, "jv1", alias, true, "", 1400, BIG_TCP, 3, 5, 1);
    SeenLinks seen =
        new SeenLinks(
            Map.of("jb1", BRIDGE, "jv1", outer), List.of(LO, inner), List.of(), List.of());
    assertThat(LinkPlanner.onHost(List.of(WANTED), seen, 9))
        .startsWith(new RouteRequest.DeleteLink("jv1"))
        .hasAtLeastOneElementOfType(RouteRequest.CreateVeth.class);
  }

  @Test
  void aPairThatHasAnotherAddressInThePlaceOfItsOwnIsMadeAnew() {
    Link inner = new Link(5, "eth0", "", true, WANTED.mac(), 1400, BIG_TCP, 0, 7, 0);
    Link outer = new Link(7, "jv1", WANTED.alias(), true, "", 1400, BIG_TCP, 3, 5, 1);
    Address own = new Address(5, WANTED.addresses().getFirst());
    Address former = new Address(5, Cidr.parse("10.90.0.9/24"));
    Address ofIpv6 = new Address(5, Cidr.parse("fd00::9/64"));
    assertThat(makesAnew(outer, inner, former)).isTrue();
    assertThat(makesAnew(outer, inner, own, former)).as("an address more of its own").isFalse();
    assertThat(makesAnew(outer, inner, ofIpv6)).as("none that it takes the place of").isFalse();
  }

  private static boolean makesAnew(Link outer, Link inner, Address... addresses) {
    SeenLinks seen =
        new SeenLinks(
            Map.of("jb1", BRIDGE, "jv1", outer), List.of(LO, inner), List.of(addresses), List.of());
    return LinkPlanner.onHost(List.of(WANTED), seen, 9).contains(new DeleteLink("jv1"));
  }

  @Test
  void oneThatSharesADeviceAndHasAFormerAddressIsMadeAnewInside() {
    WantedLink beside =
        new WantedLink(
            "lan",
            "jv1",
            "jctl:c0ffee00:veth:a:lan",
            "wan0",
            "eth0",
            "",
            0,
            USUAL_GSO,
            List.of(Cidr.parse("192.0.2.7/24")),
            List.of(),
            new Uplink(Mode.MACVLAN_BRIDGE, "wan0"));
    Link wan = new Link(3, "wan0", "", true, "", 1500, USUAL_GSO, 0, 0, -1);
    Link inner = new Link(5, "eth0", "", true, WANTED.mac(), 1500, USUAL_GSO, 0, 3, 0);
    Address former = new Address(5, Cidr.parse("192.0.2.6/24"));
    SeenLinks seen =
        new SeenLinks(Map.of("wan0", wan), List.of(LO, inner), List.of(former), List.of());
    assertThat(LinkPlanner.impostors(List.of(beside), seen))
        .containsExactly(new DeleteLink("eth0"));
    assertThat(LinkPlanner.onHost(List.of(beside), seen, 9))
        .hasOnlyElementsOfType(RouteRequest.CreateShared.class);
  }

  /** Whatever was broken: after the steps there is no drift, and planning again gives nothing. */
  @Test
  void fromAnyStateThePlanReachesTheWantedOneAndThenRests() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      World world = new World(random);
      world.apply(LinkPlanner.impostors(List.of(WANTED), world.seen()));
      world.apply(LinkPlanner.onHost(List.of(WANTED), world.seen(), 9));
      world.apply(LinkPlanner.inside(List.of(WANTED), world.seen()));
      SeenLinks reached = world.seen();
      assertThat(LinkPlanner.observed(WANTED, reached).drift()).as("seed %d", seed).isEmpty();
      assertThat(LinkPlanner.impostors(List.of(WANTED), reached)).isEmpty();
      assertThat(LinkPlanner.onHost(List.of(WANTED), reached, 9)).isEmpty();
      assertThat(LinkPlanner.inside(List.of(WANTED), reached)).isEmpty();
    }
  }

  /** As much of the kernel as the steps touch. */
  private static final class World {
    private final Map<String, Link> host = new HashMap<>(Map.of("jb1", BRIDGE));
    private final Map<String, Link> inside = new HashMap<>();
    private final List<Address> addresses = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private int nextIndex = 100;

    World(Random random) {
      inside.put("lo", up(LO, random.nextBoolean()));
      if (random.nextBoolean()) {
        String alias = random.nextBoolean() ? WANTED.alias() : "";
        int master = random.nextBoolean() ? 3 : 0;
        host.put(
            "jv1",
            new Link(7, "jv1", alias, random.nextBoolean(), "", 1400, BIG_TCP, master, 5, 1));
      }
      if (random.nextBoolean()) {
        String mac = random.nextBoolean() ? WANTED.mac() : "02:00:00:00:00:01";
        int mtu = random.nextBoolean() ? 1400 : 1500;
        int peer = random.nextInt(4) > 0 ? 7 : 99;
        int gso = random.nextBoolean() ? BIG_TCP : USUAL_GSO;
        inside.put(
            "eth0", new Link(5, "eth0", "", random.nextBoolean(), mac, mtu, gso, 0, peer, 0));
        if (random.nextBoolean()) {
          addresses.add(new Address(5, WANTED.addresses().getFirst()));
        }
        if (random.nextBoolean()) {
          addresses.add(new Address(5, Cidr.parse("10.90.0.9/24")));
        }
        if (random.nextBoolean()) {
          routes.add(new Route(ANYWHERE, random.nextBoolean() ? GATEWAY : null, 5));
        }
        if (random.nextBoolean()) {
          routes.add(new Route(NEIGHBOUR, null, 5));
        }
      }
    }

    SeenLinks seen() {
      return new SeenLinks(host, List.copyOf(inside.values()), addresses, routes);
    }

    void apply(List<RouteRequest> steps) {
      steps.forEach(this::apply);
    }

    private void apply(RouteRequest step) {
      switch (step) {
        case CreateVeth r -> create(r);
        case RouteRequest.CreateShared r -> throw new AssertionError(r);
        case ConfigurePort r ->
            host.computeIfPresent(
                r.name(),
                (name, l) ->
                    new Link(
                        l.index(),
                        name,
                        r.alias(),
                        true,
                        "",
                        1400,
                        l.gso(),
                        r.bridgeIndex(),
                        l.peerIndex(),
                        1));
        case SetHairpin r -> assertThat(host).containsKey(r.name());
        case IsolatePort r -> assertThat(host).containsKey(r.name());
        case DeleteLink r -> delete(r.name());
        case RouteRequest.SetUp r -> inside.computeIfPresent(r.name(), (name, l) -> up(l, true));
        case RouteRequest.SetMac r ->
            inside.computeIfPresent(r.name(), (name, l) -> inner(l, r.mac(), l.mtu(), l.gso()));
        case RouteRequest.SetMtu r ->
            inside.computeIfPresent(r.name(), (name, l) -> inner(l, l.mac(), r.mtu(), l.gso()));
        case RouteRequest.SetGso r ->
            inside.computeIfPresent(r.name(), (name, l) -> inner(l, l.mac(), l.mtu(), r.size()));
        case RouteRequest.AddAddress r -> addresses.add(new Address(r.linkIndex(), r.cidr()));
        case RouteRequest.AddRoute r -> {
          routes.removeIf(route -> route.destination().equals(r.destination()));
          routes.add(new Route(r.destination(), r.gateway(), r.linkIndex()));
        }
        case RouteRequest.CreateBridge r -> throw new AssertionError(r);
        case RouteRequest.ConfigureBridge r -> throw new AssertionError(r);
        case RouteRequest.DeleteAddress r -> throw new AssertionError(r);
      }
    }

    private void create(CreateVeth r) {
      assertThat(host).doesNotContainKey(r.name());
      assertThat(inside).doesNotContainKey(r.peerName());
      int outer = nextIndex++;
      int inner = nextIndex++;
      host.put(r.name(), new Link(outer, r.name(), "", false, "", r.mtu(), BIG_TCP, 0, inner, 1));
      inside.put(
          r.peerName(),
          new Link(inner, r.peerName(), "", false, r.peerMac(), r.mtu(), r.peerGso(), 0, outer, 0));
    }

    private void delete(String name) {
      Link gone = host.containsKey(name) ? host.remove(name) : inside.remove(name);
      assertThat(gone).isNotNull();
      inside.values().removeIf(link -> link.peerIndex() == gone.index());
      host.values().removeIf(link -> link.peerIndex() == gone.index());
      routes.removeIf(route -> route.linkIndex() == gone.index());
    }

    private static Link up(Link l, boolean up) {
      return new Link(
          l.index(),
          l.name(),
          l.alias(),
          up,
          l.mac(),
          l.mtu(),
          l.gso(),
          l.master(),
          l.peerIndex(),
          0);
    }

    private static Link inner(Link l, String mac, int mtu, int gso) {
      return new Link(l.index(), l.name(), "", l.up(), mac, mtu, gso, 0, l.peerIndex(), 0);
    }
  }
}
