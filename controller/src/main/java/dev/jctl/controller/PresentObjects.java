package dev.jctl.controller;

import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;

/** What tokens depend on. */
record PresentObjects(ResourceCache cache) {
  /** Whether that very object is there and is not being deleted. */
  boolean contain(AccountTokens.Bound object) {
    return ResourceKind.of("v1", object.kind())
        .flatMap(kind -> cache.find(new ObjectRef(kind, object.namespace(), object.name())))
        .filter(o -> o.uid().equals(object.uid()) && !isOver(o))
        .isPresent();
  }

  /** A Pod that is being stopped may still ask. */
  private static boolean isOver(StoredObject object) {
    return object.isDeleting() && object.ref().kind() != ResourceKind.POD;
  }
}
