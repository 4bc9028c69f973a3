package dev.jctl.shim.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.nftables.Ruleset.Box;
import dev.jctl.shim.spec.Restriction.Allowed;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestrictionPlannerTest {
  private static Allowed tcp(String first, String last, int from, int to) {
    return new Allowed(first, last, "TCP", from, to);
  }

  private static List<Box> disjoint(Allowed... allowed) {
    return RestrictionPlanner.disjoint(List.of(allowed), 4);
  }

  @Test
  void rangesThatAreBlocksAreWrittenAsBlocks() {
    assertThat(
            disjoint(
                tcp("10.0.0.0", "10.255.255.255", 80, 80),
                tcp("192.168.0.3", "192.168.0.9", 1, 65_535),
                tcp("192.168.1.1", "192.168.1.1", 53, 53)))
        .containsExactly(
            new Box("10.0.0.0/8", "tcp", "80"),
            new Box("192.168.0.3-192.168.0.9", "tcp", "1-65535"),
            new Box("192.168.1.1", "tcp", "53"));
  }

  @Test
  void whatOverlapsIsCutAndWhatTouchesIsJoined() {
    assertThat(
            disjoint(
                tcp("10.0.0.0", "10.0.0.255", 80, 90),
                tcp("10.0.0.128", "10.0.0.255", 85, 99),
                tcp("10.0.1.0", "10.0.1.255", 80, 99)))
        .containsExactly(
            new Box("10.0.0.0/25", "tcp", "80-90"),
            new Box("10.0.0.128-10.0.1.255", "tcp", "80-99"));
  }

  @Test
  void everythingSwallowsPorts() {
    Allowed all = new Allowed("0.0.0.0", "255.255.255.255", null, 0, 65_535);
    assertThat(disjoint(all, tcp("10.0.0.1", "10.0.0.1", 80, 80)))
        .containsExactly(new Box("0.0.0.0/0", null, ""));
    assertThat(disjoint()).isEmpty();
  }
}
