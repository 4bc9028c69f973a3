package dev.jctl.shim.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriftListenerTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S,     PT0.02S",
    "PT0.001S, PT0.05S",
    "PT0.003S, PT0.15S",
    "PT1S,     PT0.2S",
  })
  void theDearerALookTheMoreChangesItIsFor(Duration look, Duration settle) {
    assertThat(DriftListener.settle(look)).isEqualTo(settle);
  }
}
