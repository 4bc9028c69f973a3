package dev.jctl.shim.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.plan.LaunchContext;
import dev.jctl.shim.plan.LaunchPlanner;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomConfigsTest {
  private static final LaunchContext CONTEXT =
      new LaunchContext(
          List.of(),
          Set.of(),
          List.of("/cgroups/memory/c/tasks"),
          List.of("memory"),
          -1,
          Map.of(),
          Map.of("read", 0, "arch_prctl", 158),
          List.of(),
          "",
          0);

  @Test
  void anyConfigurationGivesAPlanOrANamedError() {
    int planned = 0;
    for (long seed = 0; seed < 5_000; seed++) {
      String config = new RandomConfigs(seed).mutated(Reports.defaultConfig());
      try {
        Bundle bundle = Bundle.parse(Path.of("/bundle"), "config.json", config);
        assertThat(
                LaunchPlanner.standing(bundle.spec(), CONTEXT, LaunchPlanner.Stop.NEVER).records())
            .isNotEmpty();
        planned++;
      } catch (RuntimeFailure named) {
        assertThat(named.getMessage()).as("seed %d", seed).isNotBlank();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + config, e);
      }
    }
    // neither is a rare exception
    assertThat(planned).isBetween(500, 4_500);
  }
}
