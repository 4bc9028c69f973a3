package dev.jctl.cli.output;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/** Durations in kubectl's short form (apimachinery {@code duration.HumanDuration}). */
public final class Ages {
  private Ages() {}

  /** {@code since}: RFC 3339, or empty. */
  public static String since(String since, Instant now) {
    if (since.isEmpty()) {
      return "<unknown>";
    }
    try {
      return human(Duration.between(Instant.parse(since), now));
    } catch (DateTimeException e) {
      return "<invalid>";
    }
  }

  static String human(Duration d) {
    long s = Math.max(0, d.toSeconds());
    long m = s / 60;
    long h = m / 60;
    long days = h / 24;
    if (s < 120) {
      return s + "s";
    } else if (m < 10) {
      return two(m, "m", s % 60, "s");
    } else if (m < 180) {
      return m + "m";
    } else if (h < 8) {
      return two(h, "h", m % 60, "m");
    } else if (h < 48) {
      return h + "h";
    } else if (days < 8) {
      return two(days, "d", h % 24, "h");
    } else if (days < 730) {
      return days + "d";
    }
    return two(days / 365, "y", days % 365, "d");
  }

  private static String two(long large, String largeUnit, long small, String smallUnit) {
    return large + largeUnit + (small == 0 ? "" : small + smallUnit);
  }
}
