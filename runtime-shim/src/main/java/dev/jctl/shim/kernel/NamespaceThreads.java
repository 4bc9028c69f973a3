package dev.jctl.shim.kernel;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/**
 * Platform threads for work that changes the namespaces of its thread. As making a thread takes
 * longer than most of that work, some wait for theirs.
 */
public final class NamespaceThreads {
  /** What a thread does when its work has ended. */
  public enum Afterwards {
    /**
     * Goes back to the network, IPC and UTS namespace in which it was born, and takes more work.
     * One that cannot go back ends.
     */
    COME_BACK,
    /**
     * Ends: after work that cannot be undone, and after launches, of which one hears late when the
     * thread is the one that ran where its child does.
     */
    END
  }

  /** How long a thread that was made when none was spare waits for more. */
  private static final long PATIENCE_SECONDS = 30;

  /**
   * The program that was started gets the processors first: ending a thread and making one take as
   * long as some programs run.
   */
  private static final Duration LATER = Duration.ofMillis(40);

  private record Task(String name, Runnable work, CompletableFuture<Void> done) {}

  /** Offers are taken only by a thread that waits. */
  private final SynchronousQueue<Task> tasks = new SynchronousQueue<>();

  private final Afterwards afterwards;
  private final Semaphore missing;

  /**
   * @param spares so many always wait for work
   */
  public NamespaceThreads(Afterwards afterwards, int spares) {
    this.afterwards = afterwards;
    this.missing = new Semaphore(spares);
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
    try (Home home = home()) {
      do {
        perform(tasks.take());
      } while (goesOn(home));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      missing.release();
    }
  }

  private void serveFor(Task first) {
    try (Home home = home()) {
      Task next = first;
      while (next != null) {
        perform(next);
        next = goesOn(home) ? tasks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS) : null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      first.done().completeExceptionally(e);
    }
  }

  private Home home() {
    // the first native call of a thread sets up memory for it
    Kernel.errno();
    return switch (afterwards) {
      case COME_BACK -> Home.here();
      case END -> Home.NOWHERE;
    };
  }

  private static void perform(Task task) {
    Thread.currentThread().setName(task.name());
    try {
      task.work().run();
      task.done().complete(null);
    } catch (RuntimeException | Error e) {
      task.done().completeExceptionally(e);
    }
  }

  private static boolean goesOn(Home home) throws InterruptedException {
    if (home.comeBack()) {
      return true;
    }
    Thread.sleep(LATER);
    return false;
  }

  /** Complete when the work has ended; the thread goes back, or ends, after that. */
  public CompletableFuture<Void> start(String name, Runnable work) {
    Task task = new Task(name, work, new CompletableFuture<>());
    if (!tasks.offer(task)) {
      Thread.ofPlatform().name(name).daemon().start(() -> serveFor(task));
    }
    return task.done();
  }

  /** Waits for it, and fails as it did. */
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

  /** The namespaces in which a thread was born: descriptors, and their CLONE_NEW flags. */
  private record Home(Map<Integer, Integer> flags) implements AutoCloseable {
    static final Home NOWHERE = new Home(Map.of());

    private static final Map<String, Integer> FLAGS =
        Map.of("net", NetworkNamespace.CLONE_NEWNET, "ipc", 0x08000000, "uts", 0x04000000);

    static Home here() {
      Map<Integer, Integer> flags = new HashMap<>();
      FLAGS.forEach(
          (file, flag) ->
              flags.put(Kernel.open("/proc/thread-self/ns/" + file, Kernel.O_RDONLY, 0), flag));
      return new Home(flags);
    }

    /** Whether there is one, and the thread is there again. */
    boolean comeBack() {
      try {
        flags.forEach((descriptor, flag) -> Kernel.setns(descriptor, flag, "back"));
        return !flags.isEmpty();
      } catch (KernelException e) {
        return false;
      }
    }

    @Override
    public void close() {
      flags.keySet().forEach(Kernel::close);
    }
  }
}
