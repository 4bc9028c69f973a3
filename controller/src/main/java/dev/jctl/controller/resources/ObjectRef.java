package dev.jctl.controller.resources;

import dev.jctl.manifests.model.ResourceKind;

/** Names one object. {@code namespace} is empty for kinds without one. */
public record ObjectRef(ResourceKind kind, String namespace, String name) {
  @Override
  public String toString() {
    return kind.singular() + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
