package dev.jctl.shim.local;

import dev.jctl.shim.kernel.Epoll;
import dev.jctl.shim.kernel.Kernel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has somebody look when the mounts of a namespace have changed, of which the kernel tells whoever
 * polls its mountinfo, proc_pid_mountinfo(5). Our own mounts are told too: so not more often than
 * {@link #SETTLE_MILLIS} allows, in a thread that is only there once there is something to watch.
 */
final class MountWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MountWatch.class);

  /** Changes come in flocks; one look for all that arrive within. */
  private static final int SETTLE_MILLIS = 100;

  private record Watched(int descriptor, Runnable look) {}

  private final Epoll epoll = new Epoll();
  private final Map<Long, Watched> watched = new ConcurrentHashMap<>();
  private final AtomicLong tokens = new AtomicLong();
  private @Nullable Thread thread;
  private volatile boolean closed;

  /** Until it is closed. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param look whether all is there; in a thread of its own, a moment after a change
   * @throws dev.jctl.shim.kernel.KernelException when there is no such process
   */
  synchronized Watch watch(Path mountinfo, Runnable look) {
    int descriptor = Kernel.open(mountinfo.toString(), Kernel.O_RDONLY, 0);
    long token = tokens.incrementAndGet();
    watched.put(token, new Watched(descriptor, look));
    epoll.add(descriptor, Epoll.PRI, token);
    if (thread == null) {
      thread = Thread.ofPlatform().daemon().name("mount-drift").start(this::listen);
    }
    return () -> {
      if (watched.remove(token) != null) {
        Kernel.close(descriptor);
      }
    };
  }

  private void listen() {
    Set<Long> changed = new HashSet<>();
    while (!closed) {
      try {
        changed.clear();
        epoll.await(-1, (token, events) -> changed.add(token));
        Thread.sleep(SETTLE_MILLIS);
        epoll.await(0, (token, events) -> changed.add(token));
        changed.forEach(this::look);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("notifications of mounts", e);
      }
    }
  }

  private void look(long token) {
    Watched one = watched.get(token);
    if (one != null && !closed) {
      one.look().run();
    }
  }

  @Override
  public void close() {
    closed = true;
    Thread running;
    synchronized (this) {
      running = thread;
    }
    if (running != null) {
      running.interrupt();
      epoll.wake();
      try {
        running.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    watched.values().forEach(one -> Kernel.close(one.descriptor()));
    watched.clear();
    epoll.close();
  }
}
