package dev.jctl.images.content;

import dev.jctl.images.reference.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Blobs that clients of a registry count on for a while: what they have sent, and what they were
 * told need not be sent. Nothing of it outlives the process, whose clients have then to send again.
 */
public final class Holds {
  private static final Duration TIME = Duration.ofHours(1);

  private record Held(String scope, Digest digest) {}

  private final Pins pins;
  private final Map<Held, Instant> until = new HashMap<>();

  Holds(Pins pins) {
    this.pins = pins;
  }

  public synchronized boolean has(String scope, Digest digest) {
    return until.containsKey(new Held(scope, digest));
  }

  /** Whether anybody counts on it. */
  public synchronized boolean has(Digest digest) {
    return until.keySet().stream().anyMatch(held -> held.digest().equals(digest));
  }

  /** From now on, for an hour. */
  public synchronized void add(String scope, Digest digest, Instant now) {
    if (until.put(new Held(scope, digest), now.plus(TIME)) == null) {
      pins.pin(digest);
    }
  }

  public synchronized void remove(String scope, Digest digest) {
    if (until.remove(new Held(scope, digest)) != null) {
      pins.unpin(List.of(digest));
    }
  }

  /** What is held by anybody, after letting go what was held long enough. */
  public synchronized List<Digest> current(Instant now) {
    until
        .entrySet()
        .removeIf(
            held -> {
              boolean over = held.getValue().isBefore(now);
              if (over) {
                pins.unpin(List.of(held.getKey().digest()));
              }
              return over;
            });
    return until.keySet().stream().map(Held::digest).toList();
  }
}
