package dev.jctl.controller.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProbeStateTest {
  private static ProbeState run(ProbeSpec spec, String results) {
    ProbeState state = ProbeState.initial(spec.kind());
    for (int i = 0; i < results.length(); i++) {
      ProbeResult result =
          results.charAt(i) == '+' ? new ProbeResult.Success() : new ProbeResult.Failure("refused");
      state = state.after(spec, result);
    }
    return state;
  }

  private static ProbeSpec spec(ProbeSpec.Kind kind, int successes, int failures) {
    return new ProbeSpec(
        kind,
        new ProbeSpec.Check.Tcp("127.0.0.1", 80),
        Duration.ZERO,
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        successes,
        failures);
  }

  @Test
  void changesItsVerdictOnlyAfterAThresholdOfEqualResultsInARow() {
    ProbeSpec readiness = spec(ProbeSpec.Kind.READINESS, 2, 3);
    assertThat(run(readiness, "").passing()).isFalse();
    assertThat(run(readiness, "+").passing()).isFalse();
    assertThat(run(readiness, "+-+").passing()).isFalse();
    assertThat(run(readiness, "++").passing()).isTrue();
    assertThat(run(readiness, "++--+--").passing()).isTrue();
    assertThat(run(readiness, "++---").passing()).isFalse();
    assertThat(run(readiness, "++---+-++").passing()).isTrue();
  }

  @Test
  void asksForARestartWhenLivenessOrStartupHasUsedUpItsFailures() {
    ProbeSpec liveness = spec(ProbeSpec.Kind.LIVENESS, 1, 2);
    assertThat(run(liveness, "").passing()).isTrue();
    assertThat(run(liveness, "-+-").exhausted(liveness)).isFalse();
    assertThat(run(liveness, "--").exhausted(liveness)).isTrue();
    assertThat(run(liveness, "--").message()).isEqualTo("refused");
    ProbeSpec startup = spec(ProbeSpec.Kind.STARTUP, 1, 3);
    assertThat(run(startup, "--").exhausted(startup)).isFalse();
    assertThat(run(startup, "---").exhausted(startup)).isTrue();
    assertThat(run(startup, "--+").exhausted(startup)).isFalse();
  }
}
