package dev.jctl.store;

import java.util.List;

/** Conditions, and the writes to make when all hold. A key is written at most once. */
public record Txn(List<Condition> conditions, List<Write> writes, Durability durability) {
  public Txn {
    conditions = List.copyOf(conditions);
    writes = List.copyOf(writes);
  }

  public enum Durability {
    /** On disk before the answer. */
    SYNCED,
    /**
     * Survives the end of the process, but perhaps not power loss: for status that is recomputed
     * anyway.
     */
    BUFFERED
  }

  /** {@code modRevision} 0: the key must not exist. */
  public record Condition(Key key, long modRevision) {}

  public sealed interface Write {
    Key key();

    record Put(Key key, ValueAt value) implements Write {}

    record Delete(Key key) implements Write {}
  }

  /**
   * The bytes to store, told the revision they will be stored at (so that a value can carry its own
   * {@code resourceVersion}). Called once, on the writer's thread; must not block.
   */
  @FunctionalInterface
  public interface ValueAt {
    byte[] bytes(long revision);
  }
}
