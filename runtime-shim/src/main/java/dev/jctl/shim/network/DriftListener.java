package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.kernel.Epoll;
import dev.jctl.shim.netlink.Changes;
import dev.jctl.shim.netlink.Changes.Change;
import dev.jctl.shim.netlink.Link;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that waits for the kernel's notifications and asks what they mean. */
final class DriftListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DriftListener.class);

  /** Changes come in flocks; one look for all that arrive within that time at least. */
  private static final int LEAST_SETTLE_MILLIS = 20;

  /** The kernel keeps only so many notifications. */
  private static final int MOST_SETTLE_MILLIS = 200;

  /** Where others change much all the time, looks take a fiftieth of a processor. */
  private static final int TIMES_LOOK = 50;

  /** Of some things the kernel does not tell. */
  private static final int LOOK_MILLIS = 2_000;

  private final Changes changes;
  private final Epoll epoll = new Epoll();
  private final Function<Set<Change>, List<RuntimeEvent>> meaning;
  private final List<Consumer<RuntimeEvent>> consumers = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param table of nftables
   * @param ours which links to hear of
   * @param meaning the events that changes amount to; none: look at what is not told of
   */
  DriftListener(
      HostThread host,
      String table,
      Predicate<Link> ours,
      Function<Set<Change>, List<RuntimeEvent>> meaning) {
    this.meaning = meaning;
    changes = host.run(() -> new Changes(table, ours));
    changes.descriptors().forEach(fd -> epoll.add(fd, Epoll.IN, fd));
    thread = Thread.ofPlatform().daemon().name("network-drift").start(this::listen);
  }

  void add(Consumer<RuntimeEvent> consumer) {
    consumers.add(consumer);
  }

  /**
   * For how long changes are gathered.
   *
   * @param look how long the last look took
   */
  static Duration settle(Duration look) {
    return Duration.ofMillis(
        Math.clamp(
            look.multipliedBy(TIMES_LOOK).toMillis(), LEAST_SETTLE_MILLIS, MOST_SETTLE_MILLIS));
  }

  private void listen() {
    Duration look = Duration.ZERO;
    Set<Change> taken = new HashSet<>(); // until a look at them has succeeded
    while (!closed) {
      try {
        epoll.await(LOOK_MILLIS, (token, events) -> {});
        Thread.sleep(settle(look));
        long began = System.nanoTime();
        taken.addAll(changes.take());
        if (!closed) {
          meaning.apply(taken).forEach(event -> consumers.forEach(c -> c.accept(event)));
        }
        taken.clear();
        look = Duration.ofNanos(System.nanoTime() - began);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("network notifications", e);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    epoll.wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    epoll.close();
    changes.close();
  }
}
