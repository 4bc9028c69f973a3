package dev.jctl.shim.local;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that nobody waits for, one piece after the other in a thread that ends when there is none.
 * It may block, which the event loop's may not.
 */
final class Chores implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Chores.class);
  private static final int IDLE_SECONDS = 30;

  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1, work -> Thread.ofPlatform().name("chores").daemon().unstarted(work));

  Chores() {
    thread.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    thread.allowCoreThreadTimeOut(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Not after {@link #close}. */
  void after(Duration delay, Runnable work) {
    var _ = thread.schedule(() -> guarded(work), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.warn("{}", e.getMessage(), e);
    }
  }

  /** What has not begun is dropped. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
