package dev.jctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.IdleHeap.Look;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class IdleHeapTest {
  private static final Look COLLECTED = look(48, 1000);

  private static Look look(long heapMib, long processorMillis) {
    return new Look(heapMib << 20, Duration.ofMillis(processorMillis));
  }

  @Test
  void aHeapThatHasGrownIsCollectedOnceNothingIsDone() {
    assertThat(look(128, 5100).isWorthCollecting(look(128, 5000), COLLECTED)).isTrue();
  }

  @Test
  void notWhileMuchIsDone() {
    assertThat(look(128, 6000).isWorthCollecting(look(128, 5000), COLLECTED)).isFalse();
  }

  @Test
  void oneThatIsAsLargeAsAfterTheLastCollectionIsLeftAlone() {
    assertThat(look(50, 5100).isWorthCollecting(look(50, 5000), COLLECTED)).isFalse();
  }
}
