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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lists at one revision, page by page. */
final class ObjectLists {
  private static final int SELECTED_PAGE = 500;
  private static final byte[] ITEMS = ",\"items\":[".getBytes(StandardCharsets.US_ASCII);

  private final Store store;
  private final Clock clock;

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
    Page page = page(selection, request.query());
    ObjectNode metadata = metadata(page);
    return switch (Representation.of(request.accept())) {
      case OBJECTS -> ApiReply.json(objects(selection, page, metadata));
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

  /** Objects are stored as they are answered: their bytes are only strung together. */
  private static byte[] objects(Selection selection, Page page, ObjectNode metadata) {
    ObjectNode head = ResourceCodec.MAPPER.createObjectNode();
    head.put("kind", selection.kind().kind() + "List");
    head.put("apiVersion", selection.kind().apiVersion());
    head.set("metadata", metadata);
    byte[] start = ResourceCodec.bytes(head);
    int size = page.entries().stream().mapToInt(entry -> entry.value().length + 1).sum();
    // made once in its full length: it may be megabytes
    ByteBuffer list = ByteBuffer.allocate(start.length + ITEMS.length + size + 2);
    list.put(start, 0, start.length - 1).put(ITEMS);
    for (int i = 0; i < page.entries().size(); i++) {
      if (i > 0) {
        list.put((byte) ',');
      }
      list.put(page.entries().get(i).value());
    }
    list.put((byte) ']').put((byte) '}');
    return list.position() == list.capacity()
        ? list.array()
        : Arrays.copyOf(list.array(), list.position());
  }
}
