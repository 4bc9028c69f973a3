package dev.jctl.shim.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.nftables.Ruleset.Bridge;
import dev.jctl.shim.nftables.Ruleset.Forward;
import dev.jctl.shim.nftables.Ruleset.Reach;
import dev.jctl.shim.nftables.Ruleset.Restricted;
import dev.jctl.shim.nftables.Ruleset.Service;
import dev.jctl.shim.nftables.Ruleset.ServicePort;
import dev.jctl.shim.nftables.Ruleset.Target;
import dev.jctl.shim.spec.Exposure;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RulesetTest {
  private static final Bridge BLUE =
      new Bridge("jb1", Reach.OUTWARD, List.of("10.90.0.0/24"), List.of("10.90.0.1"));
  private static final Forward WEB =
      new Forward("tcp", "0.0.0.0", 80, "10.90.0.2", 8080, Exposure.LOCALHOST);
  private static final Forward DNS =
      new Forward("udp", "127.0.0.1", 53, "10.90.0.3", 53, Exposure.WORLD);

  private static final Rule FORWARD_DROP = Rule.inet("forward", "drop");
  private static final long INET_RULES =
      Skeleton.RULES.stream().filter(rule -> rule.family() == Family.INET).count();

  private static Ruleset of(Forward... forwards) {
    return new Ruleset("jctl_c0ffee00", Set.of(BLUE), Set.of(forwards), Set.of(), Set.of());
  }

  @Test
  void oneMorePortIsOneMoreElement() {
    assertThat(RulesetText.change(of(WEB), of(WEB, DNS)))
        .isEqualTo(
            """
            add element inet jctl_c0ffee00 dnat4 { udp . 127.0.0.1 . 53 : 10.90.0.3 . 53 }
            add element inet jctl_c0ffee00 dnat4_world { udp . 127.0.0.1 . 53 }
            """);
    assertThat(RulesetText.change(of(WEB), of(WEB))).isEmpty();
  }

  /** See {@link Skeleton}: a kernel refuses the whole table for it. */
  @Test
  void noProtocolOfOneByteIsSwappedForASetOfIntervals() {
    List<String> looked =
        Skeleton.SETS.stream()
            .filter(set -> set.type().contains("inet_proto") && set.flags().contains("interval"))
            .flatMap(
                set ->
                    Skeleton.RULES.stream()
                        .map(Rule::text)
                        .filter(text -> text.contains(" @" + set.name() + " "))
                        .map(text -> text.substring(0, text.indexOf(" @" + set.name() + " "))))
            .toList();
    assertThat(looked)
        .hasSize(12)
        .allSatisfy(key -> assertThat(key).contains("ct protocol").doesNotContain("l4proto"));
  }

  @Test
  void aPortThatGoesElsewhereIsReplacedInOneTransaction() {
    Forward moved = new Forward("tcp", "0.0.0.0", 80, "10.90.0.9", 8080, Exposure.LOCALHOST);
    assertThat(RulesetText.change(of(WEB), of(moved)))
        .isEqualTo(
            """
            delete element inet jctl_c0ffee00 any4 { tcp . 80 : 10.90.0.2 . 8080 }
            add element inet jctl_c0ffee00 any4 { tcp . 80 : 10.90.0.9 . 8080 }
            """);
  }

  @Test
  void aNetworkIsElementsToo() {
    Bridge dark =
        new Bridge(
            "jb2",
            Reach.INTERNAL,
            List.of("10.91.0.0/24", "fd00::/64"),
            List.of("10.91.0.1", "fd00::1", "fd00::2"));
    Ruleset more =
        new Ruleset("jctl_c0ffee00", Set.of(BLUE, dark), Set.of(WEB), Set.of(), Set.of());
    assertThat(RulesetText.change(of(WEB), more))
        .isEqualTo(
            """
            add element inet jctl_c0ffee00 bridges { "jb2" }
            add element inet jctl_c0ffee00 internal { "jb2" }
            add element inet jctl_c0ffee00 within { "jb2" . "jb2" }
            add element inet jctl_c0ffee00 gateways6 { "jb2" : fd00::1 }
            add element inet jctl_c0ffee00 subnets4 { 10.91.0.0/24 }
            add element inet jctl_c0ffee00 subnets6 { fd00::/64 }
            """);
  }

  @Test
  void aListingIsComparedByElementsAndRules() {
    Listing listing =
        Listing.parse(
            """
            {"nftables": [
              {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
              {"table": {"family": "inet", "name": "jctl_c0ffee00", "handle": 1}},
              {"set": {"name": "bridges", "type": "ifname", "elem": ["jb1"]}},
              {"set": {"name": "within", "type": ["ifname", "ifname"],
                       "elem": [{"concat": ["jb1", "jb1"]}, {"concat": ["jb9", "jb9"]}]}},
              {"map": {"name": "gateways6", "type": "ifname", "map": "ipv6_addr",
                       "elem": [["jb9", "fd00::1"]]}},
              {"set": {"name": "subnets4", "type": "ipv4_addr", "flags": ["interval"],
                       "elem": [{"prefix": {"addr": "10.90.0.0", "len": 24}}]}},
              {"map": {"name": "any4", "type": ["inet_proto", "inet_service"],
                       "map": "ipv4_addr . inet_service",
                       "elem": [[{"concat": ["tcp", 80]}, {"concat": ["10.90.0.2", 8080]}]]}},
              {"rule": {"chain": "forward", "comment": "%s", "expr": [{"drop": null}]}}
            ]}
            """
                .formatted(FORWARD_DROP.mark()));
    assertThat(listing.differenceFrom(of(WEB, DNS)))
        .filteredOn(words -> words.startsWith("element"))
        .containsExactly(
            "element not ours in within: \"jb9\" . \"jb9\"",
            "element not ours in gateways6: \"jb9\" : fd00::1",
            "element missing in outward4: 10.90.0.0/24",
            "element missing in dnat4: udp . 127.0.0.1 . 53 : 10.90.0.3 . 53",
            "element missing in dnat4_world: udp . 127.0.0.1 . 53");
    assertThat(listing.differenceFrom(of(WEB)))
        .filteredOn(words -> words.startsWith("rule"))
        .hasSize((int) INET_RULES - 1)
        .doesNotContain("rule missing in chain forward: drop");
  }

  @Test
  void rulesAreToldApartByTheirMarks() {
    assertThat(Skeleton.RULES.stream().map(Rule::mark)).doesNotHaveDuplicates();
  }

  private static Ruleset serving(Target... targets) {
    return serving(0, targets);
  }

  private static Ruleset sticky(Target... targets) {
    return serving(600, targets);
  }

  private static Ruleset serving(int stickySeconds, Target... targets) {
    ServicePort http =
        new ServicePort("service_1", "tcp", 80, 30_080, stickySeconds, List.of(targets), null);
    Service web = new Service(List.of("10.96.0.10"), List.of(), List.of(http), Exposure.NETWORK);
    return new Ruleset("jctl_c0ffee00", Set.of(BLUE), Set.of(), Set.of(web), Set.of());
  }

  private static final ServicePort HTTP_OF_TWO =
      new ServicePort(
          "service_1",
          "tcp",
          80,
          30_080,
          0,
          List.of(new Target("10.90.0.2", 8080), new Target("10.90.0.3", 8080)),
          null);

  @Test
  void aTargetMoreIsOneChainAnew() {
    Target first = new Target("10.90.0.2", 8080);
    Target second = new Target("10.90.0.3", 8080);
    assertThat(RulesetText.change(serving(first), serving(first, second)))
        .isEqualTo(
            """
            add chain inet jctl_c0ffee00 service_1
            flush chain inet jctl_c0ffee00 service_1
            add rule inet jctl_c0ffee00 service_1 meta l4proto tcp dnat ip to numgen random mod 2 map \
            { 0 : 10.90.0.2 . 8080, 1 : 10.90.0.3 . 8080 } comment "%s"
            """
                .formatted(ServiceRules.of(HTTP_OF_TWO).getFirst().mark()));
  }

  @Test
  void clientsThatAreToKeepTheirTargetAreKnownForSoLong() {
    Target first = new Target("10.90.0.2", 8080);
    Target second = new Target("fd00::2", 8080);
    Target third = new Target("fd00::3", 8080);
    String change = RulesetText.change(sticky(first, third), sticky(first, second, third));
    assertThat(change)
        .startsWith(
            """
            add set inet jctl_c0ffee00 service_1_10.90.0.2_8080 { type ipv4_addr; size 65536; \
            flags dynamic,timeout; }
            add set inet jctl_c0ffee00 service_1_fd00--2_8080 { type ipv6_addr; size 65536; \
            flags dynamic,timeout; }
            """)
        .contains(
            " meta l4proto tcp ip6 saddr @service_1_fd00--2_8080 update @service_1_fd00--2_8080"
                + " { ip6 saddr timeout 600s } dnat ip6 to [fd00::2]:8080 comment",
            " meta l4proto tcp meta nfproto ipv6 numgen random mod 2 0 update"
                + " @service_1_fd00--2_8080 { ip6 saddr timeout 600s } dnat ip6 to",
            " meta l4proto tcp meta nfproto ipv6 update @service_1_fd00--3_8080");
    assertThat(RulesetText.change(sticky(first, second), sticky(first)))
        .endsWith("delete set inet jctl_c0ffee00 service_1_fd00--2_8080\n");
    assertThat(RulesetText.change(sticky(first), serving(first)))
        .endsWith("delete set inet jctl_c0ffee00 service_1_10.90.0.2_8080\n");
  }

  @Test
  void whereNobodyIsReadyTheAddressStaysAndLeadsNowhere() {
    assertThat(RulesetText.change(serving(new Target("10.90.0.2", 8080)), serving()))
        .isEqualTo(
            """
            add chain inet jctl_c0ffee00 service_1
            flush chain inet jctl_c0ffee00 service_1
            delete element inet jctl_c0ffee00 services4 { tcp . 10.96.0.10 . 80 : goto service_1 }
            delete element inet jctl_c0ffee00 nodeports { tcp . 30080 : goto service_1 }
            delete element inet jctl_c0ffee00 nodeports_network { tcp . 30080 }
            """);
  }

  @Test
  void aServiceThatGoesTakesItsChainAlong() {
    assertThat(RulesetText.change(serving(new Target("10.90.0.2", 8080)), of()))
        .contains("delete element inet jctl_c0ffee00 virtual4 { 10.96.0.10 }\n")
        .endsWith("delete chain inet jctl_c0ffee00 service_1\n");
  }

  @Test
  void aRestrictionBringsTheTableOfBridges() {
    Restricted closed = new Restricted("10.90.0.2", "02:6a:00:00:00:01", List.of(), null);
    Ruleset restricting =
        new Ruleset("jctl_c0ffee00", Set.of(BLUE), Set.of(), Set.of(), Set.of(closed));
    assertThat(RulesetText.replace(of(), restricting))
        .contains("table bridge jctl_c0ffee00 {\n")
        .contains("add element bridge jctl_c0ffee00 through4 { 10.90.0.2 : 02:6a:00:00:00:01 }\n")
        .contains("add element inet jctl_c0ffee00 limited_in4 { 10.90.0.2 }\n");
    assertThat(RulesetText.replace(restricting, of()))
        .contains("delete table bridge jctl_c0ffee00\n")
        .doesNotContain("\ntable bridge");
  }
}
