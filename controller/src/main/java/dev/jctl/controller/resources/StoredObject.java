package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.Resource;
import java.util.Optional;

/**
 * One version of an object.
 *
 * @param content whole, with {@code metadata.resourceVersion} = {@code revision}
 */
public record StoredObject(ObjectRef ref, Content content, long revision) {
  public StoredObject(ObjectRef ref, ObjectNode tree, long revision) {
    this(ref, new Content.Tree(tree), revision);
  }

  /** How it is held. */
  public sealed interface Content {
    ObjectNode tree();

    default String uid() {
      return uidOf(tree());
    }

    record Tree(ObjectNode tree) implements Content {}

    /** A third of the memory, and decoded anew by whoever looks. */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    record Packed(byte[] json) implements Content {
      @Override
      public ObjectNode tree() {
        return ResourceCodec.tree(json);
      }
    }

    /**
     * A tree, until it is laid to rest; and again once somebody looks. What is asked of objects
     * that nothing happens to is known without. Safe for many threads.
     */
    final class Resting implements Content {
      private final String uid;

      /** An ObjectNode or its JSON as bytes, one as good as the other. */
      private volatile Object held;

      public Resting(ObjectNode tree) {
        this.uid = uidOf(tree);
        this.held = tree;
      }

      @Override
      public ObjectNode tree() {
        return switch (held) {
          case byte[] json -> unpack(json);
          case Object tree -> (ObjectNode) tree;
        };
      }

      private ObjectNode unpack(byte[] json) {
        ObjectNode tree = ResourceCodec.tree(json);
        held = tree;
        return tree;
      }

      @Override
      public String uid() {
        return uid;
      }

      /** Takes a tenth of the memory from now on. */
      public void rest() {
        if (held instanceof ObjectNode tree) {
          held = ResourceCodec.bytes(tree);
        }
      }
    }
  }

  /** Shared: never change it, use {@code deepCopy}. */
  public ObjectNode tree() {
    return content.tree();
  }

  /** The same in little memory, for who keeps many and looks at few. */
  public StoredObject packed() {
    return new StoredObject(ref, new Content.Packed(ResourceCodec.bytes(tree())), revision);
  }

  /** The same, decoded once for all that is asked of it. */
  public StoredObject unpacked() {
    return content instanceof Content.Packed ? new StoredObject(ref, tree(), revision) : this;
  }

  public String uid() {
    return content.uid();
  }

  private static String uidOf(ObjectNode tree) {
    return tree.path("metadata").path("uid").asText();
  }

  public boolean isDeleting() {
    return tree().path("metadata").hasNonNull("deletionTimestamp");
  }

  /** Decodes; {@code type} is that of the kind. */
  public <R extends Resource> R as(Class<R> type) {
    return ResourceCodec.decode(tree(), type);
  }

  /** Decodes the status alone; {@code type} is that of the kind. */
  public <S> Optional<S> status(Class<S> type) {
    ObjectNode tree = tree();
    return tree.hasNonNull("status")
        ? Optional.of(ResourceCodec.decode(tree.path("status"), type))
        : Optional.empty();
  }
}
