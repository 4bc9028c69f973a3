package dev.jctl.manifests.schema;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/**
 * How long ago something was, as kubectl shows it (apimachinery {@code duration.HumanDuration}).
 */
public final class Ages {
  private Ages() {}

  /** {@code timestamp}: RFC 3339; of anything else the age is unknown. */
  public static String since(String timestamp, Instant now) {
    try {
      return human(Duration.between(Instant.parse(timestamp), now));
    } catch (DateTimeException e) {
      return "<unknown>";
    }
  }

  /** {@code 5s}, {@code 3m10s}, {@code 4h}, {@code 12d}; below zero as zero. */
  public static String human(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    long minutes = seconds / 60;
    long hours = minutes / 60;
    long days = hours / 24;
    if (minutes < 2) {
      return seconds + "s";
    }
    if (minutes < 10) {
      return two(minutes, "m", seconds % 60, "s");
    }
    if (hours < 3) {
      return minutes + "m";
    }
    if (hours < 8) {
      return two(hours, "h", minutes % 60, "m");
    }
    if (days < 2) {
      return hours + "h";
    }
    if (days < 8) {
      return two(days, "d", hours % 24, "h");
    }
    return days < 730 ? days + "d" : two(days / 365, "y", days % 365, "d");
  }

  private static String two(long large, String unit, long small, String smallUnit) {
    return small == 0 ? large + unit : large + unit + small + smallUnit;
  }
}
