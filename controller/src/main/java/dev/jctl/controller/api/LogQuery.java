package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which part of a log is asked for.
 *
 * @param followRestarts go on with the next attempt's log when the container is started again
 *     (Kubernetes ends at the container's end)
 */
record LogQuery(
    boolean follow,
    boolean followRestarts,
    boolean previous,
    boolean timestamps,
    OptionalLong tailLines,
    OptionalLong limitBytes,
    Optional<Instant> since) {
  static LogQuery of(Query query, Instant now) {
    Optional<Instant> since =
        query.number("sinceSeconds").isPresent()
            ? Optional.of(now.minus(Duration.ofSeconds(query.number("sinceSeconds").getAsLong())))
            : query.text("sinceTime").map(LogQuery::time);
    boolean followRestarts = query.flag("followRestarts");
    return new LogQuery(
        query.flag("follow") || followRestarts,
        followRestarts,
        query.flag("previous"),
        query.flag("timestamps"),
        query.number("tailLines"),
        query.number("limitBytes"),
        since);
  }

  private static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw ApiException.badRequest("sinceTime: expected RFC 3339, found \"" + text + "\"");
    }
  }
}
