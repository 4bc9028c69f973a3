package dev.jctl.controller.queue;

import dev.jctl.controller.resources.ObjectRef;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works off the queue of one kind on at most {@code workers} virtual threads. An idle loop has no
 * thread.
 */
public final class ControlLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlLoop.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(200), Duration.ofMinutes(1));
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final String name;
  private final int workers;
  private final Reconciler reconciler;
  private final Predicate<RuntimeException> expected;
  private final ScheduledExecutorService timer;
  private final WorkQueue<ObjectRef> queue = new WorkQueue<>();
  private final Map<ObjectRef, Delayed> delayed = new ConcurrentHashMap<>();
  private final Object lock = new Object();
  private int active;
  private boolean started;
  private boolean closed;

  private record Delayed(long dueNanos, ScheduledFuture<?> future) {}

  /**
   * @param expected failures that say all there is to say: logged without their stack
   * @param timer stays the caller's; nothing runs on it but the adding of keys
   */
  public ControlLoop(
      String name,
      int workers,
      Reconciler reconciler,
      Predicate<RuntimeException> expected,
      ScheduledExecutorService timer) {
    this.name = name;
    this.workers = workers;
    this.reconciler = reconciler;
    this.expected = expected;
    this.timer = timer;
  }

  /** Keys may be added before; work begins now. */
  public void start() {
    synchronized (lock) {
      started = true;
    }
    pump();
  }

  public void enqueue(ObjectRef ref) {
    queue.add(ref);
    pump();
  }

  /** Of several delays of one object, the earliest counts. */
  public void enqueueAfter(ObjectRef ref, Duration delay) {
    if (delay.isZero() || delay.isNegative()) {
      enqueue(ref);
      return;
    }
    long due = System.nanoTime() + delay.toNanos();
    try {
      delayed.compute(ref, (key, earlier) -> earliest(key, earlier, due, delay));
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: {} is not looked at again: shutting down", name, ref);
    }
  }

  private Delayed earliest(
      ObjectRef ref, @org.jspecify.annotations.Nullable Delayed earlier, long due, Duration delay) {
    if (earlier != null) {
      if (earlier.dueNanos() - due <= 0) {
        return earlier;
      }
      earlier.future().cancel(false);
    }
    ScheduledFuture<?> future =
        timer.schedule(() -> due(ref, due), delay.toNanos(), TimeUnit.NANOSECONDS);
    return new Delayed(due, future);
  }

  private void due(ObjectRef ref, long due) {
    delayed.computeIfPresent(ref, (key, d) -> d.dueNanos() == due ? null : d);
    enqueue(ref);
  }

  private void pump() {
    synchronized (lock) {
      while (started && !closed && active < workers) {
        Optional<ObjectRef> next = queue.take();
        if (next.isEmpty()) {
          return;
        }
        active++;
        Thread.ofVirtual().name(name + "-" + next.get().name()).start(() -> work(next.get()));
      }
    }
  }

  private void work(ObjectRef ref) {
    try {
      reconcileOnce(ref);
    } finally {
      queue.done(ref);
      synchronized (lock) {
        active--;
        lock.notifyAll();
      }
      pump();
    }
  }

  // Any failure of one object is that object's own: the loop goes on.
  private void reconcileOnce(ObjectRef ref) {
    try {
      settle(ref, reconciler.reconcile(ref));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      retry(ref, e);
    }
  }

  private void settle(ObjectRef ref, Outcome outcome) {
    switch (outcome) {
      case Outcome.Done done -> queue.succeeded(ref);
      case Outcome.Again again -> {
        queue.succeeded(ref);
        enqueueAfter(ref, again.after());
      }
      case Outcome.Retry retry -> retryLater(ref);
    }
  }

  private Duration retryLater(ObjectRef ref) {
    Duration delay = BACKOFF.delay(queue.failed(ref), ThreadLocalRandom.current().nextDouble());
    enqueueAfter(ref, delay);
    return delay;
  }

  private void retry(ObjectRef ref, RuntimeException e) {
    Duration delay = retryLater(ref);
    if (expected.test(e)) {
      LOG.warn("{}: {} (again in {} ms)", ref, e.getMessage(), delay.toMillis());
    } else {
      LOG.error("{}: again in {} ms", ref, delay.toMillis(), e);
    }
  }

  /** No work is begun any more; waits a bounded time for what is under way. */
  @Override
  public void close() {
    long end = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
    synchronized (lock) {
      closed = true;
      while (active > 0 && System.nanoTime() < end) {
        try {
          TimeUnit.NANOSECONDS.timedWait(lock, Math.max(1, end - System.nanoTime()));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
