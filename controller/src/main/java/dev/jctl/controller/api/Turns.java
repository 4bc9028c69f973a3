package dev.jctl.controller.api;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Does what is ready, one after the other, in one thread: to wake a thread for each of a thousand
 * watches takes longer than what these write. A turn that takes long, as a peer takes nothing,
 * keeps its thread, and the others go on in a new one. Nothing runs while nothing is ready.
 */
final class Turns {
  private static final Duration PATIENCE = Duration.ofMillis(5);

  private final Queue<Runnable> ready = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Worker> current = new AtomicReference<>();
  private final AtomicBoolean overseen = new AtomicBoolean();

  /** Never waits. A turn that throws is the end of the others: it has to catch what it causes. */
  void add(Runnable turn) {
    ready.add(turn);
    if (current.get() == null) {
      startIfNone();
    }
  }

  private void startIfNone() {
    Worker worker = new Worker();
    if (current.compareAndSet(null, worker)) {
      Thread.ofVirtual().name("turns").start(worker);
    }
    if (overseen.compareAndSet(false, true)) {
      Thread.ofVirtual().name("turns-overseer").start(this::oversee);
    }
  }

  /** Works for as long as it is the current one. */
  private final class Worker implements Runnable {
    /** How many it has begun. */
    private final AtomicLong begun = new AtomicLong();

    @Override
    public void run() {
      while (current.get() == this) {
        Runnable turn = ready.poll();
        if (turn == null) {
          current.compareAndSet(this, null);
          // what was added in between was left to this one
          if (ready.isEmpty() || !current.compareAndSet(null, this)) {
            return;
          }
        } else {
          begun.incrementAndGet();
          turn.run();
          Thread.interrupted(); // was meant for that turn
        }
      }
    }
  }

  private void oversee() {
    try {
      do {
        for (Worker worker = current.get(); worker != null; worker = current.get()) {
          long begun = worker.begun.get();
          Thread.sleep(PATIENCE);
          if (worker.begun.get() == begun
              && current.compareAndSet(worker, null)
              && !ready.isEmpty()) {
            startIfNone();
          }
        }
        overseen.set(false);
      } while (current.get() != null && overseen.compareAndSet(false, true));
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts it", e);
    }
  }
}
