package dev.jctl.controller;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many threads of the machine's carry the virtual ones. As few as there are processors do most:
 * with many, whoever writes is put aside for others in the midst of what all of them wait for. But
 * a virtual thread that waits for a class to be loaded, for one, keeps its carrier, and when all
 * carriers wait for what a virtual thread without one is to do, nothing goes on any more. So there
 * are as many as the JVM was told ({@code jdk.virtualThreadScheduler.parallelism}) while the engine
 * starts, few when it has started, and many again when a virtual thread that waits for nothing does
 * not run.
 */
final class Carriers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Carriers.class);
  private static final int LEAST = 2;
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /** Longer than virtual threads wait for each other where much is asked of few processors. */
  private static final Duration STANDSTILL = Duration.ofMillis(500);

  /** What made all carriers wait is likely to do so again. */
  private static final Duration MANY_FOR = Duration.ofMinutes(10);

  private final VirtualThreadSchedulerMXBean scheduler;
  private final int few;
  private final int many;

  /** Of the machine's: virtual ones may be what does not run. */
  private final Thread thread = Thread.ofPlatform().name("carriers").daemon().unstarted(this::run);

  private Carriers(VirtualThreadSchedulerMXBean scheduler, int few, int many) {
    this.scheduler = scheduler;
    this.few = few;
    this.many = many;
  }

  /** To be called when all has started. */
  static Carriers watch() {
    VirtualThreadSchedulerMXBean scheduler =
        ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    int many = scheduler.getParallelism();
    int few = Math.max(LEAST, Runtime.getRuntime().availableProcessors());
    return watch(scheduler, Math.min(few, many), many);
  }

  static Carriers watch(VirtualThreadSchedulerMXBean scheduler, int few, int many) {
    Carriers carriers = new Carriers(scheduler, few, many);
    scheduler.setParallelism(few);
    carriers.thread.start();
    return carriers;
  }

  private void run() {
    try {
      while (true) {
        scheduler.setParallelism(few);
        while (runs()) {
          Thread.sleep(BETWEEN_LOOKS);
        }
        LOG.info("no virtual thread ran for half a second: {} carriers, not {}", many, few);
        scheduler.setParallelism(many);
        Thread.sleep(MANY_FOR);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a virtual thread that waits for nothing does. */
  private static boolean runs() throws InterruptedException {
    CountDownLatch ran = new CountDownLatch(1);
    Thread.startVirtualThread(ran::countDown);
    return ran.await(STANDSTILL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What stops may wait for much at once, as what starts does. */
  @Override
  public void close() {
    thread.interrupt();
    scheduler.setParallelism(many);
  }
}
