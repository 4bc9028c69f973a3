package dev.jctl.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LookPauseTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S,    PT30S",
    "PT0.3S,  PT30S",
    "PT0.45S, PT45S",
    "PT2S,    PT200S",
    "PT1M,    PT10M",
  })
  void looksAreAsSeldomAsTheyAreDear(Duration took, Duration pause) {
    assertThat(LookPause.after(took, Duration.ofSeconds(30))).isEqualTo(pause);
  }
}
