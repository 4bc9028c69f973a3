package dev.jctl.shim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.nftables.Ruleset.Target;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.ServiceSpec;
import dev.jctl.shim.spec.ServiceSpec.Affinity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ServicePlannerTest {
  private static ServiceSpec service(int targets, Affinity affinity, Exposure exposure) {
    List<ServiceSpec.Target> all = new ArrayList<>();
    for (int i = 0; i < targets; i++) {
      all.add(new ServiceSpec.Target("10.90.0." + (2 + i), 8080));
    }
    return new ServiceSpec(
        "ns.web",
        "web.ns.svc.cluster.local",
        List.of(),
        List.of("10.96.0.10"),
        List.of(new ServiceSpec.Port("", "TCP", 80, 0, all)),
        List.of(),
        null,
        affinity,
        exposure);
  }

  private static List<Target> slots(int targets) {
    return ServicePlanner.rules(service(targets, Affinity.CLIENT_IP, Exposure.LOCALHOST))
        .orElseThrow()
        .ports()
        .getFirst()
        .slots();
  }

  @Test
  void aTargetThatComesMovesNoClientButThoseThatItGets() {
    List<Target> four = slots(4);
    List<Target> five = slots(5);
    Target added = new Target("10.90.0.6", 8080);
    for (int i = 0; i < five.size(); i++) {
      assertThat(five.get(i)).isIn(four.get(i), added);
    }
    assertThat(five).contains(added);
  }

  @Test
  void clientsAreSpreadOverTheTargets() {
    Map<Target, Long> shares =
        slots(4).stream()
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    assertThat(shares).hasSize(4);
    assertThat(shares.values()).allMatch(share -> share >= 16 && share <= 56);
  }

  @Test
  void refusesAnExposureThatIsNoBlock() {
    Exposure wrong = Exposure.to(List.of("here"));
    assertThatThrownBy(() -> ServicePlanner.rules(service(1, Affinity.NONE, wrong)))
        .hasMessageStartingWith("service ns.web: exposed to ");
  }
}
