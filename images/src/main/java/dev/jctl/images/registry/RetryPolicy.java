package dev.jctl.images.registry;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * Pure: whether and when to try again.
 *
 * @param attempts in all
 * @param firstDelay doubled twice for each further attempt
 * @param chunkBytes of an upload: what is lost at most when a connection breaks
 * @param patience how long an answer may take, and its body be silent
 */
public record RetryPolicy(int attempts, Duration firstDelay, int chunkBytes, Duration patience) {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  public static final RetryPolicy DEFAULT = new RetryPolicy(4, Duration.ofMillis(250), 32 << 20);

  private static final Duration MAX_DELAY = Duration.ofSeconds(30);
  private static final int GOOD_DEAL_BYTES = 1 << 20;

  /** With the usual patience. */
  public RetryPolicy(int attempts, Duration firstDelay, int chunkBytes) {
    this(attempts, firstDelay, chunkBytes, PATIENCE);
  }

  /** There is another place to ask: that is sooner than to wait. */
  RetryPolicy forMirrors() {
    return new RetryPolicy(Math.min(2, attempts), firstDelay, chunkBytes, patience);
  }

  /**
   * Whether a connection that broke off has brought so much that going on is worth it, however
   * often it breaks: one that ends after some MiB each time still brings a large blob.
   *
   * @param bytes since the last time that this was so
   */
  boolean isGoodDeal(long bytes) {
    return bytes >= Math.min(chunkBytes, GOOD_DEAL_BYTES);
  }

  static boolean isTransient(int status) {
    return status == 408 || status == 429 || status >= 500;
  }

  /**
   * @param failed attempts that failed so far, at least 1
   * @param retryAfter what the server asks for
   * @return empty to give up
   */
  Optional<Duration> delay(int failed, Optional<Duration> retryAfter) {
    if (failed >= attempts) {
      return Optional.empty();
    }
    Duration backOff = firstDelay.multipliedBy(1L << (2 * (failed - 1)));
    Duration wanted = retryAfter.filter(d -> d.compareTo(backOff) > 0).orElse(backOff);
    return Optional.of(wanted.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : wanted);
  }

  /** {@code Retry-After}, in seconds or as a date. RFC 9110, 10.2.3. */
  static Optional<Duration> retryAfter(String header, Instant now) {
    if (header.matches("[0-9]{1,6}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(header)));
    }
    try {
      Instant then = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(header));
      return Optional.of(Duration.between(now, then)).filter(d -> !d.isNegative());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
