package dev.jctl.shim.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.supervise.IdleHeap.Look;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class IdleHeapTest {
  private static final Look COLLECTED = look(48, 1000);

  private static Look look(long heapMib, long processorMillis) {
    return new Look(heapMib << 20, Duration.ofMillis(processorMillis));
  }

  @Test
  void aHeapThatHasGrownIsCollectedOnceNothingIsDone() {
    assertThat(look(128, 5100).isIdle(look(128, 5000))).isTrue();
    assertThat(look(128, 5100).isWorthCollecting(COLLECTED)).isTrue();
  }

  @Test
  void notWhileMuchIsDone() {
    assertThat(look(55, 6000).isIdle(look(55, 5000))).isFalse();
    assertThat(look(55, 6000).hasGrown(COLLECTED)).isFalse();
  }

  @Test
  void oneThatHasGrownALotIsCollectedWhateverIsDone() {
    assertThat(look(56, 6000).hasGrown(COLLECTED)).isTrue();
    assertThat(look(220, 6000).hasGrown(look(200, 1000))).isFalse();
  }

  @Test
  void oneThatHasDoubledIsCollectedAtOnce() {
    assertThat(look(112, 6000).hasDoubled(COLLECTED)).isTrue();
    assertThat(look(100, 6000).hasDoubled(COLLECTED)).isFalse();
    assertThat(look(350, 6000).hasDoubled(look(200, 1000))).isFalse();
  }

  @Test
  void oneThatIsAsLargeAsAfterTheLastCollectionIsLeftAlone() {
    assertThat(look(50, 5100).isWorthCollecting(COLLECTED)).isFalse();
  }
}
