package dev.jctl.shim.local;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What the kernel has to make for a sandbox or a container, made by another thread while files are
 * written, or the program of a process planned and laid out: with two processors that saves a tenth
 * of a start.
 */
final class Groundwork {
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final ExecutorService THREADS =
      new ThreadPoolExecutor(
          1,
          Integer.MAX_VALUE,
          IDLE.toSeconds(),
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("groundwork-", 0).factory());

  private final CompletableFuture<Void> done;

  private Groundwork(CompletableFuture<Void> done) {
    this.done = done;
  }

  static Groundwork begin(Runnable work) {
    return new Groundwork(CompletableFuture.runAsync(work, THREADS));
  }

  /** That is there already. */
  static Groundwork none() {
    return new Groundwork(CompletableFuture.completedFuture(null));
  }

  /** Returns when all is there, or fails as that did. */
  void await() {
    try {
      done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }

  /** Returns when nothing is being made any more, whatever came of it. */
  void settle() {
    var _ = done.handle((_, _) -> null).join();
  }
}
