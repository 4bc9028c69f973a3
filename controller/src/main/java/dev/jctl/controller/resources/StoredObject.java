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

    record Tree(ObjectNode tree) implements Content {}

    /** A third of the memory, and decoded anew by whoever looks. */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    record Packed(byte[] json) implements Content {
      @Override
      public ObjectNode tree() {
        return ResourceCodec.tree(json);
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
    return content instanceof Content.Tree ? this : new StoredObject(ref, tree(), revision);
  }

  public String uid() {
    return tree().path("metadata").path("uid").asText();
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
