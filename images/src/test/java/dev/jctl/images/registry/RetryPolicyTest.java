package dev.jctl.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7                              | 7",
        "Thu, 01 Jan 2026 00:00:09 GMT  | 9",
        "Wed, 31 Dec 2025 00:00:00 GMT  |",
        "soon                           |",
        "-1                             |",
        "99999999999999999999           |",
      })
  void readsHowLongToWait(String header, Integer seconds) {
    assertThat(RetryPolicy.retryAfter(header, NOW))
        .isEqualTo(Optional.ofNullable(seconds).map(Duration::ofSeconds));
  }

  @Test
  void waitsLongerEachTimeAndAsLongAsItIsAskedToButNotForEver() {
    RetryPolicy policy = new RetryPolicy(3, Duration.ofSeconds(1), 1);
    assertThat(policy.delay(1, Optional.empty())).contains(Duration.ofSeconds(1));
    assertThat(policy.delay(2, Optional.empty())).contains(Duration.ofSeconds(4));
    assertThat(policy.delay(1, Optional.of(Duration.ofSeconds(9)))).contains(Duration.ofSeconds(9));
    assertThat(policy.delay(1, Optional.of(Duration.ofDays(9)))).contains(Duration.ofSeconds(30));
    assertThat(policy.delay(3, Optional.empty())).isEmpty();
  }

  @Test
  void aMebibyteIsWorthGoingOnHoweverLargeAnUploadsPiecesAre() {
    assertThat(RetryPolicy.DEFAULT.isGoodDeal(1 << 20)).isTrue();
    assertThat(RetryPolicy.DEFAULT.isGoodDeal((1 << 20) - 1)).isFalse();
    assertThat(new RetryPolicy(3, Duration.ofSeconds(1), 1000).isGoodDeal(1000)).isTrue();
  }
}
