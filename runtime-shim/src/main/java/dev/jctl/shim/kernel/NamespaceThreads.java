package dev.jctl.shim.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/**
 * Platform threads for work that changes the network, IPC or UTS namespace of its thread: they go
 * back to where they were born afterwards and are used again, since making and ending a thread
 * takes longer than most of that work. One that cannot go back ends.
 */
public final class NamespaceThreads {
  /** How long a thread that was made when none was spare waits for more. */
  private static final long PATIENCE_SECONDS = 30;

  private record Task(String name, Runnable work, CompletableFuture<Void> done) {}

  /** Offers are taken only by a thread that waits. */
  private final SynchronousQueue<Task> tasks = new SynchronousQueue<>();

  private final Semaphore missing;

  /**
   * @param spares so many always wait for work
   */
  public NamespaceThreads(int spares) {
    missing = new Semaphore(spares);
    Thread.ofPlatform().name("spare-threads").daemon().start(this::replace);
  }

  /**
   * A thread is born into the namespaces of the one that makes it: so by this one, which never
   * leaves its own.
   */
  private void replace() {
    try {
      while (true) {
        missing.acquire();
        Thread.ofPlatform().name("spare").daemon().start(this::serveForGood);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serveForGood() {
    try (Home home = Home.here()) {
      boolean atHome = true;
      while (atHome) {
        atHome = perform(tasks.take(), home);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      missing.release();
    }
  }

  private void serveFor(Task first) {
    try (Home home = Home.here()) {
      Task next = first;
      while (next != null && perform(next, home)) {
        next = tasks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      first.done().completeExceptionally(e);
    }
  }

  /** Whether the thread is home again. */
  private static boolean perform(Task task, Home home) {
    Thread.currentThread().setName(task.name());
    try {
      task.work().run();
      task.done().complete(null);
    } catch (RuntimeException | Error e) {
      task.done().completeExceptionally(e);
    }
    return home.comeBack();
  }

  private CompletableFuture<Void> start(String name, Runnable work) {
    Task task = new Task(name, work, new CompletableFuture<>());
    if (!tasks.offer(task)) {
      Thread.ofPlatform().name(name).daemon().start(() -> serveFor(task));
    }
    return task.done();
  }

  /** Waits for it, and fails as it did; the thread goes back after that. */
  public void run(String name, Runnable work) {
    try {
      start(name, work).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }

  /** The namespaces in which a thread was born. */
  private record Home(List<Integer> descriptors) implements AutoCloseable {
    private static final List<String> FILES = List.of("net", "ipc", "uts");
    private static final List<Integer> FLAGS = List.of(0x40000000, 0x08000000, 0x04000000);

    static Home here() {
      List<Integer> descriptors = new ArrayList<>();
      for (String file : FILES) {
        descriptors.add(Kernel.open("/proc/thread-self/ns/" + file, Kernel.O_RDONLY, 0));
      }
      return new Home(descriptors);
    }

    boolean comeBack() {
      try {
        for (int i = 0; i < FILES.size(); i++) {
          Kernel.setns(descriptors.get(i), FLAGS.get(i), "back to " + FILES.get(i));
        }
        return true;
      } catch (KernelException e) {
        return false;
      }
    }

    @Override
    public void close() {
      descriptors.forEach(Kernel::close);
    }
  }
}
