package dev.jctl.shim.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.nftables.Ruleset.Bridge;
import dev.jctl.shim.nftables.Ruleset.Forward;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RulesetTest {
  private static final Bridge BLUE = new Bridge("jb1", false, List.of("10.90.0.0/24"));
  private static final Forward WEB = new Forward("tcp", "0.0.0.0", 80, "10.90.0.2", 8080);
  private static final Forward DNS = new Forward("udp", "127.0.0.1", 53, "10.90.0.3", 53);

  private static Ruleset of(Forward... forwards) {
    return new Ruleset("jctl_c0ffee00", Set.of(BLUE), Set.of(forwards));
  }

  @Test
  void oneMorePortIsOneMoreElement() {
    assertThat(RulesetText.change(of(WEB), of(WEB, DNS)))
        .isEqualTo(
            "add element inet jctl_c0ffee00 dnat4 { udp . 127.0.0.1 . 53 : 10.90.0.3 . 53 }\n");
    assertThat(RulesetText.change(of(WEB), of(WEB))).isEmpty();
  }

  @Test
  void aPortThatGoesElsewhereIsReplacedInOneTransaction() {
    Forward moved = new Forward("tcp", "0.0.0.0", 80, "10.90.0.9", 8080);
    assertThat(RulesetText.change(of(WEB), of(moved)))
        .isEqualTo(
            """
            delete element inet jctl_c0ffee00 any4 { tcp . 80 : 10.90.0.2 . 8080 }
            add element inet jctl_c0ffee00 any4 { tcp . 80 : 10.90.0.9 . 8080 }
            """);
  }

  @Test
  void aNetworkIsElementsToo() {
    Ruleset more =
        new Ruleset(
            "jctl_c0ffee00",
            Set.of(BLUE, new Bridge("jb2", true, List.of("10.91.0.0/24", "fd00::/64"))),
            Set.of(WEB));
    assertThat(RulesetText.change(of(WEB), more))
        .isEqualTo(
            """
            add element inet jctl_c0ffee00 bridges { "jb2" }
            add element inet jctl_c0ffee00 internal { "jb2" }
            add element inet jctl_c0ffee00 within { "jb2" . "jb2" }
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
              {"set": {"name": "subnets4", "type": "ipv4_addr", "flags": ["interval"],
                       "elem": [{"prefix": {"addr": "10.90.0.0", "len": 24}}]}},
              {"map": {"name": "any4", "type": ["inet_proto", "inet_service"],
                       "map": "ipv4_addr . inet_service",
                       "elem": [[{"concat": ["tcp", 80]}, {"concat": ["10.90.0.2", 8080]}]]}},
              {"rule": {"chain": "forward", "comment": "%s", "expr": [{"drop": null}]}}
            ]}
            """
                .formatted(RulesetText.RULES.getLast().mark()));
    assertThat(listing.differenceFrom(of(WEB, DNS)))
        .filteredOn(words -> words.startsWith("element"))
        .containsExactly(
            "element missing in dnat4: udp . 127.0.0.1 . 53 : 10.90.0.3 . 53",
            "element missing in outward4: 10.90.0.0/24",
            "element not ours in within: \"jb9\" . \"jb9\"");
    assertThat(listing.differenceFrom(of(WEB)))
        .filteredOn(words -> words.startsWith("rule"))
        .hasSize(RulesetText.RULES.size() - 1)
        .doesNotContain("rule missing in chain forward: drop");
  }

  @Test
  void rulesAreToldApartByTheirMarks() {
    assertThat(RulesetText.marks()).hasSameSizeAs(RulesetText.RULES);
  }
}
