package dev.jctl.images.store;

import dev.jctl.images.ImageStore.TransferProgress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Adds up what several threads fetch and tells the caller. */
final class ProgressMeter {
  private final String stage;
  private final Consumer<TransferProgress> listener;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger layersDone = new AtomicInteger();
  private volatile long total = -1;
  private volatile int layersTotal;

  ProgressMeter(String stage, Consumer<TransferProgress> listener) {
    this.stage = stage;
    this.listener = listener;
  }

  /**
   * @param total bytes of all layers, -1 when not known
   */
  void expect(int layers, long total) {
    this.layersTotal = layers;
    this.total = total;
    report();
  }

  /**
   * @param count negative when a transfer starts anew
   */
  void add(long count) {
    bytes.addAndGet(count);
    report();
  }

  void layerDone() {
    layersDone.incrementAndGet();
    report();
  }

  private void report() {
    listener.accept(
        new TransferProgress(
            stage, Math.max(0, bytes.get()), total, layersDone.get(), layersTotal));
  }
}
