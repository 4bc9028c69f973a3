package dev.jctl.controller;

import dev.jctl.store.Store;
import dev.jctl.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets old revisions, so that the store does not grow with every status. What is younger than
 * the window can still be read, paged through and watched from.
 */
final class StoreCompaction implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreCompaction.class);
  private static final Duration STEP = Duration.ofMinutes(5);

  private final Store store;
  private final Retention retention;
  private final Clock clock;
  private final Thread thread;

  private StoreCompaction(Store store, Retention retention, Clock clock) {
    this.store = store;
    this.retention = retention;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("store-compaction").unstarted(this::run);
  }

  static StoreCompaction start(Store store, Retention retention, Clock clock) {
    StoreCompaction compaction = new StoreCompaction(store, retention, clock);
    compaction.thread.start();
    return compaction;
  }

  private void run() {
    Duration window = retention.window();
    try {
      while (true) {
        Thread.sleep(STEP);
        window = compact(window);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns the window that was kept. */
  private Duration compact(Duration before) {
    try {
      Duration window = retention.next(before, store.historyBytes());
      long revision = store.revisionAt(clock.instant().minus(window));
      if (revision > store.compactedRevision()) {
        store.compact(revision);
      }
      return window;
    } catch (StoreException e) {
      LOG.warn("cannot compact the store: {}", e.getMessage());
      return before;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
