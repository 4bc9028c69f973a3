package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.kernel.KernelException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A thread that stays in the network namespace in which it was made. What looks at the caller's
 * namespace (opening sockets, {@code /proc/sys/net}) goes through it.
 */
final class HostThread implements AutoCloseable {
  // its one thread is made from, and so lives in the namespace of, the thread that calls run first
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("host-network").factory());

  HostThread() {
    run(() -> true);
  }

  <T> T run(Callable<T> work) {
    try {
      return executor.submit(work).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KernelException failure) {
        throw failure;
      }
      if (e.getCause() instanceof RuntimeFailure failure) {
        throw failure;
      }
      throw new IllegalStateException("on the host's network", e.getCause());
    }
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
