package dev.jctl.manifests.schema;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go writes them: {@code 1h30m}, {@code 10s}, {@code 500ms}; and days, {@code 2d}. */
public final class Durations {
  /** What is expected, for messages. */
  public static final String SYNTAX = "a duration such as 30s, 5m or 1h30m";

  // so that all sums are durations
  private static final int MAX_LENGTH = 30;
  private static final Pattern PART = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h|d)");

  private Durations() {}

  /** In whole milliseconds; empty when it is no duration. */
  public static Optional<Duration> parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    Matcher part = PART.matcher(text);
    Duration total = Duration.ZERO;
    int at = 0;
    while (part.find() && part.start() == at) {
      total = total.plus(part(Double.parseDouble(part.group(1)), part.group(2)));
      at = part.end();
    }
    return at == text.length() && at > 0 ? Optional.of(total) : Optional.empty();
  }

  private static Duration part(double number, String unit) {
    double millis =
        switch (unit) {
          case "ms" -> number;
          case "s" -> number * 1000;
          case "m" -> number * 60_000;
          case "h" -> number * 3_600_000;
          default -> number * 86_400_000;
        };
    return Duration.ofMillis(Math.round(millis));
  }
}
