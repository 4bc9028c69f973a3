package dev.jctl.images.content;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.Digest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;

/** Lets one caller at a time fetch a blob; the others wait for it. */
final class Arrivals {
  private final ConcurrentMap<Digest, CountDownLatch> underWay = new ConcurrentHashMap<>();

  /**
   * Runs {@code fetch} when no other does for this digest. A waiter runs its own afterwards, which
   * finds the blob, or replaces the attempt that failed.
   */
  void once(Digest digest, Runnable fetch) {
    CountDownLatch mine = new CountDownLatch(1);
    for (CountDownLatch other = underWay.putIfAbsent(digest, mine);
        other != null;
        other = underWay.putIfAbsent(digest, mine)) {
      await(digest, other);
    }
    try {
      fetch.run();
    } finally {
      underWay.remove(digest);
      mine.countDown();
    }
  }

  private static void await(Digest digest, CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(Reason.IO, "interrupted while another load fetches " + digest, e);
    }
  }
}
