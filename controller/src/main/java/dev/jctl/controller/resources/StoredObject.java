package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.Resource;
import java.util.Optional;

/**
 * One version of an object.
 *
 * @param tree whole, with {@code metadata.resourceVersion} = {@code revision}. Shared: never change
 *     it, use {@code deepCopy}
 */
public record StoredObject(ObjectRef ref, ObjectNode tree, long revision) {
  public String uid() {
    return tree.path("metadata").path("uid").asText();
  }

  public boolean isDeleting() {
    return tree.path("metadata").hasNonNull("deletionTimestamp");
  }

  /** Decodes; {@code type} is that of the kind. */
  public <R extends Resource> R as(Class<R> type) {
    return ResourceCodec.decode(tree, type);
  }

  /** Decodes the status alone; {@code type} is that of the kind. */
  public <S> Optional<S> status(Class<S> type) {
    return tree.hasNonNull("status")
        ? Optional.of(ResourceCodec.decode(tree.path("status"), type))
        : Optional.empty();
  }
}
