package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Does the same to several blobs, a few at a time; the first failure ends the others. */
final class AFewAtOnce {
  private static final int AT_ONCE = 3;

  private AFewAtOnce() {}

  /**
   * @param what for messages
   */
  static <T> void each(String what, List<T> items, Consumer<T> action) {
    ExecutorService threads =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().name("blob-", 0).factory());
    try {
      ExecutorCompletionService<Void> results = new ExecutorCompletionService<>(threads);
      for (T item : items) {
        results.submit(() -> action.accept(item), null);
      }
      for (int i = 0; i < items.size(); i++) {
        results.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(Reason.IO, what + ": interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ImageException known
          ? known
          : new ImageException(Reason.IO, what + ": " + e.getCause(), e);
    } finally {
      threads.shutdownNow();
      threads.close(); // nothing may go on under the lease once it is given back
    }
  }
}
