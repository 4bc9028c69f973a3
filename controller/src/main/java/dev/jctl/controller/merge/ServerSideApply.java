package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.ManagedFields.Entry;
import dev.jctl.controller.merge.ManagedFields.Writer;
import dev.jctl.manifests.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Server-side apply: the applied configuration is merged into the live object; what this manager
 * applied before and does not name any more is removed unless another owns it; values that another
 * owns are a conflict.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/server-side-apply/">Kubernetes</a>
 */
public final class ServerSideApply {
  private ServerSideApply() {}

  public sealed interface Result {
    /** {@code object}: without its managed fields written in. */
    record Merged(ObjectNode object, ManagedFields fields) implements Result {}

    record Conflicting(List<Conflict> conflicts) implements Result {}
  }

  /** {@code path}: {@code .spec.image}. */
  public record Conflict(Writer owner, String path) {
    public String message() {
      String subresource =
          owner.subresource().isEmpty() ? "" : " with subresource \"" + owner.subresource() + "\"";
      String version =
          owner.operation() == ManagedFields.Operation.APPLY ? "" : " using " + owner.apiVersion();
      return "conflict with \"" + owner.manager() + "\"" + subresource + version;
    }

    /** In kube-apiserver's words: one in a line, more by manager. */
    public static String messageOf(List<Conflict> conflicts) {
      if (conflicts.size() == 1) {
        Conflict only = conflicts.getFirst();
        return "Apply failed with 1 conflict: " + only.message() + ": " + only.path();
      }
      Map<String, List<Conflict>> byManager =
          conflicts.stream()
              .collect(Collectors.groupingBy(Conflict::message, TreeMap::new, Collectors.toList()));
      StringJoiner lines = new StringJoiner("\n");
      byManager.forEach(
          (message, paths) -> {
            lines.add(message.replaceFirst("^conflict", "conflicts") + ":");
            paths.forEach(c -> lines.add("- " + c.path()));
          });
      return "Apply failed with " + conflicts.size() + " conflicts: " + lines;
    }
  }

  /** What to do about fields that others own. */
  public enum OnConflict {
    REFUSE,
    TAKE_OVER
  }

  /**
   * @param live null when the object is to be created
   * @param applied without nulls
   * @param time RFC 3339
   */
  public static Result apply(
      Schema schema,
      @Nullable ObjectNode live,
      ObjectNode applied,
      Writer writer,
      OnConflict onConflict,
      String time) {
    ManagedFields before = live == null ? ManagedFields.NONE : ManagedFields.of(live);
    ObjectNode config = ManagedFields.part(applied, writer);
    FieldSet owned = ManagedFields.writable(Ownership.of(schema, config));
    ObjectNode merged = merge(schema, live, config, before, writer, owned);

    FieldSet changed = changed(schema, live, merged, writer);
    FieldSet own = live == null ? FieldSet.EMPTY : LastApplied.stillSo(schema, live, writer);
    List<Conflict> conflicts = conflicts(before, writer, changed.minus(own));
    if (!conflicts.isEmpty() && onConflict == OnConflict.REFUSE) {
      return new Result.Conflicting(conflicts);
    }
    FieldSet taken = changed.union(removed(schema, live, merged, writer));
    LastApplied.update(merged, applied, writer);
    return new Result.Merged(
        merged, before.takenFromOthers(taken, writer, time).with(writer, owned, time));
  }

  private static ObjectNode merge(
      Schema schema,
      @Nullable ObjectNode live,
      ObjectNode config,
      ManagedFields before,
      Writer writer,
      FieldSet owned) {
    ObjectNode merged = (ObjectNode) SchemaMerge.merge(schema, live, config);
    FieldSet kept = owned.union(before.fieldsOfOthers(writer));
    FieldSet gone = before.fieldsOf(writer).orElse(FieldSet.EMPTY).minus(kept);
    SchemaMerge.remove(schema, merged, gone, kept);
    return merged;
  }

  private static FieldSet changed(
      Schema schema, @Nullable ObjectNode live, ObjectNode merged, Writer writer) {
    return live == null
        ? FieldSet.EMPTY
        : ManagedFields.writable(
            Ownership.changed(
                schema, ManagedFields.part(live, writer), ManagedFields.part(merged, writer)));
  }

  private static FieldSet removed(
      Schema schema, @Nullable ObjectNode live, ObjectNode merged, Writer writer) {
    return live == null
        ? FieldSet.EMPTY
        : Ownership.of(schema, ManagedFields.part(live, writer))
            .minus(Ownership.of(schema, ManagedFields.part(merged, writer)));
  }

  private static List<Conflict> conflicts(ManagedFields before, Writer writer, FieldSet changed) {
    List<Conflict> conflicts = new ArrayList<>();
    for (Entry entry : before.entries()) {
      if (!entry.writer().equals(writer)) {
        for (String path : entry.fields().intersect(changed).paths()) {
          conflicts.add(new Conflict(entry.writer(), path));
        }
      }
    }
    return conflicts;
  }
}
