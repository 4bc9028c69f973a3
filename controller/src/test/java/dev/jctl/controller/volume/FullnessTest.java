package dev.jctl.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.spec.Observed.VolumeUsage;
import dev.jctl.shim.spec.Observed.VolumeUsage.Limit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FullnessTest {
  private static Fullness of(long used, Limit limit) {
    return new Fullness(new VolumeUsage(used, 1000, limit));
  }

  @ParameterizedTest
  @CsvSource({
    "0, MEASURED, BelowLimit",
    "799, MEASURED, BelowLimit",
    "800, MEASURED, NearlyFull",
    "999, MEASURED, NearlyFull",
    "1000, MEASURED, Full",
    "5000, MEASURED, Full",
    "990, FILE_SYSTEM, Full",
    "990, QUOTA, NearlyFull"
  })
  void warnsFromEightyPercentOn(long used, Limit limit, String reason) {
    Fullness fullness = of(used, limit);
    assertThat(fullness.reason()).isEqualTo(reason);
    assertThat(fullness.isWarning()).isEqualTo(!reason.equals("BelowLimit"));
    assertThat(fullness.seen().holds()).isEqualTo(reason.equals("BelowLimit"));
  }

  @Test
  void saysWhoKeepsTheLimitAndWhatToDoWhenNobodyDoes() {
    assertThat(of(1, Limit.QUOTA).message()).contains("project quota");
    assertThat(of(1, Limit.MEASURED).message()).contains("can be exceeded", "driver disk");
  }

  @Test
  void tellsItsUseInStepsSoThatTheStatusIsNotWrittenForEachFile() {
    long mib = 1 << 20;
    assertThat(new Fullness(new VolumeUsage(mib + 1, 100 * mib, Limit.MEASURED)).used())
        .isEqualTo(new Fullness(new VolumeUsage(2 * mib, 100 * mib, Limit.MEASURED)).used())
        .isEqualTo("2048Ki");
    assertThat(new Fullness(new VolumeUsage(64 * mib, 100 * mib, Limit.MEASURED)).used())
        .isEqualTo("64Mi");
  }
}
