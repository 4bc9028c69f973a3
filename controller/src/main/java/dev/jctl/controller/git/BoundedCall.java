package dev.jctl.controller.git;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Talks to a remote for no longer than it may take, whatever the remote does. */
final class BoundedCall {
  private static final Duration END_PATIENCE = Duration.ofSeconds(2);

  private BoundedCall() {}

  /**
   * @throws GitException why it did not work
   */
  static <T> T run(Remote remote, Bounds bounds, Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    // reads of a socket are ended by an interrupt on virtual threads alone
    Thread thread = Thread.ofVirtual().name("git-fetch").start(task);
    try {
      return task.get(remote.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw end(task, thread, TransportFailures.of(remote, e, bounds));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof GitException known
          ? known
          : TransportFailures.of(remote, Objects.requireNonNullElse(e.getCause(), e), bounds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw end(task, thread, TransportFailures.of(remote, e, bounds));
    }
  }

  /** Waits a little, so that the next one does not find it at work. */
  private static GitException end(FutureTask<?> task, Thread thread, GitException failure) {
    task.cancel(true);
    try {
      thread.join(END_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return failure;
  }
}
