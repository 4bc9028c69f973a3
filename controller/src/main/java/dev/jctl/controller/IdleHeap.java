package dev.jctl.controller;

import java.time.Duration;

/**
 * Gives memory back after a burst. While there is room the JVM lets the old generation grow and
 * does not collect it, so what a burst has left there, as much as what lives, would stay for as
 * long as little happens afterwards. A collection makes the heap as small as the JVM's limits for
 * free room ({@code MaxHeapFreeRatio}) say; it takes a tenth of a second or two, so it comes when
 * nothing is done.
 */
final class IdleHeap implements AutoCloseable {
  private static final long MIB = 1 << 20;

  /** Used in addition between two looks by a process that has next to nothing to do. */
  private static final long LITTLE_BYTES = 4 * MIB;

  /** What is worth a collection. */
  private static final long GROWN_BYTES = 8 * MIB;

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(4);

  private final Thread thread;

  private IdleHeap() {
    this.thread = Thread.ofVirtual().name("idle-heap").unstarted(IdleHeap::run);
  }

  static IdleHeap watch() {
    IdleHeap heap = new IdleHeap();
    heap.thread.start();
    return heap;
  }

  /**
   * The heap at one time.
   *
   * @param committedBytes taken from the machine
   * @param usedBytes of them, garbage included
   */
  record Look(long committedBytes, long usedBytes) {
    static Look now() {
      Runtime jvm = Runtime.getRuntime();
      long committed = jvm.totalMemory();
      return new Look(committed, committed - jvm.freeMemory());
    }

    /**
     * It has grown, and hardly anything was done since the look before: less used than then says
     * that there was a collection, which only work brings about.
     *
     * @param collected when the last collection of ours was done
     */
    boolean isWorthCollecting(Look before, Look collected) {
      long more = usedBytes - before.usedBytes;
      return committedBytes - collected.committedBytes >= GROWN_BYTES
          && more >= 0
          && more < LITTLE_BYTES;
    }
  }

  private static void run() {
    Look collected = Look.now();
    Look before = collected;
    while (true) {
      try {
        Thread.sleep(BETWEEN_LOOKS);
      } catch (InterruptedException e) {
        return;
      }
      Look now = Look.now();
      if (now.isWorthCollecting(before, collected)) {
        System.gc();
        now = Look.now();
        collected = now;
      }
      before = now;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
