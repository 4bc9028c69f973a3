package dev.jctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.junit.jupiter.api.Test;

final class CarriersTest {
  private static final CountDownLatch LOADED = new CountDownLatch(1);

  private final VirtualThreadSchedulerMXBean scheduler =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);

  private static final class First {
    static final boolean IS_LOADED = awaitLoaded();
  }

  private static final class Second {
    static final boolean IS_LOADED = awaitLoaded();
  }

  /** As one waits that loads a class: the carrier waits as well. */
  private static boolean awaitLoaded() {
    try {
      return LOADED.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Test
  void virtualThreadsRunThoughAllCarriersWaitForOneOfThem() throws Exception {
    int before = scheduler.getParallelism();
    try (Carriers _ = Carriers.watch(scheduler, 2, 8)) {
      boolean[] loaded = new boolean[2];
      Thread first = Thread.startVirtualThread(() -> loaded[0] = First.IS_LOADED);
      Thread second = Thread.startVirtualThread(() -> loaded[1] = Second.IS_LOADED);
      while (scheduler.getMountedVirtualThreadCount() < 2) {
        Thread.onSpinWait();
      }
      Thread.startVirtualThread(LOADED::countDown);

      first.join();
      second.join();

      assertThat(loaded).containsExactly(true, true);
    } finally {
      scheduler.setParallelism(before);
    }
  }

  @Test
  void fewCarryThemOnceAllHasStartedAndAsManyAsBeforeWhenAllStops() throws Exception {
    int before = scheduler.getParallelism();
    try {
      try (Carriers _ = Carriers.watch(scheduler, 2, 8)) {
        assertThat(scheduler.getParallelism()).isEqualTo(2);
      }
      assertThat(scheduler.getParallelism()).isEqualTo(8);
    } finally {
      scheduler.setParallelism(before);
    }
  }
}
