package dev.jctl.cli;

import dev.jctl.cli.args.UsageException;
import dev.jctl.manifests.schema.Durations;
import java.time.Duration;

/** Durations on a command line: {@code 1h30m}; a bare number is seconds. */
final class Times {
  private Times() {}

  static Duration parse(String text) {
    return Durations.parse(text.matches("\\d+") ? text + "s" : text)
        .orElseThrow(() -> new UsageException("\"" + text + "\": expected " + Durations.SYNTAX));
  }
}
