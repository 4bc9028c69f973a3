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
 * <p>Which are ready is known to this process only, so what a killed one leaves has no owner and is
 * swept. The directory of one that is taken is renamed, which can be done once.
 */
final class PreparedDirectories implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PreparedDirectories.class);

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

  private final Content content;
  private final Chores chores;

  // all below: guarded by this
  private final Deque<Path> ready = new ArrayDeque<>();
  private final Deque<Path> empty;
  private boolean filling;
  private boolean closed;

  /**
   * @param slots where they are kept; so many
   */
  PreparedDirectories(Collection<Path> slots, Content content, Chores chores) {
    this.empty = new ArrayDeque<>(slots);
    this.content = content;
    this.chores = chores;
  }

  /** Begins to fill it; what an earlier process left there has to be gone. */
  void start() {
    refill(Duration.ZERO);
  }

  private synchronized void refill(Duration delay) {
    if (!filling && !closed && !empty.isEmpty()) {
      filling = true;
      chores.after(delay, this::fill);
    }
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
    if (closed || empty.isEmpty()) {
      filling = false;
      notifyAll();
      return Optional.empty();
    }
    return Optional.of(empty.remove());
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
    filling = false;
    notifyAll();
  }

  /**
   * Moves one that was prepared to {@code directory}, which does not exist. False when none is
   * ready.
   */
  boolean take(Path directory) {
    Path slot;
    synchronized (this) {
      slot = ready.poll();
    }
    if (slot == null) {
      refill(LATER);
      return false;
    }
    content.move(slot, directory);
    synchronized (this) {
      empty.add(slot);
    }
    refill(LATER);
    return true;
  }

  /** Removes what is ready; what is being made is waited for. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      awaitFilling();
    }
    for (Path slot : ready) {
      content.release(slot);
      RecordFiles.deleteTree(slot);
    }
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
