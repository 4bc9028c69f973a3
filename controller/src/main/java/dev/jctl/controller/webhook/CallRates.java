package dev.jctl.controller.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** How often each of many callers may call; the longest silent are forgotten. Thread-safe. */
final class CallRates {
  private static final int MAX_CALLERS = 1024;

  private final int burst;
  private final Duration refill;
  private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

  private record Bucket(double left, Instant at) {}

  /**
   * @param burst calls at once
   * @param refill after which a call more is allowed
   */
  CallRates(int burst, Duration refill) {
    this.burst = burst;
    this.refill = refill;
  }

  /** Whether one more call would be within the bounds. */
  synchronized boolean allows(String caller, Instant now) {
    return left(caller, now) >= 1;
  }

  /** Counts a call; false when it is one too many. */
  synchronized boolean take(String caller, Instant now) {
    double left = left(caller, now);
    boolean allowed = left >= 1;
    buckets.put(caller, new Bucket(allowed ? left - 1 : left, now));
    if (buckets.size() > MAX_CALLERS) {
      buckets.remove(buckets.keySet().iterator().next());
    }
    return allowed;
  }

  private double left(String caller, Instant now) {
    Bucket bucket = buckets.get(caller);
    if (bucket == null) {
      return burst;
    }
    double refilled = Duration.between(bucket.at(), now).toMillis() / (double) refill.toMillis();
    return Math.min(burst, bucket.left() + Math.max(0, refilled));
  }
}
