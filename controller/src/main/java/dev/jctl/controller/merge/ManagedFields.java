package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code metadata.managedFields}: which writer owns which fields. */
public record ManagedFields(List<Entry> entries) {
  public static final ManagedFields NONE = new ManagedFields(List.of());

  /** More update writers than that are folded into one, oldest first, as Kubernetes does. */
  private static final int MAX_UPDATERS = 10;

  private static final String ANCIENT = "ancient-changes";

  public ManagedFields {
    entries = List.copyOf(entries);
  }

  public enum Operation {
    APPLY("Apply"),
    UPDATE("Update");

    private final String text;

    Operation(String text) {
      this.text = text;
    }
  }

  /** Who writes and how. {@code subresource}: {@code status}, or empty. */
  public record Writer(String manager, Operation operation, String apiVersion, String subresource) {
    boolean writesStatus() {
      return subresource.equals("status");
    }
  }

  /** {@code time}: RFC 3339, of the last change of {@code fields}. */
  public record Entry(Writer writer, String time, FieldSet fields) {}

  public static ManagedFields of(ObjectNode object) {
    List<Entry> entries = new ArrayList<>();
    for (JsonNode json : object.path("metadata").path("managedFields")) {
      if (json.hasNonNull("manager") || json.hasNonNull("operation")) {
        entries.add(entry(json));
      }
    }
    return new ManagedFields(entries);
  }

  private static Entry entry(JsonNode json) {
    Operation operation =
        json.path("operation").asText().equals(Operation.APPLY.text)
            ? Operation.APPLY
            : Operation.UPDATE;
    Writer writer =
        new Writer(
            json.path("manager").asText(),
            operation,
            json.path("apiVersion").asText(),
            json.path("subresource").asText());
    return new Entry(writer, json.path("time").asText(), FieldSet.ofJson(json.path("fieldsV1")));
  }

  /** Puts them into the object's metadata. */
  public void writeTo(ObjectNode object) {
    ObjectNode metadata = Trees.objectAt(object, "metadata");
    if (entries.isEmpty()) {
      metadata.remove("managedFields");
      return;
    }
    ArrayNode list = metadata.putArray("managedFields");
    entries.forEach(entry -> write(list.addObject(), entry));
  }

  private static void write(ObjectNode json, Entry entry) {
    Writer writer = entry.writer();
    json.put("manager", writer.manager());
    json.put("operation", writer.operation().text);
    json.put("apiVersion", writer.apiVersion());
    json.put("time", entry.time());
    json.put("fieldsType", "FieldsV1");
    json.set("fieldsV1", entry.fields().toJson());
    if (!writer.subresource().isEmpty()) {
      json.put("subresource", writer.subresource());
    }
  }

  Optional<FieldSet> fieldsOf(Writer writer) {
    return entries.stream().filter(e -> e.writer().equals(writer)).map(Entry::fields).findFirst();
  }

  /** All that others than {@code writer} own. */
  FieldSet fieldsOfOthers(Writer writer) {
    return entries.stream()
        .filter(e -> !e.writer().equals(writer))
        .map(Entry::fields)
        .reduce(FieldSet.EMPTY, FieldSet::union);
  }

  /**
   * After a write that is not an apply: who writes owns what it changed, and nobody owns what is
   * gone.
   *
   * @param before null when {@code now} is new
   */
  public ManagedFields afterUpdate(
      Schema schema, @Nullable ObjectNode before, ObjectNode now, Writer writer, String time) {
    ObjectNode old = before == null ? null : part(before, writer);
    ObjectNode current = part(now, writer);
    FieldSet changed = writable(Ownership.changed(schema, old, current));
    FieldSet removed =
        old == null ? FieldSet.EMPTY : writable(Ownership.removed(schema, old, current));
    if (changed.isEmpty() && removed.isEmpty()) {
      return this;
    }
    FieldSet own = fieldsOf(writer).orElse(FieldSet.EMPTY).minus(removed).union(changed);
    return takenFromOthers(changed.union(removed), writer, time).with(writer, own, time).bounded();
  }

  ManagedFields takenFromOthers(FieldSet taken, Writer writer, String time) {
    List<Entry> kept = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.writer().equals(writer)) {
        kept.add(entry);
        continue;
      }
      FieldSet rest = entry.fields().minus(taken);
      if (rest.equals(entry.fields())) {
        kept.add(entry);
      } else if (!rest.isEmpty()) {
        kept.add(new Entry(entry.writer(), time, rest));
      }
    }
    return new ManagedFields(kept);
  }

  /** The writer owns exactly {@code fields}. Its time stays when that is no change. */
  ManagedFields with(Writer writer, FieldSet fields, String time) {
    List<Entry> all = new ArrayList<>();
    boolean found = false;
    for (Entry entry : entries) {
      if (!entry.writer().equals(writer)) {
        all.add(entry);
        continue;
      }
      found = true;
      if (entry.fields().equals(fields)) {
        all.add(entry);
      } else if (!fields.isEmpty()) {
        all.add(new Entry(writer, time, fields));
      }
    }
    if (!found && !fields.isEmpty()) {
      all.add(new Entry(writer, time, fields));
    }
    return new ManagedFields(all);
  }

  private ManagedFields bounded() {
    if (entries.size() <= MAX_UPDATERS) {
      return this;
    }
    List<Entry> updaters =
        entries.stream()
            .filter(e -> e.writer().operation() == Operation.UPDATE && !e.writer().writesStatus())
            .sorted(java.util.Comparator.comparing(Entry::time))
            .toList();
    if (updaters.size() <= MAX_UPDATERS) {
      return this;
    }
    List<Entry> folded = updaters.subList(0, updaters.size() - MAX_UPDATERS + 1);
    FieldSet fields = folded.stream().map(Entry::fields).reduce(FieldSet.EMPTY, FieldSet::union);
    Entry newest = folded.getLast();
    Writer writer = new Writer(ANCIENT, Operation.UPDATE, newest.writer().apiVersion(), "");
    List<Entry> rest = new ArrayList<>(entries);
    rest.removeAll(folded);
    return new ManagedFields(rest).with(writer, fields, newest.time());
  }

  /** What a writer of its kind can write: the status, or all but the status. */
  static ObjectNode part(ObjectNode object, Writer writer) {
    ObjectNode part = Trees.object();
    if (writer.writesStatus()) {
      if (object.has("status")) {
        part.set("status", object.get("status"));
      }
    } else {
      part.setAll(object);
      part.remove("status");
    }
    return part;
  }

  /** Without what the server alone sets, which nobody owns. */
  static FieldSet writable(FieldSet fields) {
    FieldSet written = fields.without("f:apiVersion").without("f:kind");
    FieldSet metadata = fields.child("f:metadata");
    if (metadata.isEmpty()) {
      return written;
    }
    for (String name : ServerFields.METADATA) {
      metadata = metadata.without(Elements.field(name));
    }
    return written.with("f:metadata", metadata.children().isEmpty() ? FieldSet.EMPTY : metadata);
  }
}
