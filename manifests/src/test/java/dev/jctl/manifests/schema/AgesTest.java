package dev.jctl.manifests.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgesTest {
  @ParameterizedTest
  @CsvSource({
    "0,0s",
    "119,119s",
    "120,2m",
    "125,2m5s",
    "599,9m59s",
    "600,10m",
    "10799,179m",
    "10800,3h",
    "11100,3h5m",
    "28800,8h",
    "172799,47h",
    "172800,2d",
    "176400,2d1h",
    "691200,8d",
    "63072000,2y"
  })
  void agesAreShortAsInKubectl(long seconds, String text) {
    assertThat(Ages.human(Duration.ofSeconds(seconds))).isEqualTo(text);
  }

  @Test
  void ofWhatIsNoTimeTheAgeIsUnknown() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(Ages.since("2025-12-31T23:59:00Z", now)).isEqualTo("60s");
    assertThat(Ages.since("", now)).isEqualTo("<unknown>");
    assertThat(Ages.since("yesterday", now)).isEqualTo("<unknown>");
  }
}
