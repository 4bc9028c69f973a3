package dev.jctl.shim.local;

import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.supervise.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Namespaces that were made before their sandbox. Making a network namespace waits for locks that
 * the kernel holds while it takes others down; here that happens when nobody waits for it.
 *
 * <p>Which are ready is known to this process only, so what a killed one leaves has no owner and is
 * swept like the namespaces of a sandbox without a record. The directory of one that is taken is
 * renamed, which can be done once.
 */
final class NamespacePool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NamespacePool.class);

  /** A few hundred kB of the kernel's memory each. */
  private static final int SIZE = 4;

  /** The start that took one is over by then, and not held up by its replacement. */
  private static final Duration LATER = Duration.ofMillis(30);

  /** Longer than the kernel ever takes; what is left then is swept at the next start. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Launcher launcher;
  private final EventLoop loop;

  // all below: guarded by this
  private final Deque<Path> ready = new ArrayDeque<>();
  private final Deque<Path> empty = new ArrayDeque<>();
  private boolean filling;
  private boolean closed;

  NamespacePool(Places places, Launcher launcher, EventLoop loop) {
    this.launcher = launcher;
    this.loop = loop;
    for (int slot = 0; slot < SIZE; slot++) {
      empty.add(places.preparedNamespaces(slot));
    }
  }

  /** Begins to fill it; what an earlier process left there has to be gone. */
  void start() {
    refill(Duration.ZERO);
  }

  private synchronized void refill(Duration delay) {
    if (!filling && !closed && !empty.isEmpty()) {
      filling = true;
      loop.schedule(delay, () -> Thread.ofPlatform().name("prepare").daemon().start(this::fill));
    }
  }

  private void fill() {
    for (Optional<Path> slot = next(); slot.isPresent(); slot = next()) {
      try {
        prepare(slot.get());
      } catch (RuntimeException e) {
        LOG.warn("prepare namespaces: {}", e.getMessage());
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
    RecordFiles.makeDirectories(slot);
    launcher.prepareNamespaces(slot);
    synchronized (this) {
      ready.add(slot);
    }
  }

  /** Until the next is taken; sandboxes make their own meanwhile, and say what is wrong. */
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
    try {
      Files.move(slot, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw RecordFiles.failure("rename " + slot + " to " + directory, e);
    }
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
      launcher.removeNamespaces(slot);
      RecordFiles.deleteTree(slot);
    }
    ready.clear();
  }

  private synchronized void awaitFilling() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (filling && deadline - System.nanoTime() > 0) {
        wait(100);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
