package dev.jctl.controller.resources;

import dev.jctl.manifests.model.ResourceKind;
import org.jspecify.annotations.Nullable;

/** Names one object. {@code namespace} is empty for kinds without one. */
public record ObjectRef(ResourceKind kind, String namespace, String name) {
  /** The Service by which containers reach the API, those of Pods that have a token for it. */
  public static final ObjectRef API_SERVICE =
      new ObjectRef(ResourceKind.SERVICE, "default", "kubernetes");

  // A record's own two go through method handles, which cost several times as much while nothing
  // but the first compiler has been at them; and names of objects are looked up all the time.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ObjectRef ref
        && kind == ref.kind
        && name.equals(ref.name)
        && namespace.equals(ref.namespace);
  }

  @Override
  public int hashCode() {
    return (kind.hashCode() * 31 + namespace.hashCode()) * 31 + name.hashCode();
  }

  @Override
  public String toString() {
    return kind.singular() + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
