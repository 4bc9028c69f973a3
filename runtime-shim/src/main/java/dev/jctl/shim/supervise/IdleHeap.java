package dev.jctl.shim.supervise;

import java.time.Duration;

/**
 * Gives memory back after a burst. While there is room the JVM lets the old generation grow and
 * does not collect it, so what a burst has left there, as much as what lives, would stay for as
 * long as little happens afterwards. A collection makes the heap as small as the JVM's limits for
 * free room ({@code MaxHeapFreeRatio}) say; it takes a tenth of a second, for which everybody
 * waits, so it comes when nothing is done, seldom when much is, and at once when the heap has
 * doubled.
 */
public final class IdleHeap implements AutoCloseable {
  private static final long MIB = 1 << 20;

  /** What is worth a collection when nothing is done. */
  private static final long GROWN_BYTES = 8 * MIB;

  /** Of what was left by the last, which has to have come when much is done. */
  private static final int GROWN_PART = 8;

  /** What is worth one at once, if it is as much as was left by the last. */
  private static final long MUCH_GROWN_BYTES = 64 * MIB;

  private static final Duration BETWEEN_GLANCES = Duration.ofSeconds(1);
  private static final int GLANCES = 4;
  private static final Duration BETWEEN_LOOKS = BETWEEN_GLANCES.multipliedBy(GLANCES);

  /** Between two collections when much is done: half a minute. */
  private static final int BUSY_LOOKS = 8;

  /** Processor time between two looks of a process that has next to nothing to do: a tenth. */
  private static final Duration LITTLE_WORK = BETWEEN_LOOKS.dividedBy(10);

  private final Thread thread;

  private IdleHeap(Runnable letGo) {
    this.thread = Thread.ofVirtual().name("idle-heap").unstarted(() -> run(letGo));
  }

  /**
   * @param letGo run before a collection because nothing is done: lets go of what can be had again
   */
  public static IdleHeap watch(Runnable letGo) {
    IdleHeap heap = new IdleHeap(letGo);
    heap.thread.start();
    return heap;
  }

  /**
   * The process at one time.
   *
   * @param heapBytes taken from the machine
   * @param processorTime used since it began
   */
  record Look(long heapBytes, Duration processorTime) {
    static Look now() {
      Duration used = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
      return new Look(Runtime.getRuntime().totalMemory(), used);
    }

    /** Hardly anything was done since the look before. */
    boolean isIdle(Look before) {
      return processorTime.minus(before.processorTime).compareTo(LITTLE_WORK) < 0;
    }

    /**
     * For a process that is idle.
     *
     * @param settled when the last collection of an idle process was done: what one in a burst has
     *     left may be garbage by now
     */
    boolean isWorthCollecting(Look settled) {
      return heapBytes - settled.heapBytes >= GROWN_BYTES;
    }

    /**
     * Whatever is done, but seldom.
     *
     * @param collected when the last collection of ours was done
     */
    boolean hasGrown(Look collected) {
      return heapBytes - collected.heapBytes
          >= Math.max(GROWN_BYTES, collected.heapBytes / GROWN_PART);
    }

    /**
     * Whatever is done, and however short the last is ago.
     *
     * @param collected when the last collection of ours was done
     */
    boolean hasDoubled(Look collected) {
      return heapBytes - collected.heapBytes >= Math.max(MUCH_GROWN_BYTES, collected.heapBytes);
    }
  }

  private static void run(Runnable letGo) {
    Look settled = Look.now();
    Look collected = settled;
    Look before = settled;
    int looks = 0;
    while (true) {
      Look now;
      try {
        now = next(collected);
      } catch (InterruptedException e) {
        return;
      }
      boolean settles = now.isIdle(before) && now.isWorthCollecting(settled);
      boolean isDue = ++looks >= BUSY_LOOKS && now.hasGrown(collected);
      if (settles) {
        letGo.run();
      }
      if (settles || isDue || now.hasDoubled(collected)) {
        System.gc();
        looks = 0;
        now = Look.now();
        collected = now;
        settled = settles ? now : settled;
      }
      before = now;
    }
  }

  /** When it is time for one, or earlier when the heap has doubled. */
  private static Look next(Look collected) throws InterruptedException {
    Look now = collected;
    for (int glances = 0; glances < GLANCES && !now.hasDoubled(collected); glances++) {
      Thread.sleep(BETWEEN_GLANCES);
      now = Look.now();
    }
    return now;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
