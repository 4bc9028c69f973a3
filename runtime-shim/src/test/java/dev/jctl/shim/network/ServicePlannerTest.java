package dev.jctl.shim.network;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.ServiceSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServicePlannerTest {
  private static ServiceSpec service(int targets, Exposure exposure) {
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
        0,
        exposure,
        List.of(),
        null);
  }

  @Test
  void refusesAnExposureThatIsNoBlock() {
    Exposure wrong = Exposure.to(List.of("here"));
    assertThatThrownBy(() -> ServicePlanner.rules(service(1, wrong)))
        .hasMessageStartingWith("service ns.web: exposed to ");
  }
}
