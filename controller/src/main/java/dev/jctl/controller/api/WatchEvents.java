package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.store.Entry;
import dev.jctl.store.Key;
import dev.jctl.store.Watch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Changes in the store as the lines of a watch. Pure but for what watches share. */
final class WatchEvents {
  private static final String ADDED = "ADDED";
  private static final String MODIFIED = "MODIFIED";
  private static final String DELETED = "DELETED";

  private final Selection selection;
  private final Representation representation;
  private final Tables.Include include;
  private final SharedEvents shared;

  private final SharedEvents.Form addedForm;
  private final SharedEvents.Form modifiedForm;
  private final SharedEvents.Form deletedForm;

  /** Of the one object that is watched, when its name alone decides. */
  private final @Nullable Key key;

  WatchEvents(
      Selection selection,
      Representation representation,
      Tables.Include include,
      SharedEvents shared) {
    this.shared = shared;
    this.selection = selection;
    this.representation = representation;
    this.include = include;
    this.key = selection.key().orElse(null);
    this.addedForm = form(ADDED);
    this.modifiedForm = form(MODIFIED);
    this.deletedForm = form(DELETED);
  }

  /** What a change means to this watcher: an object that stops matching is gone for it. */
  Optional<byte[]> line(Watch.Event event, Instant now) {
    Entry entry = event.entry();
    if (event.type() == Watch.Event.Type.DELETE) {
      return matches(entry) ? Optional.of(deleted(entry, now)) : Optional.empty();
    }
    boolean before = matches(event.previous());
    if (!matches(entry)) {
      return before ? Optional.of(changed(deletedForm, entry, now)) : Optional.empty();
    }
    return Optional.of(changed(before ? modifiedForm : addedForm, entry, now));
  }

  byte[] added(Entry entry, Instant now) {
    return line(ADDED, entry, now);
  }

  private byte[] changed(SharedEvents.Form form, Entry entry, Instant now) {
    byte[] known = shared.line(entry, form);
    return known == null ? shared.keep(entry, form, line(form.type(), entry, now)) : known;
  }

  private byte[] deleted(Entry entry, Instant now) {
    byte[] known = shared.line(entry, deletedForm);
    return known == null
        ? shared.keep(entry, deletedForm, line(DELETED, atRevision(entry), now))
        : known;
  }

  private SharedEvents.Form form(String type) {
    return shared.canonical(new SharedEvents.Form(type, representation, include));
  }

  private boolean matches(@Nullable Entry entry) {
    return entry != null
        && (key != null
            ? entry.key().equals(key)
            : selection.takesAll() || selection.matches(shared.tree(entry)));
  }

  private static ObjectNode atRevision(Entry deleted) {
    ObjectNode last = ResourceCodec.tree(deleted.value());
    last.withObject("/metadata").put("resourceVersion", Long.toString(deleted.modRevision()));
    return last;
  }

  private byte[] line(String type, Entry entry, Instant now) {
    return representation == Representation.OBJECTS
        ? line(type, entry.value())
        : line(type, shared.tree(entry), now);
  }

  private byte[] line(String type, ObjectNode object, Instant now) {
    JsonNode shown =
        switch (representation) {
          case OBJECTS -> object;
          case METADATA -> Tables.metadata(object);
          case TABLE -> table(object, now);
        };
    return line(type, ResourceCodec.bytes(shown));
  }

  private ObjectNode table(ObjectNode object, Instant now) {
    ObjectNode table = Tables.of(selection.kind(), List.of(object), include, now);
    String version = object.path("metadata").path("resourceVersion").asText();
    table.withObject("/metadata").put("resourceVersion", version);
    return table;
  }

  Bookmarks bookmarks() {
    ResourceKind kind = selection.kind();
    return new Bookmarks(kind.apiVersion(), kind.kind());
  }

  static byte[] error(ObjectNode status) {
    return line("ERROR", ResourceCodec.bytes(status));
  }

  static byte[] line(String type, byte[] object) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(object.length + 40);
    line.writeBytes(("{\"type\":\"" + type + "\",\"object\":").getBytes(StandardCharsets.US_ASCII));
    line.writeBytes(object);
    line.write('}');
    line.write('\n');
    return line.toByteArray();
  }
}
