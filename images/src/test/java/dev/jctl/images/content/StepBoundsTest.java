package dev.jctl.images.content;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What builds may keep as the disk fills up. */
class StepBoundsTest {
  private static final long GIB = 1L << 30;

  @ParameterizedTest
  @CsvSource({
    "1000, 500, 8, 10", // half of it is free
    "1000, 150, 8, 10", // as full as it may be
    "1000, 100, 120, 10", // 100 too little: 20 may stay, but never more than 10
    "100, 14, 8, 2", // 6 too little
    "100, 14, 3, 0", // all of it is not enough
  })
  void whatIsLackingIsTakenFromTheCache(long total, long usable, long cached, long kept) {
    assertThat(StepCache.Bounds.of(total * GIB, usable * GIB, cached * GIB).bytes() / GIB)
        .isEqualTo(kept);
  }
}
