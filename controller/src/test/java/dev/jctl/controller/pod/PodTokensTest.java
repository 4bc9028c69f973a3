package dev.jctl.controller.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.config.ProjectedToken;
import dev.jctl.controller.config.ProjectedTokens;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodTokensTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void aTokenIsRenewedAfterFourFifthsOfItsLifeAndOnceADay() {
    assertThat(PodTokens.renewal(BEGIN, Duration.ofMinutes(10))).isEqualTo("2026-01-01T00:08:00Z");
    assertThat(PodTokens.renewal(BEGIN, Duration.ofHours(30))).isEqualTo("2026-01-02T00:00:00Z");
    assertThat(PodTokens.renewal(BEGIN, Duration.ofDays(365))).isEqualTo("2026-01-02T00:00:00Z");
  }

  @Test
  void printsNoToken() {
    assertThat(
            new ProjectedTokens(
                Map.of(new ProjectedToken("vault", Duration.ofMinutes(10)), "ey.secret"),
                Optional.of(BEGIN)))
        .asString()
        .contains("vault")
        .doesNotContain("ey.");
  }
}
