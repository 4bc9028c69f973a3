package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.kernel.KernelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Work that changes the namespaces of its thread: done on a platform thread of its own, which dies
 * afterwards.
 */
final class FreshThread {
  private FreshThread() {}

  static CompletableFuture<Void> start(String name, Runnable work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .name(name)
        .daemon()
        .start(
            () -> {
              try {
                work.run();
                done.complete(null);
              } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
              }
            });
    return done;
  }

  /** Waits for it, and fails as it did. */
  static void run(String name, Runnable work) {
    try {
      start(name, work).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof KernelException failure) {
        throw new RuntimeFailure(
            RuntimeFailure.Reason.KERNEL, name + ": " + failure.getMessage(), failure);
      }
      if (e.getCause() instanceof RuntimeFailure failure) {
        throw failure;
      }
      throw e;
    }
  }
}
