package dev.jctl.images.content;

import dev.jctl.images.reference.Digest;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Blobs that loads under way count on, so that a collection between "it is already here" and "the
 * image is listed" does not take them away.
 */
final class Pins {
  private final Map<Digest, Integer> holders = new HashMap<>();

  synchronized void pin(Digest digest) {
    holders.merge(digest, 1, Integer::sum);
  }

  synchronized void unpin(Collection<Digest> digests) {
    digests.forEach(d -> holders.computeIfPresent(d, (key, n) -> n == 1 ? null : n - 1));
  }

  /** Runs {@code action} while nobody can pin, if nobody has. */
  synchronized void ifFree(Digest digest, Runnable action) {
    if (!holders.containsKey(digest)) {
      action.run();
    }
  }
}
