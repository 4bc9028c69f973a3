package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.store.Txn;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sees what becomes of objects that are applied together, before it is committed. */
@FunctionalInterface
public interface ApplyRecord {
  /** Takes no note. */
  ApplyRecord NONE = (applied, pruned) -> Optional.empty();

  /**
   * Called again whenever the decision is made again.
   *
   * @return what is written in the same transaction
   * @throws ApiException to refuse all of it
   */
  Optional<Note> note(List<Becoming> applied, List<Becoming> pruned);

  /**
   * @param before null: there is none yet
   * @param after as it would be stored; of one that is pruned, as it is marked
   */
  record Becoming(
      ObjectRef ref,
      @Nullable ObjectNode before,
      ObjectNode after,
      Resources.Applied.Outcome outcome) {}

  /**
   * @param keeper the object that keeps record
   * @param before it, as the note was taken; the transaction is decided again when it is another by
   *     then
   * @param after it, with its status
   * @param alongside writes of other keys than objects'
   */
  record Note(
      ObjectRef keeper,
      Optional<StoredObject> before,
      ObjectNode after,
      List<Txn.Write> alongside) {
    public Note {
      alongside = List.copyOf(alongside);
    }
  }
}
