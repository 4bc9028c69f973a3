package dev.jctl.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class EventRingTest {
  private static final int CAPACITY = 4;

  private final EventRing ring = new EventRing(CAPACITY, 0);

  private void publish(long revision, int bytes) {
    Entry entry = new Entry(Key.of("/a"), new byte[bytes], 1, revision);
    Watch.Event event = new Watch.Event(Watch.Event.Type.PUT, entry, null);
    ring.publish(List.of(new Watch.Batch(List.of(event), revision)));
  }

  private boolean has(long after) {
    return ring.after(after).isPresent();
  }

  @Test
  void dropsWhatIsBeyondItsCapacityWhenAllHaveReadIt() {
    EventRing.Place place = ring.place("/", 0, () -> {});
    for (int revision = 1; revision <= 10; revision++) {
      place.moveTo(revision - 1);
      publish(revision, 1);
    }
    assertThat(has(10 - CAPACITY)).isTrue();
    assertThat(has(10 - CAPACITY - 1)).isFalse();
  }

  @Test
  void keepsWhatSomebodyHasYetToReadUntilItIsReadOrItsReaderHasLeft() {
    EventRing.Place place = ring.place("/", 0, () -> {});
    for (int revision = 1; revision <= 100; revision++) {
      publish(revision, 1);
    }
    assertThat(ring.after(0).orElseThrow()).hasSize(100);
    place.moveTo(50);
    publish(101, 1);
    assertThat(has(50)).isTrue();
    assertThat(has(49)).isFalse();
    ring.leave(place);
    publish(102, 1);
    assertThat(has(50)).isFalse();
  }

  @Test
  void keepsNoMoreThanAFewMegabytesForOneWhoDoesNotRead() {
    ring.place("/", 0, () -> {});
    for (int revision = 1; revision <= 20; revision++) {
      publish(revision, 1 << 20);
    }
    assertThat(has(0)).isFalse();
    assertThat(has(19)).isTrue();
  }

  @Test
  void keepsNothingForWhomNothingConcerns() {
    ring.place("/b", 0, () -> {});
    for (int revision = 1; revision <= 10; revision++) {
      publish(revision, 1);
    }
    assertThat(has(10 - CAPACITY - 1)).isFalse();
  }
}
