package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One step of each of pull, build and collection; {@code bench/kills} without a bound does all. */
final class StepsKilledPrivilegedIT {
  @Test
  void whatIsKilledBeforeAStepComesToItsEndByItself() {
    Ran swept =
        Bench.run(
            Duration.ofMinutes(5),
            List.of("cc", "docker-registry", "jq", "curl"),
            "kills",
            "1",
            // not of the store's own housekeeping, which is not done each time
            "images/|layers/|containers/");

    assertThat(swept.ok().out())
        .containsPattern("pull +1 kills survived")
        .containsPattern("build +1 kills survived")
        .containsPattern("collect +1 kills survived");
  }
}
