package dev.jctl.controller;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many threads of the machine's carry the virtual ones. Many, as the JVM was told ({@code
 * jdk.virtualThreadScheduler.parallelism}), leave the processors to all in turn, however long each
 * has to do. But when a hundred want to write at once, more gets done by as few carriers as there
 * are processors: with many, one is put aside for others in the midst of what all of them wait for.
 * So there are few while more virtual threads want to run than that, and each of them soon does.
 *
 * <p>With few, two that unpack images would keep all others waiting; and one that waits for a class
 * to be loaded keeps its carrier, so that nothing would go on any more once all carriers waited for
 * what a virtual thread without one is to do.
 */
final class Carriers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Carriers.class);
  private static final int LEAST = 2;

  /** Seldom, as long as there is little to do: a process that is idle shall not wake up. */
  private static final Duration BETWEEN_LOOKS_WITH_MANY = Duration.ofSeconds(1);

  private static final Duration BETWEEN_LOOKS_WITH_FEW = Duration.ofMillis(100);

  /** So many looks in a row at which few would do, and there are many again. */
  private static final int QUIET_LOOKS = 20;

  /** Longer than those that have little to do wait for each other, and than a collection takes. */
  private static final Duration STANDSTILL = Duration.ofMillis(250);

  /** Whoever kept the carriers is likely not to be done. */
  private static final Duration AFTER_STANDSTILL = Duration.ofMinutes(1);

  private final VirtualThreadSchedulerMXBean scheduler;
  private final int few;
  private final int many;

  /** Of the machine's: virtual ones may be what does not run. */
  private final Thread thread = Thread.ofPlatform().name("carriers").daemon().unstarted(this::run);

  private Carriers(VirtualThreadSchedulerMXBean scheduler, int few) {
    this.scheduler = scheduler;
    this.few = few;
    this.many = scheduler.getParallelism();
  }

  static Carriers watch() {
    return watch(
        ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class),
        Math.max(LEAST, Runtime.getRuntime().availableProcessors()));
  }

  static Carriers watch(VirtualThreadSchedulerMXBean scheduler, int few) {
    Carriers carriers = new Carriers(scheduler, few);
    carriers.thread.start();
    return carriers;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(BETWEEN_LOOKS_WITH_MANY);
        if (few < many && wantsMoreThanFew()) {
          scheduler.setParallelism(few);
          boolean stoodStill = standsStillBeforeQuiet();
          scheduler.setParallelism(many);
          if (stoodStill) {
            LOG.debug("no virtual thread ran for {} ms", STANDSTILL.toMillis());
            Thread.sleep(AFTER_STANDSTILL);
          }
        }
      }
    } catch (InterruptedException e) {
      scheduler.setParallelism(many);
    }
  }

  private boolean wantsMoreThanFew() {
    return scheduler.getMountedVirtualThreadCount() + scheduler.getQueuedVirtualThreadCount() > few;
  }

  /** Waits for either; with few. */
  private boolean standsStillBeforeQuiet() throws InterruptedException {
    for (int quiet = 0; quiet < QUIET_LOOKS; quiet = wantsMoreThanFew() ? 0 : quiet + 1) {
      if (!runs()) {
        return true;
      }
      Thread.sleep(BETWEEN_LOOKS_WITH_FEW);
    }
    return false;
  }

  /** Whether a virtual thread that waits for nothing does. */
  private static boolean runs() throws InterruptedException {
    CountDownLatch ran = new CountDownLatch(1);
    Thread.startVirtualThread(ran::countDown);
    return ran.await(STANDSTILL.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
