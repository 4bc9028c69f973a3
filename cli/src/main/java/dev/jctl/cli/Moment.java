package dev.jctl.cli;

import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.schema.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A point in the past, as it is typed: {@code 2h} ago, a time in RFC 3339, or a revision. */
final class Moment {
  private static final Target REVISIONS = Target.path("/apis/jctl.dev/v1/revisions");

  private Moment() {}

  /** The revision of the store at that moment; {@code now} is the newest. */
  static String revision(Api api, String text) {
    if (text.matches("[1-9]\\d{0,17}")) {
      return text;
    }
    Target target =
        text.equals("now") ? REVISIONS : REVISIONS.with("time", time(text, Instant.now()));
    return api.get(target).path("revision").asText("");
  }

  private static String time(String text, Instant now) {
    Optional<Duration> ago = Durations.parse(text);
    if (ago.isPresent()) {
      return now.minus(ago.get()).toString();
    }
    try {
      return Instant.parse(text).toString();
    } catch (DateTimeException e) {
      throw new UsageException(
          "\""
              + text
              + "\": expected how long ago (2h), a time (2026-01-31T12:00:00Z) or a revision"
              + " (1234)");
    }
  }

  /** What the target had at that revision. */
  static Target at(Target target, String revision) {
    return revision.isEmpty()
        ? target
        : target.with("resourceVersion", revision).with("resourceVersionMatch", "Exact");
  }
}
