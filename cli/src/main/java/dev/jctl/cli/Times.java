package dev.jctl.cli;

import dev.jctl.cli.args.UsageException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as Go writes them: {@code 1h30m}, {@code 10s}, {@code 500ms}; a bare number is seconds.
 */
final class Times {
  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)");

  private Times() {}

  static Duration parse(String text) {
    if (text.matches("\\d+")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    Matcher part = PART.matcher(text);
    Duration total = Duration.ZERO;
    int at = 0;
    while (part.find() && part.start() == at) {
      total = total.plus(part(Double.parseDouble(part.group(1)), part.group(2)));
      at = part.end();
    }
    if (at != text.length() || text.isEmpty()) {
      throw new UsageException("\"" + text + "\" is no duration; write it as 30s, 5m or 1h30m");
    }
    return total;
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
