package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.Keys;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.store.CompactedException;
import dev.jctl.store.FutureRevisionException;
import dev.jctl.store.Store;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/** What was: objects at a revision, their versions, and which revision there was when. */
final class Past {
  private final Store store;

  Past(Store store) {
    this.store = store;
  }

  /** {@code ?resourceVersion=N&resourceVersionMatch=Exact}. */
  static boolean isAsked(Query query) {
    return query.text("resourceVersionMatch").orElse("").equals("Exact");
  }

  ObjectNode object(ObjectRef ref, Query query) {
    long revision =
        query
            .number("resourceVersion")
            .orElseThrow(
                () ->
                    ApiException.badRequest(
                        "resourceVersionMatch=Exact needs a resourceVersion from 1"));
    try {
      return store
          .get(Keys.of(ref), revision)
          .map(entry -> ResourceCodec.tree(entry.value()))
          .orElseThrow(() -> ApiException.notFound(ref));
    } catch (CompactedException e) {
      throw forgotten("revision " + revision);
    } catch (FutureRevisionException e) {
      throw ApiException.badRequest(
          "revision " + revision + " has not happened yet; the newest is " + store.revision());
    }
  }

  private ApiException forgotten(String what) {
    long oldest = store.compactedRevision();
    return new ApiException(
        Reason.EXPIRED,
        what + " is not kept any more; the oldest that is, is " + oldest + since(oldest),
        null,
        List.of());
  }

  private String since(long revision) {
    Map.Entry<Long, Instant> at = store.times().floorEntry(revision);
    return at == null ? "" : " of " + text(at.getValue());
  }

  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** {@code ?time=}: the newest revision at that time. */
  ObjectNode revision(Query query) {
    String text = query.text("time").orElse("");
    long revision;
    try {
      revision = text.isEmpty() ? store.revision() : store.revisionAt(Instant.parse(text));
    } catch (DateTimeException e) {
      throw ApiException.badRequest(
          "time: expected such as 2026-01-31T12:00:00Z, found \"" + text + "\"");
    }
    if (revision < Math.max(1, store.compactedRevision())) {
      throw forgotten("what was at " + text);
    }
    ObjectNode reply = ResourceCodec.MAPPER.createObjectNode();
    reply.put("kind", "Revision").put("apiVersion", "jctl.dev/v1");
    return reply
        .put("revision", Long.toString(revision))
        .put("oldest", Long.toString(store.compactedRevision()));
  }

  /** {@code ?history=true}: the versions of an object, newest first. */
  ObjectNode history(ObjectRef ref) {
    List<Store.Version> versions = store.history(Keys.of(ref));
    if (versions.isEmpty()) {
      throw ApiException.notFound(ref);
    }
    NavigableMap<Long, Instant> times = store.times();
    ObjectNode reply = ResourceCodec.MAPPER.createObjectNode();
    reply.put("kind", "ObjectHistory").put("apiVersion", "jctl.dev/v1");
    ArrayNode items = reply.putArray("items");
    for (Store.Version version : versions) {
      ObjectNode item = items.addObject().put("revision", Long.toString(version.revision()));
      Map.Entry<Long, Instant> time = times.floorEntry(version.revision());
      if (time != null) {
        item.put("time", text(time.getValue()));
      }
      version.entry().ifPresent(e -> item.set("object", ResourceCodec.tree(e.value())));
    }
    return reply;
  }
}
