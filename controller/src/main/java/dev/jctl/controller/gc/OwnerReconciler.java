package dev.jctl.controller.gc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Looks at one object as a dependant (are all its owners gone?) and as an owner that is deleted.
 */
public final class OwnerReconciler implements Reconciler {
  private static final Duration CACHE_TIMEOUT = Duration.ofSeconds(10);

  private final Resources resources;
  private final ResourceCache cache;
  private final ObjectWriter writer;

  public OwnerReconciler(Resources resources, ResourceCache cache) {
    this.resources = resources;
    this.cache = cache;
    this.writer = new ObjectWriter(resources);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) throws InterruptedException {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    StoredObject object = found.get();
    if (!object.isDeleting()) {
      return asDependant(object);
    }
    if (!cache.awaitRevision(object.revision(), CACHE_TIMEOUT)) {
      return new Outcome.Retry();
    }
    if (ObjectWriter.hasFinalizer(object.tree(), Finalizers.GIT_REPOSITORY)
        || ObjectWriter.hasFinalizer(object.tree(), Finalizers.MANIFEST_SET)) {
      return Outcome.DONE; // what goes with it, or stays, is its own reconciler's to decide first
    }
    if (ObjectWriter.hasFinalizer(object.tree(), Finalizers.ORPHAN)) {
      cache.ownedBy(object.uid()).forEach(d -> forgetOwner(d, object.uid()));
      writer.dropFinalizer(object, Finalizers.ORPHAN);
    } else if (ObjectWriter.hasFinalizer(object.tree(), Finalizers.FOREGROUND)) {
      foreground(object);
    }
    return Outcome.DONE;
  }

  private Outcome asDependant(StoredObject object) {
    JsonNode owners = object.tree().path("metadata").path("ownerReferences");
    if (owners.isEmpty()) {
      return Outcome.DONE;
    }
    for (JsonNode owner : owners) {
      if (mayExist(object, owner)) {
        return Outcome.DONE;
      }
    }
    writer.delete(object, Resources.DeleteOptions.DEFAULT);
    return Outcome.DONE;
  }

  /** An owner of a kind that is not served here is none of our business: it may exist. */
  private boolean mayExist(StoredObject dependant, JsonNode owner) {
    Optional<ResourceKind> kind =
        ResourceKind.of(owner.path("apiVersion").asText(), owner.path("kind").asText());
    if (kind.isEmpty()) {
      return true;
    }
    String namespace = kind.get().namespaced() ? dependant.ref().namespace() : "";
    ObjectRef ref = new ObjectRef(kind.get(), namespace, owner.path("name").asText());
    return resources.find(ref).filter(o -> o.uid().equals(owner.path("uid").asText())).isPresent();
  }

  private void foreground(StoredObject owner) {
    List<StoredObject> dependants = cache.ownedBy(owner.uid());
    if (dependants.isEmpty()) {
      writer.dropFinalizer(owner, Finalizers.FOREGROUND);
    }
    dependants.stream()
        .filter(d -> !d.isDeleting())
        .forEach(
            d ->
                writer.delete(
                    d,
                    new Resources.DeleteOptions(
                        Resources.DeleteOptions.Propagation.FOREGROUND, null, null, false)));
  }

  private void forgetOwner(StoredObject dependant, String uid) {
    writer.update(dependant, tree -> removeOwner(tree, uid));
  }

  private static void removeOwner(ObjectNode tree, String uid) {
    ObjectNode metadata = tree.withObject("/metadata");
    ArrayNode kept = metadata.arrayNode();
    for (JsonNode owner : metadata.path("ownerReferences")) {
      if (!uid.equals(owner.path("uid").asText())) {
        kept.add(owner);
      }
    }
    if (kept.isEmpty()) {
      metadata.remove("ownerReferences");
    } else {
      metadata.set("ownerReferences", kept);
    }
  }
}
