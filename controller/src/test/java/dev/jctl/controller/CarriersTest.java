package dev.jctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class CarriersTest {
  private static final CountDownLatch LOADED = new CountDownLatch(1);
  private static final int FEW = 2;
  private static final int MANY = 8;

  private final VirtualThreadSchedulerMXBean scheduler =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
  private final int before = scheduler.getParallelism();

  @BeforeEach
  void many() {
    scheduler.setParallelism(MANY);
  }

  @AfterEach
  void asBefore() {
    scheduler.setParallelism(before);
  }

  @Test
  void fewAreThereWhileManyWantToRunAndManyAfterwards() throws InterruptedException {
    AtomicBoolean enough = new AtomicBoolean();
    try (Carriers _ = Carriers.watch(scheduler, FEW)) {
      List<Thread> busy = new ArrayList<>();
      for (int i = 0; i < 2 * MANY; i++) {
        busy.add(Thread.startVirtualThread(() -> yieldUntil(enough)));
      }
      awaitCarriers(FEW);
      enough.set(true);
      for (Thread thread : busy) {
        thread.join();
      }
      awaitCarriers(MANY);
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // as one does that waits for others a little
  private static void yieldUntil(AtomicBoolean enough) {
    while (!enough.get()) {
      Thread.yield();
    }
  }

  private void awaitCarriers(int expected) {
    while (scheduler.getParallelism() != expected) {
      Thread.onSpinWait();
    }
  }

  private static final class First {
    static final boolean IS_LOADED = awaitLoaded();
  }

  private static final class Second {
    static final boolean IS_LOADED = awaitLoaded();
  }

  private static final class Third {
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
  void virtualThreadsRunThoughAllFewCarriersWaitForOneOfThem() throws InterruptedException {
    try (Carriers _ = Carriers.watch(scheduler, FEW)) {
      boolean[] loaded = new boolean[3];
      List<Thread> loading =
          List.of(
              Thread.startVirtualThread(() -> loaded[0] = First.IS_LOADED),
              Thread.startVirtualThread(() -> loaded[1] = Second.IS_LOADED),
              Thread.startVirtualThread(() -> loaded[2] = Third.IS_LOADED));
      awaitCarriers(FEW);

      Thread.startVirtualThread(LOADED::countDown);

      for (Thread thread : loading) {
        thread.join();
      }
      assertThat(loaded).containsExactly(true, true, true);
    }
  }
}
