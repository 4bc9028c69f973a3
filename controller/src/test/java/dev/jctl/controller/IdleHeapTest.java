package dev.jctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.IdleHeap.Look;
import org.junit.jupiter.api.Test;

final class IdleHeapTest {
  private static final Look COLLECTED = look(48, 30);

  private static Look look(long committed, long used) {
    return new Look(committed << 20, used << 20);
  }

  @Test
  void aHeapThatHasGrownIsCollectedOnceNothingIsDone() {
    assertThat(look(128, 100).isWorthCollecting(look(128, 99), COLLECTED)).isTrue();
  }

  @Test
  void notWhileMuchIsAllocatedOrCollected() {
    assertThat(look(128, 100).isWorthCollecting(look(128, 90), COLLECTED)).isFalse();
    assertThat(look(128, 80).isWorthCollecting(look(128, 100), COLLECTED)).isFalse();
  }

  @Test
  void oneThatIsAsLargeAsAfterTheLastCollectionIsLeftAlone() {
    assertThat(look(50, 46).isWorthCollecting(look(50, 45), COLLECTED)).isFalse();
  }
}
