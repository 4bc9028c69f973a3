package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.store.CompactedException;
import dev.jctl.store.Entry;
import dev.jctl.store.Store;
import dev.jctl.store.Watch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Watches. Each is a place in the store's order of changes, so a slow reader costs no memory: it is
 * served from disk, until what it needs is compacted and it is told so with {@code 410 Expired}.
 */
final class ObjectWatches {
  private static final Duration BOOKMARK_INTERVAL = Duration.ofSeconds(20);

  private static final int MIN_TIMEOUT_SECONDS = 1800;
  private static final byte[] NOTHING = {};

  private final Store store;
  private final ObjectLists lists;
  private final Clock clock;
  private final SharedEvents shared = new SharedEvents();

  ObjectWatches(Store store, ObjectLists lists, Clock clock) {
    this.store = store;
    this.lists = lists;
    this.clock = clock;
  }

  /** What comes before the changes. The bookmark says that it is over. */
  private enum Initial {
    NONE,
    EVENTS,
    EVENTS_AND_BOOKMARK
  }

  private record Settings(Initial initial, boolean bookmarks, Duration timeout, long revision) {}

  ApiReply reply(Selection selection, ApiRequest request) {
    Settings settings = settings(request.query());
    WatchEvents events =
        new WatchEvents(
            selection,
            Representation.of(request.accept()),
            Tables.Include.of(request.query().text("includeObject").orElse("")),
            shared);
    // opened before anything is answered: a revision that is gone is a plain 410
    Started early = settings.initial() == Initial.NONE ? open(selection, settings) : null;
    return new ApiReply.Streamed(
        ApiReply.JSON,
        sink -> {
          try {
            follow(
                early == null ? startWithAll(selection, settings, events, sink) : early,
                settings,
                events,
                sink);
          } catch (CompactedException e) {
            sink.write(WatchEvents.error(Statuses.of(expired(e))));
          }
        });
  }

  private static Settings settings(Query query) {
    boolean bookmarks = query.flag("allowWatchBookmarks");
    long revision = query.number("resourceVersion").orElse(0);
    Initial initial = revision == 0 ? Initial.EVENTS : Initial.NONE;
    if (!query.all("sendInitialEvents").isEmpty()) {
      if (!query.text("resourceVersionMatch").orElse("").equals("NotOlderThan")) {
        throw new ApiException(
            Reason.INVALID,
            "sendInitialEvents needs resourceVersionMatch=NotOlderThan",
            null,
            List.of());
      }
      initial = query.flag("sendInitialEvents") ? Initial.EVENTS_AND_BOOKMARK : Initial.NONE;
    }
    long seconds =
        query
            .number("timeoutSeconds")
            .orElseGet(
                () ->
                    ThreadLocalRandom.current()
                        .nextLong(MIN_TIMEOUT_SECONDS, 2 * MIN_TIMEOUT_SECONDS));
    return new Settings(
        initial, bookmarks, Duration.ofSeconds(Math.min(seconds, 1 << 20)), revision);
  }

  /** {@code revision}: all up to it is known to the watcher. */
  private record Started(Watch watch, long revision) {}

  private Started open(Selection selection, Settings settings) {
    long revision = settings.revision() == 0 ? store.revision() : settings.revision();
    try {
      return after(selection, revision);
    } catch (CompactedException e) {
      throw expired(e);
    }
  }

  private Started after(Selection selection, long revision) {
    return new Started(store.watch(selection.prefix(), revision), revision);
  }

  private static ApiException expired(CompactedException e) {
    return new ApiException(
        Reason.EXPIRED, "too old resource version: " + e.getMessage(), null, List.of());
  }

  private Started startWithAll(
      Selection selection, Settings settings, WatchEvents events, Streams.Sink sink)
      throws IOException {
    ObjectLists.Page all = lists.all(selection);
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Entry entry : all.entries()) {
      lines.writeBytes(events.added(entry, clock.instant()));
    }
    if (settings.initial() == Initial.EVENTS_AND_BOOKMARK) {
      lines.writeBytes(events.initialEventsEnd(Math.max(1, all.revision())));
    }
    sink.write(lines.toByteArray());
    return after(selection, all.revision());
  }

  private void follow(Started started, Settings settings, WatchEvents events, Streams.Sink sink)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + settings.timeout().toNanos();
    long written = System.nanoTime();
    long revision = started.revision();
    try (Watch watch = started.watch()) {
      for (long left = settings.timeout().toNanos(); left > 0; left = end - System.nanoTime()) {
        Duration wait = Duration.ofNanos(Math.min(left, BOOKMARK_INTERVAL.toNanos()));
        Optional<Watch.Batch> batch = watch.next(wait);
        revision = batch.map(Watch.Batch::revision).orElse(revision);
        byte[] lines = batch.map(b -> lines(b, events)).orElse(NOTHING);
        if (lines.length == 0
            && settings.bookmarks()
            && System.nanoTime() - written >= BOOKMARK_INTERVAL.toNanos()) {
          lines = events.bookmark(revision);
        }
        if (lines.length > 0) {
          sink.write(lines);
          written = System.nanoTime();
        }
      }
    }
  }

  private byte[] lines(Watch.Batch batch, WatchEvents events) {
    if (batch.events().size() == 1) {
      return events.line(batch.events().getFirst(), clock.instant()).orElse(NOTHING);
    }
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Watch.Event event : batch.events()) {
      events.line(event, clock.instant()).ifPresent(lines::writeBytes);
    }
    return lines.toByteArray();
  }
}
