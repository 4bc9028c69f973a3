package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;

/**
 * Work after which its thread cannot go back to its namespaces, or need not: a launch is told of
 * sooner by a thread that did not run where its child does. Done on a platform thread of its own,
 * which dies afterwards. As making a thread takes longer than most of that work, a few wait for
 * theirs.
 */
final class FreshThreads {
  private static final int SPARES = 2;

  /**
   * The program that was started gets the processors first: ending a thread and making one take as
   * long as some programs run.
   */
  private static final Duration LATER = Duration.ofMillis(40);

  private record Task(String name, Runnable work, CompletableFuture<Void> done) {}

  /** Offers are taken only by a spare thread that waits. */
  private final SynchronousQueue<Task> tasks = new SynchronousQueue<>();

  private final Semaphore missing = new Semaphore(SPARES);

  FreshThreads() {
    Thread.ofPlatform().name("spare-threads").daemon().start(this::replace);
  }

  /**
   * A thread is born into the namespaces of the one that makes it: so by this one, and no other.
   */
  private void replace() {
    try {
      while (true) {
        missing.acquire();
        Thread.ofPlatform().name("spare").daemon().start(this::await);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void await() {
    // the first native call of a thread sets up memory for it
    Kernel.errno();
    try {
      Task task = tasks.take();
      Thread.currentThread().setName(task.name());
      perform(task);
      Thread.sleep(LATER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    missing.release();
  }

  private static void perform(Task task) {
    try {
      task.work().run();
      task.done().complete(null);
    } catch (RuntimeException | Error e) {
      task.done().completeExceptionally(e);
    }
  }

  CompletableFuture<Void> start(String name, Runnable work) {
    Task task = new Task(name, work, new CompletableFuture<>());
    if (!tasks.offer(task)) {
      Thread.ofPlatform().name(name).daemon().start(() -> perform(task));
    }
    return task.done();
  }

  /** Waits for it, and fails as it did. */
  void run(String name, Runnable work) {
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
