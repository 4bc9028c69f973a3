package dev.jctl.shim.supervise;

import dev.jctl.shim.kernel.Epoll;
import dev.jctl.shim.kernel.ThisThread;
import java.time.Duration;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for any number of descriptors in one platform thread, which sleeps when nothing happens.
 * Handlers run in that thread, one after the other, and must not block.
 */
public final class EventLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

  /** What happens when a descriptor is ready. */
  public interface Handler {
    /**
     * @param events of {@link Epoll}
     */
    void ready(int events);
  }

  /** Ends the waiting; the descriptor stays open. */
  public interface Registration {
    void cancel();
  }

  private record Timer(long dueNanos, long order, Runnable action) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      int byTime = Long.compare(dueNanos - other.dueNanos, 0);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final Epoll epoll = new Epoll();
  private final Map<Long, Handler> handlers = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final AtomicLong tokens = new AtomicLong();
  private final Thread thread = Thread.ofPlatform().name("supervise").daemon().unstarted(this::run);
  private volatile boolean closed;

  public static EventLoop start() {
    EventLoop loop = new EventLoop();
    loop.thread.start();
    return loop;
  }

  private EventLoop() {}

  /**
   * @param interest of {@link Epoll}; level-triggered unless it says EDGE
   */
  public Registration register(int fd, int interest, Handler handler) {
    long token = tokens.incrementAndGet();
    handlers.put(token, handler);
    try {
      epoll.add(fd, interest, token);
    } catch (RuntimeException e) {
      handlers.remove(token);
      throw e;
    }
    return () -> {
      // once only: the number may belong to another descriptor afterwards
      if (handlers.remove(token) != null) {
        epoll.remove(fd);
      }
    };
  }

  /** Soon, in the loop's thread. */
  public void execute(Runnable task) {
    tasks.add(task);
    epoll.wake();
  }

  /** After that time, in the loop's thread. */
  public void schedule(Duration delay, Runnable task) {
    Timer timer = new Timer(System.nanoTime() + delay.toNanos(), tokens.incrementAndGet(), task);
    execute(() -> timers.add(timer));
  }

  private void run() {
    ThisThread.takeShortTurns();
    while (!closed) {
      guarded(() -> epoll.await(timeoutMillis(), this::dispatch));
      runTasks();
      runDueTimers();
    }
    epoll.close();
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      guarded(task);
    }
  }

  /**
   * Tasks first: an event may have come of what followed one, as the answer to who only just
   * listens.
   */
  private void dispatch(long token, int events) {
    runTasks();
    Handler handler = handlers.get(token);
    if (handler != null) {
      guarded(() -> handler.ready(events));
    }
  }

  /** One handler's failure must not end the others. */
  private static void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.error("handler failed", e);
    }
  }

  private int timeoutMillis() {
    Timer first = timers.peek();
    if (first == null) {
      return tasks.isEmpty() ? -1 : 0;
    }
    long millis = Math.ceilDiv(first.dueNanos - System.nanoTime(), 1_000_000L);
    return (int) Math.clamp(millis, 0L, 60_000L);
  }

  private void runDueTimers() {
    for (Timer next = due(); next != null; next = due()) {
      guarded(next.action());
    }
  }

  private @Nullable Timer due() {
    Timer first = timers.peek();
    return first == null || first.dueNanos - System.nanoTime() > 0 ? null : timers.poll();
  }

  /** Ends the thread; tasks that were given before it are run. */
  @Override
  public void close() {
    execute(() -> closed = true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
