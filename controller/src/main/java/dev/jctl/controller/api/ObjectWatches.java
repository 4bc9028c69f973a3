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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Watches. Each is a place in the store's order of changes, so a slow reader costs no memory: it is
 * served from disk, until what it needs is compacted and it is told so with {@code 410 Expired}.
 */
final class ObjectWatches {
  private static final int MIN_TIMEOUT_SECONDS = 1800;

  private final Store store;
  private final ObjectLists lists;
  private final Clock clock;
  private final SharedEvents shared = new SharedEvents();

  /** Of which each watch has one: what all of them hear of is written on two processors. */
  private final List<Turns> turns = List.of(new Turns(), new Turns());

  private final AtomicInteger begun = new AtomicInteger();

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
    // looked at before anything is answered: a revision that is gone is a plain 410
    long known = settings.initial() == Initial.NONE ? kept(selection, settings) : 0;
    return new ApiReply.Streamed(
        ApiReply.JSON,
        sink -> {
          try {
            long revision =
                settings.initial() == Initial.NONE
                    ? known
                    : writeAll(selection, settings, events, sink);
            follow(selection, revision, settings, events, sink);
          } catch (CompactedException e) {
            sink.write(WatchEvents.error(Statuses.of(expired(e))));
          }
        });
  }

  /** Of a kind of which there are no objects: bookmarks are all that comes. */
  ApiReply reply(AbsentKind kind, ApiRequest request) {
    Settings settings = settings(request.query());
    Bookmarks bookmarks = new Bookmarks(kind.apiVersion(), kind.kind());
    return new ApiReply.Streamed(
        ApiReply.JSON,
        sink -> {
          if (settings.initial() == Initial.EVENTS_AND_BOOKMARK) {
            sink.write(bookmarks.initialEventsEnd(Math.max(1, store.revision())));
          }
          Duration left = settings.timeout();
          while (settings.bookmarks() && left.compareTo(FollowedWatch.BOOKMARK_INTERVAL) > 0) {
            Thread.sleep(FollowedWatch.BOOKMARK_INTERVAL);
            left = left.minus(FollowedWatch.BOOKMARK_INTERVAL);
            sink.write(bookmarks.at(Math.max(1, store.revision())));
          }
          Thread.sleep(left);
        });
  }

  private static Settings settings(Query query) {
    boolean bookmarks = query.flag("allowWatchBookmarks");
    long revision = query.number("resourceVersion").orElse(0);
    Initial initial = revision == 0 ? Initial.EVENTS : Initial.NONE;
    if (!query.all("sendInitialEvents").isEmpty()) {
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

  /** What the watch begins after, of which nothing is lost yet. */
  private long kept(Selection selection, Settings settings) {
    long revision = settings.revision() == 0 ? store.revision() : settings.revision();
    try (Watch _ = store.watch(selection.prefix(), revision)) {
      return revision;
    } catch (CompactedException e) {
      throw expired(e);
    }
  }

  private static ApiException expired(CompactedException e) {
    return new ApiException(
        Reason.EXPIRED, "too old resource version: " + e.getMessage(), null, List.of());
  }

  /** The revision of what was written. */
  private long writeAll(
      Selection selection, Settings settings, WatchEvents events, Streams.Sink sink)
      throws IOException {
    ObjectLists.Page all = lists.all(selection);
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Entry entry : all.entries()) {
      lines.writeBytes(events.added(entry, clock.instant()));
    }
    if (settings.initial() == Initial.EVENTS_AND_BOOKMARK) {
      lines.writeBytes(events.bookmarks().initialEventsEnd(Math.max(1, all.revision())));
    }
    sink.write(lines.toByteArray());
    return all.revision();
  }

  /** Returns when its time is over. */
  private void follow(
      Selection selection, long revision, Settings settings, WatchEvents events, Streams.Sink sink)
      throws IOException, InterruptedException {
    FollowedWatch followed =
        new FollowedWatch(
            turns.get(begun.getAndIncrement() & 1),
            new FollowedWatch.Lines(events, clock, settings.bookmarks()),
            sink,
            revision);
    try (Watch watch = store.watch(selection.prefix(), revision, followed::changed)) {
      followed.follow(watch, settings.timeout());
    }
  }
}
