package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.tree.LayerIndex;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What builds, commits and diffs know of layers: within one bound of memory for all of them, and
 * read once for builds that want the same. For many threads.
 */
final class LayerIndexes {
  /**
   * The controller has 128 MB of heap at least, and an entry with its place in a tree takes about
   * 300 bytes.
   */
  static final int MAX_ENTRIES = 200_000;

  private static final int BLOCK = 1000;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /**
   * A layer that is to be looked into.
   *
   * @param key equal ones give equal indexes
   * @param name for messages
   */
  record Wanted(String key, String name, Reading reading) {}

  interface Reading {
    LayerIndex read(LayerIndex.Room room);
  }

  private static final class Kept {
    private final LayerIndex index;
    private int borrowers;

    Kept(LayerIndex index) {
      this.index = index;
    }
  }

  private final int most;

  /**
   * Held by the one who takes more. Those who have all that they want do not wait, so that they
   * give back some day; and nobody who waits has what somebody else waits for.
   */
  private final ReentrantLock taking = new ReentrantLock(true);

  private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
  private int lent;
  private int builds;

  LayerIndexes() {
    this(MAX_ENTRIES);
  }

  LayerIndexes(int most) {
    this.most = most;
  }

  /** What a build looked into is kept for its next step. */
  synchronized void buildBegins() {
    builds++;
  }

  synchronized void buildEnds() {
    builds--;
    forgetUnlessBuilding();
  }

  private void forgetUnlessBuilding() {
    if (builds == 0) {
      kept.values().removeIf(one -> one.borrowers == 0);
    }
  }

  /**
   * Waits while others keep too much in memory. To be closed before the same thread asks again.
   *
   * @throws ImageException UNSUPPORTED when there can never be room for all of it, or was none for
   *     ten minutes; what reading it throws
   */
  Loan lend(List<Wanted> wanted) {
    Loan loan = new Loan();
    try {
      taking.lockInterruptibly();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    try {
      wanted.forEach(loan::add);
      return loan;
    } catch (RuntimeException e) {
      loan.close();
      throw e;
    } finally {
      taking.unlock();
    }
  }

  private static ImageException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ImageException(Reason.IO, "interrupted while waiting to look into layers", e);
  }

  private synchronized void take(String name, int count) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (lent + count > most) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw refused(name, "beside what others are looking into");
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
    lent += count;
    Iterator<Kept> eldest = kept.values().iterator();
    while (lent + idle() > most && eldest.hasNext()) {
      if (eldest.next().borrowers == 0) {
        eldest.remove();
      }
    }
  }

  private int idle() {
    return kept.values().stream()
        .filter(one -> one.borrowers == 0)
        .mapToInt(one -> one.index.size())
        .sum();
  }

  private ImageException refused(String name, String why) {
    return new ImageException(
        Reason.UNSUPPORTED,
        "layer %s: %s there are more than %d entries to be kept in memory, for COPY, ADD, the changes of a RUN, a commit or a diff"
            .formatted(name, why, most));
  }

  /** Entries of layers, until it is closed. */
  final class Loan implements AutoCloseable {
    private final Map<String, Kept> borrowed = new HashMap<>();
    private int entries;

    private Loan() {}

    LayerIndex index(Wanted wanted) {
      Kept one = borrowed.get(wanted.key());
      if (one == null) {
        throw new IllegalArgumentException("not borrowed: " + wanted.key());
      }
      return one.index;
    }

    private void add(Wanted wanted) {
      if (borrowed.containsKey(wanted.key())) {
        return;
      }
      Kept known;
      synchronized (LayerIndexes.this) {
        known = kept.get(wanted.key());
      }
      int before = entries;
      if (known == null) {
        known = new Kept(wanted.reading().read(size -> need(wanted.name(), before, size)));
      } else {
        need(wanted.name(), before, known.index.size());
      }
      borrow(wanted.key(), known, before);
    }

    /** Room for that many entries of the layer at hand. */
    private void need(String name, int before, int size) {
      int total = before + size;
      if (total > most) {
        throw refused(name, "with it");
      }
      if (total > entries) {
        int more = Math.clamp(BLOCK, total - entries, most - entries);
        take(name, more);
        entries += more;
      }
    }

    private void borrow(String key, Kept one, int before) {
      synchronized (LayerIndexes.this) {
        int spare = entries - before - one.index.size();
        entries -= spare;
        lent -= spare;
        one.borrowers++;
        kept.put(key, one);
        borrowed.put(key, one);
      }
    }

    @Override
    public void close() {
      synchronized (LayerIndexes.this) {
        lent -= entries;
        entries = 0;
        borrowed.values().forEach(one -> one.borrowers--);
        borrowed.clear();
        forgetUnlessBuilding();
        LayerIndexes.this.notifyAll();
      }
    }
  }
}
