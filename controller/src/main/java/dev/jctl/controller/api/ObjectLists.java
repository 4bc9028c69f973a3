package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.store.CompactedException;
import dev.jctl.store.Entry;
import dev.jctl.store.FutureRevisionException;
import dev.jctl.store.Key;
import dev.jctl.store.Store;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lists at one revision, page by page. */
final class ObjectLists {
  private static final int SELECTED_PAGE = 500;
  private static final long LONG_BYTES = 1 << 20;

  private final Store store;
  private final Clock clock;

  /** Long lists that are read at once: as many as can be. */
  private final Semaphore reading = new Semaphore(Runtime.getRuntime().availableProcessors());

  ObjectLists(Store store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * @param after where it goes on, or null at its end
   * @param remaining how many come after; 0 also when that is not known
   */
  record Page(List<Entry> entries, long revision, @Nullable Key after, long remaining) {}

  ApiReply reply(Selection selection, ApiRequest request) {
    Representation representation = Representation.of(request.accept());
    if (representation == Representation.OBJECTS
        && selection.takesAll()
        && isWhole(request.query())) {
      return whole(selection);
    }
    Page page = page(selection, request.query());
    ObjectNode metadata = metadata(page);
    return switch (representation) {
      case OBJECTS -> {
        List<byte[]> pieces = new ArrayList<>();
        ItemPieces items = new ItemPieces(head(selection, metadata), pieces::add);
        page.entries().forEach(e -> items.take(e.value(), 0, e.value().length));
        items.end();
        yield ApiReply.Pieces.of(pieces);
      }
      case TABLE -> {
        Tables.Include include =
            Tables.Include.of(request.query().text("includeObject").orElse(""));
        ObjectNode table = Tables.of(selection.kind(), trees(page), include, clock.instant());
        table.set("metadata", metadata);
        yield ApiReply.json(200, table);
      }
      case METADATA -> {
        ObjectNode list = ResourceCodec.MAPPER.createObjectNode();
        list.put("kind", "PartialObjectMetadataList").put("apiVersion", Tables.META_V1);
        list.set("metadata", metadata);
        trees(page).stream().map(Tables::metadata).forEach(list.putArray("items")::add);
        yield ApiReply.json(200, list);
      }
    };
  }

  /** A long one is on its way before all of it is read. */
  private ApiReply whole(Selection selection) {
    if (store.estimatedBytes(selection.prefix()) > LONG_BYTES) {
      return new ApiReply.Pieces(
          new ReadAhead(full -> readOneOfMany(selection, full)), OptionalInt.empty());
    }
    List<byte[]> pieces = new ArrayList<>();
    read(selection, pieces::add);
    return ApiReply.Pieces.of(pieces);
  }

  private void readOneOfMany(Selection selection, Consumer<byte[]> full) {
    reading.acquireUninterruptibly();
    try {
      read(selection, full);
    } finally {
      reading.release();
    }
  }

  private void read(Selection selection, Consumer<byte[]> full) {
    store
        .values(selection.prefix(), revision -> new ItemPieces(head(selection, revision), full))
        .end();
  }

  /** Whether nothing is left for another page, or was asked of another time. */
  private boolean isWhole(Query query) {
    return query.text("continue").isEmpty()
        && query.number("limit").orElse(0) == 0
        && exactRevision(query) == 0;
  }

  /** Every object of the selection as of now. */
  Page all(Selection selection) {
    return page(selection, new Query(java.util.Map.of()));
  }

  static List<ObjectNode> trees(Page page) {
    return page.entries().stream().map(entry -> ResourceCodec.tree(entry.value())).toList();
  }

  private Page page(Selection selection, Query query) {
    Key prefix = selection.prefix();
    Optional<ContinueToken> token =
        query.text("continue").map(text -> ContinueToken.decode(text, prefix));
    long revision = token.map(ContinueToken::revision).orElseGet(() -> exactRevision(query));
    Key after = token.map(ContinueToken::after).orElse(null);
    int limit = (int) Math.min(Integer.MAX_VALUE, query.number("limit").orElse(0));
    try {
      return selection.takesAll()
          ? plain(prefix, revision, after, limit)
          : selected(selection, prefix, revision, after, limit);
    } catch (CompactedException e) {
      throw new ApiException(
          Reason.EXPIRED,
          token.isPresent()
              ? "The provided continue parameter is too old to display a consistent list result;"
                  + " start a new list without it"
              : "The resourceVersion for the provided list is too old",
          null,
          List.of());
    } catch (FutureRevisionException e) {
      throw tooLarge();
    }
  }

  /** 0 for the newest, which is not older than any revision that has happened. */
  private long exactRevision(Query query) {
    long asked = query.number("resourceVersion").orElse(0);
    if (query.text("resourceVersionMatch").orElse("").equals("Exact")) {
      return asked;
    }
    if (!store.hasHappened(asked)) {
      throw tooLarge();
    }
    return 0;
  }

  private static ApiException tooLarge() {
    return new ApiException(
        Reason.TIMEOUT,
        "Too large resource version",
        null,
        List.of(
            new ApiException.Cause("ResourceVersionTooLarge", "Too large resource version", "")));
  }

  private Page plain(Key prefix, long revision, @Nullable Key after, int limit) {
    Store.Page page = store.list(prefix, revision, after, limit);
    Key last = page.more() ? page.entries().getLast().key() : null;
    return new Page(page.entries(), page.revision(), last, page.remaining());
  }

  private Page selected(
      Selection selection, Key prefix, long revision, @Nullable Key after, int limit) {
    List<Entry> matching = new ArrayList<>();
    long at = revision;
    Key from = after;
    while (true) {
      Store.Page page = store.list(prefix, at, from, limit == 0 ? 0 : SELECTED_PAGE);
      at = page.revision();
      for (Entry entry : page.entries()) {
        if (limit > 0 && matching.size() == limit) {
          return new Page(matching, at, matching.getLast().key(), 0);
        }
        if (selection.matches(ResourceCodec.tree(entry.value()))) {
          matching.add(entry);
        }
      }
      if (!page.more()) {
        return new Page(matching, at, null, 0);
      }
      from = page.entries().getLast().key();
    }
  }

  private static ObjectNode metadata(Page page) {
    ObjectNode metadata = ResourceCodec.MAPPER.createObjectNode();
    metadata.put("resourceVersion", Long.toString(Math.max(1, page.revision())));
    if (page.after() != null) {
      metadata.put("continue", new ContinueToken(page.revision(), page.after()).encode());
      if (page.remaining() > 0) {
        metadata.put("remainingItemCount", page.remaining());
      }
    }
    return metadata;
  }

  private static ObjectNode head(Selection selection, long revision) {
    return head(selection, metadata(new Page(List.of(), revision, null, 0)));
  }

  private static ObjectNode head(Selection selection, ObjectNode metadata) {
    ObjectNode head = ResourceCodec.MAPPER.createObjectNode();
    head.put("kind", selection.kind().kind() + "List");
    head.put("apiVersion", selection.kind().apiVersion());
    head.set("metadata", metadata);
    return head;
  }
}
