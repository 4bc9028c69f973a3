package dev.jctl.shim.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories whose content was made before it is known whose it will be, when nobody waits for it.
 *
 * <p>A few are kept at first. Whoever finds none lets two more be kept, until none was missed for a
 * while. Those taken are replaced when no more are asked for, or when hardly any are left: a burst
 * of starts has the processors for itself.
 *
 * <p>Which are ready is known to this process only, so what a killed one leaves has no owner and is
 * swept. The directory of one that is taken is renamed, which can be done once.
 */
final class PreparedDirectories implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PreparedDirectories.class);

  /** How many are kept without a reason to keep more. */
  static final int FEW = 4;

  /** The start that took one is over by then, and not held up by its replacement. */
  private static final Duration LATER = Duration.ofMillis(30);

  /** Longer than the kernel ever takes; what is left then is swept at the next start. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What is in them. */
  interface Content {
    /** Makes it in a directory that may not exist. After a failure nothing is mounted there. */
    void make(Path directory);

    /** Takes away what must be before the directory can be deleted. */
    void release(Path directory);

    /** Gives what is in {@code slot} to who needs it. */
    default void move(Path slot, Path directory) {
      try {
        Files.move(slot, directory, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw RecordFiles.failure("rename " + slot + " to " + directory, e);
      }
    }
  }

  /**
   * @param quiet since one was taken, until it is replaced
   * @param memory of how many were missed
   */
  record Pace(Duration quiet, Duration memory) {
    static final Pace USUAL = new Pace(Duration.ofMillis(300), Duration.ofMinutes(1));
  }

  private final Content content;
  private final Chores chores;
  private final Pace pace;
  private final int slots;

  // all below: guarded by this
  private final Deque<Path> ready = new ArrayDeque<>();
  private final Deque<Path> empty;
  private int wanted;
  private long lastTaken = System.nanoTime();
  private long lastMissed = lastTaken;
  private boolean filling; // or emptying
  private boolean closed;

  /**
   * @param slots where they are kept; never more
   */
  PreparedDirectories(Collection<Path> slots, Content content, Chores chores, Pace pace) {
    this.slots = slots.size();
    this.wanted = Math.min(FEW, this.slots);
    this.empty = new ArrayDeque<>(slots);
    this.content = content;
    this.chores = chores;
    this.pace = pace;
  }

  /** Begins to fill it; what an earlier process left there has to be gone. */
  void start() {
    refill(Duration.ZERO, this::fill);
  }

  private synchronized void refill(Duration delay, Runnable fill) {
    if (!filling && !closed && ready.size() < wanted) {
      filling = true;
      chores.after(delay, fill);
    }
  }

  private void fillWhenQuiet() {
    if (isBusy()) {
      chores.after(LATER, this::fillWhenQuiet);
    } else {
      fill();
    }
  }

  private synchronized boolean isBusy() {
    return !closed && ready.size() * 4 >= wanted && isWithin(pace.quiet(), lastTaken);
  }

  private static boolean isWithin(Duration time, long since) {
    return System.nanoTime() - since < time.toNanos();
  }

  private void fill() {
    for (Optional<Path> slot = next(); slot.isPresent(); slot = next()) {
      try {
        prepare(slot.get());
      } catch (RuntimeException e) {
        LOG.warn("prepare {}: {}", slot.get(), e.getMessage());
        giveUp(slot.get());
        return;
      }
    }
  }

  private synchronized Optional<Path> next() {
    if (closed || empty.isEmpty() || ready.size() >= wanted) {
      idle();
      return Optional.empty();
    }
    return Optional.of(empty.remove());
  }

  private synchronized void idle() {
    filling = false;
    notifyAll();
  }

  private void prepare(Path slot) {
    content.make(slot);
    synchronized (this) {
      ready.add(slot);
    }
  }

  /** Until the next is taken; who needs one makes it meanwhile, and says what is wrong. */
  private synchronized void giveUp(Path slot) {
    empty.add(slot);
    idle();
  }

  /**
   * Moves one that was prepared to {@code directory}, which does not exist. False when none is
   * ready.
   */
  boolean take(Path directory) {
    Optional<Path> slot = next(System.nanoTime());
    slot.ifPresent(
        taken -> {
          content.move(taken, directory);
          synchronized (this) {
            empty.add(taken);
          }
        });
    refill(LATER, this::fillWhenQuiet);
    return slot.isPresent();
  }

  private synchronized Optional<Path> next(long now) {
    lastTaken = now;
    if (ready.isEmpty() && !closed) {
      lastMissed = now;
      wantMore();
    }
    return Optional.ofNullable(ready.poll());
  }

  private synchronized void wantMore() {
    if (wanted < slots) {
      if (wanted == FEW) {
        chores.after(pace.memory(), this::forget);
      }
      wanted = Math.min(wanted + 2, slots);
    }
  }

  /** Back to a few, when none was missed of late. */
  private void forget() {
    Duration left = remembered();
    if (left.isPositive()) {
      chores.after(left, this::forget);
      return;
    }
    for (Optional<Path> slot = surplus(); slot.isPresent(); slot = surplus()) {
      drop(slot.get());
      synchronized (this) {
        empty.add(slot.get());
      }
    }
    idle();
  }

  /** For how long yet, by the latest that was missed. */
  private synchronized Duration remembered() {
    Duration left = pace.memory().minusNanos(System.nanoTime() - lastMissed);
    if (!closed && left.isPositive()) {
      return left;
    }
    wanted = FEW;
    filling = true;
    return Duration.ZERO;
  }

  private synchronized Optional<Path> surplus() {
    return !closed && ready.size() > wanted ? Optional.of(ready.removeLast()) : Optional.empty();
  }

  private void drop(Path slot) {
    content.release(slot);
    RecordFiles.deleteTree(slot);
  }

  /** Removes what is ready; what is being made is waited for. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      awaitFilling();
    }
    ready.forEach(this::drop);
    ready.clear();
  }

  private synchronized void awaitFilling() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (filling && deadline - System.nanoTime() > 0) {
        wait(TimeUnit.SECONDS.toMillis(1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
