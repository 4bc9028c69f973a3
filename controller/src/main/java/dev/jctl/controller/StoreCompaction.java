package dev.jctl.controller;

import dev.jctl.store.Store;
import dev.jctl.store.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets old revisions, so that the store does not grow with every status. What is younger than
 * the window can still be read, paged through and watched from.
 */
final class StoreCompaction implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreCompaction.class);
  private static final Duration STEP = Duration.ofMinutes(5);
  private static final int STEPS_KEPT = 3;

  private final Store store;
  private final Thread thread;

  private StoreCompaction(Store store) {
    this.store = store;
    this.thread = Thread.ofVirtual().name("store-compaction").unstarted(this::run);
  }

  static StoreCompaction start(Store store) {
    StoreCompaction compaction = new StoreCompaction(store);
    compaction.thread.start();
    return compaction;
  }

  private void run() {
    Queue<Long> seen = new ArrayDeque<>();
    try {
      while (true) {
        seen.add(store.revision());
        if (seen.size() > STEPS_KEPT) {
          compact(seen.remove());
        }
        Thread.sleep(STEP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void compact(long revision) {
    try {
      if (revision > store.compactedRevision()) {
        store.compact(revision);
      }
    } catch (StoreException e) {
      LOG.warn("cannot compact the store: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
