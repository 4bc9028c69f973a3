package dev.jctl.controller.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.fake.ListCache;
import dev.jctl.controller.network.Leases.Grant;
import dev.jctl.controller.network.Leases.Wanted;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LeasesTest {
  private static final ObjectRef FRONT = new ObjectRef(ResourceKind.NETWORK, "default", "front");

  private static final String GATEWAY = "10.90.0.1";

  private static StoredObject pod(String name, List<Lease> leases) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = tree.putObject("metadata").put("uid", "uid-" + name);
    if (!leases.isEmpty()) {
      metadata.putObject("annotations").put(Lease.ANNOTATION, Lease.text(leases));
    }
    return new StoredObject(new ObjectRef(ResourceKind.POD, "default", name), tree, 1);
  }

  private static String gateway(String subnet) {
    return AddressPool.gateway(Cidr.parse(subnet));
  }

  private static Wanted wanted(String subnet, @Nullable String ip) {
    return new Wanted(
        FRONT,
        List.of(subnet),
        List.of(gateway(subnet)),
        List.of(),
        ip == null ? List.of() : List.of(ip),
        null);
  }

  private static List<Lease> granted(Grant grant) {
    assertThat(grant).isInstanceOf(Grant.Granted.class);
    return ((Grant.Granted) grant).leases();
  }

  @Test
  void aMacAddressThatFollowsFromAnAddressIsNobodyElses() {
    Leases leases = Leases.of(new ListCache());
    leases.allocate(pod("a", List.of()), List.of(wanted("10.90.0.0/24", "10.90.0.9")), List.of());
    assertThat(leases.allocate(pod("b", List.of()), List.of(mac("02:42:0A:5a:00:09")), List.of()))
        .isEqualTo(
            new Grant.Refused(
                "AddressTaken",
                "MAC address 02:42:0a:5a:00:09 of network front is held by pod/default/a; ask for"
                    + " another, or for none in particular"));
    granted(leases.allocate(pod("c", List.of()), List.of(mac("02:42:0a:5a:00:03")), List.of()));
    List<Lease> next =
        granted(
            leases.allocate(pod("d", List.of()), List.of(wanted("10.90.0.0/24", null)), List.of()));
    assertThat(next.getFirst().addresses()).containsExactly("10.90.0.4/24");
  }

  private static Wanted mac(String mac) {
    return new Wanted(FRONT, List.of("10.90.0.0/24"), List.of(GATEWAY), List.of(), List.of(), mac);
  }

  @Test
  void neverGivesAnAddressToTwoPodsWhateverDiesInBetween() {
    long seed = 7;
    Random random = new Random(seed);
    ListCache cache = new ListCache();
    Leases leases = Leases.of(cache);
    Map<String, List<Lease>> held = new TreeMap<>();
    for (int i = 0; i < 3000; i++) {
      String name = "p" + random.nextInt(40);
      switch (random.nextInt(4)) {
        case 0 -> {
          cache.remove(pod(name, List.of()).ref());
          leases.release("uid-" + name);
          held.remove(name);
        }
        case 1 -> {
          // The controller dies: only what is in the annotations is known afterwards.
          leases = Leases.of(cache);
          held.keySet().removeIf(n -> cache.find(pod(n, List.of()).ref()).isEmpty());
        }
        default -> {
          StoredObject pod = pod(name, held.getOrDefault(name, List.of()));
          List<Lease> now =
              granted(leases.allocate(pod, List.of(wanted("10.90.0.0/26", null)), List.of()));
          if (held.containsKey(name)) {
            assertThat(now).as("seed %d", seed).isEqualTo(held.get(name));
          }
          held.put(name, now);
          cache.put(pod(name, now));
        }
      }
      assertDistinct(held, seed);
    }
  }

  private static void assertDistinct(Map<String, List<Lease>> held, long seed) {
    Set<String> seen = new HashSet<>(List.of("10.90.0.0", "10.90.0.1", "10.90.0.63"));
    List<String> twice = new ArrayList<>();
    held.values().stream()
        .flatMap(List::stream)
        .flatMap(l -> l.addresses().stream())
        .map(Lease::ip)
        .filter(ip -> !seen.add(ip))
        .forEach(twice::add);
    assertThat(twice).as("seed %d", seed).isEmpty();
  }

  @Test
  void namesTheHolderOfAStaticAddressAndSaysWhenANetworkIsFull() {
    Leases leases = Leases.of(new ListCache());
    granted(
        leases.allocate(
            pod("a", List.of()), List.of(wanted("10.90.0.0/30", "10.90.0.2")), List.of()));
    assertThat(
            leases.allocate(
                pod("b", List.of()), List.of(wanted("10.90.0.0/30", "10.90.0.2")), List.of()))
        .isEqualTo(
            new Grant.Refused(
                "AddressTaken",
                "10.90.0.2 of network front is held by pod/default/a; ask for another, or for none"
                    + " in particular"));
    assertThat(
            leases.allocate(pod("b", List.of()), List.of(wanted("10.90.0.0/30", null)), List.of()))
        .isEqualTo(
            new Grant.Refused(
                "NetworkFull",
                "network front has no free address in 10.90.0.0/30; delete Pods that are on it, or"
                    + " use a network with a larger subnet"));
    assertThat(leases.attached(FRONT)).containsExactly("a");
    leases.release("uid-a");
    assertThat(leases.attached(FRONT)).isEmpty();
  }

  @Test
  void givesTheAddressOfEachFamilyThatIsAskedFor() {
    Leases leases = Leases.of(new ListCache());
    List<String> both = List.of("10.90.0.5", "fd00:90::5");
    assertThat(granted(leases.allocate(pod("a", List.of()), List.of(dual(both)), List.of())))
        .containsExactly(new Lease("front", List.of("10.90.0.5/24", "fd00:90::5/64")));
    assertThat(refused(leases, List.of("10.90.0.6", "fd00:90:0::5")))
        .isEqualTo(
            "AddressTaken: fd00:90::5 of network front is held by pod/default/a; ask for another,"
                + " or for none in particular");
    assertThat(refused(leases, List.of("10.90.0.6", "fd00:91::5")))
        .startsWith("AddressOutsideSubnet: fd00:91::5 is in no subnet of network front");
    assertThat(refused(leases, List.of("10.90.0.6", "fd00:90::1"))).startsWith("AddressReserved");
    assertThat(refused(leases, List.of("10.90.0.255", "fd00:90::6"))).startsWith("AddressReserved");
  }

  private static Wanted dual(List<String> ips) {
    return new Wanted(
        FRONT,
        List.of("10.90.0.0/24", "fd00:90::/64"),
        List.of(GATEWAY, "fd00:90::1"),
        List.of(),
        ips,
        null);
  }

  private static String refused(Leases leases, List<String> ips) {
    return switch (leases.allocate(pod("b", List.of()), List.of(dual(ips)), List.of())) {
      case Grant.Refused no -> no.reason() + ": " + no.message();
      case Grant.Granted granted -> granted.toString();
    };
  }

  @Test
  void namesTheHolderOfAStaticMacAlsoAfterARestart() {
    ListCache cache = new ListCache();
    Leases leases = Leases.of(cache);
    List<Lease> held =
        granted(
            leases.allocate(pod("a", List.of()), List.of(withMac("02:AA:00:00:00:05")), List.of()));
    cache.put(pod("a", held));
    for (Leases one : List.of(leases, Leases.of(cache))) {
      assertThat(
              one.allocate(pod("b", List.of()), List.of(withMac("02:aa:00:00:00:05")), List.of()))
          .isEqualTo(
              new Grant.Refused(
                  "AddressTaken",
                  "MAC address 02:aa:00:00:00:05 of network front is held by pod/default/a; ask for"
                      + " another, or for none in particular"));
      granted(one.allocate(pod("a", held), List.of(withMac("02:aa:00:00:00:05")), held));
      one.release("uid-a");
      granted(one.allocate(pod("b", List.of()), List.of(withMac("02:aa:00:00:00:05")), List.of()));
    }
  }

  private static Wanted withMac(String mac) {
    return new Wanted(FRONT, List.of("10.90.0.0/24"), List.of(GATEWAY), List.of(), List.of(), mac);
  }

  @Test
  void keepsAnAddressForWhoeverStillHasItInItsSandbox() {
    Leases leases = Leases.of(new ListCache());
    Lease before = new Lease("back", List.of("10.91.0.2/24"));
    StoredObject pod = pod("a", List.of(before));
    Leases.Wanted back =
        new Leases.Wanted(
            new ObjectRef(ResourceKind.NETWORK, "default", "back"),
            List.of("10.91.0.0/24"),
            List.of("10.91.0.1"),
            List.of(),
            List.of("10.91.0.2"),
            null);
    Grant moved = leases.allocate(pod, List.of(wanted("10.90.0.0/24", null)), List.of(before));
    assertThat(((Grant.Granted) moved).all()).contains(before).hasSize(2);
    assertThat(leases.allocate(pod("b", List.of()), List.of(back), List.of()))
        .isInstanceOf(Grant.Refused.class);
    granted(leases.allocate(pod, List.of(wanted("10.90.0.0/24", null)), List.of()));
    assertThat(granted(leases.allocate(pod("b", List.of()), List.of(back), List.of())))
        .containsExactly(before);
  }

  @Test
  void givesANewAddressWhenTheSubnetHasChanged() {
    Leases leases = Leases.of(new ListCache());
    StoredObject pod = pod("a", List.of(new Lease("front", List.of("10.90.0.2/24"))));
    assertThat(granted(leases.allocate(pod, List.of(wanted("10.91.0.0/24", null)), List.of())))
        .containsExactly(new Lease("front", List.of("10.91.0.2/24")));
  }

  @Test
  void knowsWhichSubnetsOverlapInBothFamilies() {
    assertThat(Cidr.parse("10.0.0.0/8").overlaps(Cidr.parse("10.9.0.0/16"))).isTrue();
    assertThat(Cidr.parse("10.0.0.0/16").overlaps(Cidr.parse("10.1.0.0/16"))).isFalse();
    assertThat(Cidr.parse("fd00::/64").overlaps(Cidr.parse("fd00::/48"))).isTrue();
    assertThat(Cidr.parse("fd00::/64").overlaps(Cidr.parse("0.0.0.0/0"))).isFalse();
    assertThat(Cidr.parse("10.90.0.77/24")).hasToString("10.90.0.0/24");
  }

  @Test
  void looksForAFreeSubnetFromWhereTheUidSays() {
    List<Cidr> taken = List.of(Cidr.parse("10.64.0.0/19"));
    assertThat(AddressPool.freeSubnet(taken, "")).contains(Cidr.parse("10.64.32.0/20"));
    assertThat(AddressPool.freeSubnet(taken, "a")).contains(Cidr.parse("10.70.16.0/20"));
  }

  @Test
  void looksElsewhereWhenTheMachineHasARouteToAWholePool() {
    List<Cidr> routes = new ArrayList<>(List.of(Cidr.parse("10.0.0.0/8")));
    assertThat(AddressPool.freeSubnet(routes, "")).contains(Cidr.parse("172.24.0.0/20"));
    routes.add(Cidr.parse("172.16.0.0/12"));
    assertThat(AddressPool.freeSubnet(routes, "")).contains(Cidr.parse("192.168.128.0/24"));
    routes.add(Cidr.parse("192.168.0.0/16"));
    assertThat(AddressPool.freeSubnet(routes, "")).isEmpty();
  }

  @Test
  void aSubnetOfTheDefaultPoolHoldsFourThousandPods() {
    Leases leases = Leases.of(new ListCache());
    String subnet = AddressPool.freeSubnet(List.of(), "").orElseThrow().toString();
    Wanted one =
        new Wanted(FRONT, List.of(subnet), List.of(gateway(subnet)), List.of(), List.of(), null);
    for (int n = 0; n < 4093; n++) {
      assertThat(leases.allocate(pod("p" + n, List.of()), List.of(one), List.of()))
          .isInstanceOf(Leases.Grant.Granted.class);
    }
    assertThat(leases.allocate(pod("one-more", List.of()), List.of(one), List.of()))
        .isInstanceOfSatisfying(
            Leases.Grant.Refused.class,
            refused -> assertThat(refused.message()).contains("no free address in " + subnet));
  }

  @Test
  void givesOutOfRangesWhenThereAreAny() {
    Leases leases = Leases.of(new ListCache());
    Wanted some =
        new Wanted(
            FRONT,
            List.of("10.90.0.0/24"),
            List.of(GATEWAY),
            List.of("10.90.0.64/31"),
            List.of(),
            null);
    assertThat(granted(leases.allocate(pod("a", List.of()), List.of(some), List.of())))
        .containsExactly(new Lease("front", List.of("10.90.0.64/24")));
    assertThat(granted(leases.allocate(pod("b", List.of()), List.of(some), List.of())))
        .containsExactly(new Lease("front", List.of("10.90.0.65/24")));
    assertThat(leases.allocate(pod("c", List.of()), List.of(some), List.of()))
        .isInstanceOf(Grant.Refused.class);
    Wanted elsewhere = wanted("10.90.0.0/24", "10.90.0.9");
    granted(leases.allocate(pod("d", List.of()), List.of(elsewhere), List.of()));
  }

  @Test
  void knowsAnAddressHoweverItIsWritten() {
    Leases leases = Leases.of(new ListCache());
    assertThat(
            granted(
                leases.allocate(
                    pod("a", List.of()), List.of(wanted("fd00::/64", "fd00:0::0005")), List.of())))
        .containsExactly(new Lease("front", List.of("fd00::5/64")));
    assertThat(
            leases.allocate(
                pod("b", List.of()), List.of(wanted("fd00::/64", "fd00:0::0005")), List.of()))
        .isInstanceOf(Grant.Refused.class);
  }

  @Test
  void doesNotGiveOutWhatIsNoSingleDevicesOrTheGateways() {
    for (String ip : List.of("10.90.0.0", "10.90.0.1", "10.90.0.255")) {
      assertThat(
              Leases.of(new ListCache())
                  .allocate(pod("a", List.of()), List.of(wanted("10.90.0.0/24", ip)), List.of()))
          .isInstanceOfSatisfying(
              Leases.Grant.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo("AddressReserved"));
    }
  }
}
