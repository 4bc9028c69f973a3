package dev.jctl.controller.role;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Makes the default ClusterRoles when they are missing, gives them what they lack of their rules
 * unless told not to, and keeps the rules of roles that aggregate others.
 */
public final class ClusterRoleReconciler implements Reconciler {
  private static final Duration CACHE_TIMEOUT = Duration.ofSeconds(10);

  private final Resources resources;
  private final ResourceCache cache;
  private final ObjectWriter writer;

  public ClusterRoleReconciler(Resources resources, ResourceCache cache) {
    this.resources = resources;
    this.cache = cache;
    this.writer = new ObjectWriter(resources);
  }

  /** All roles and bindings that there must be. */
  public static List<ObjectRef> defaults() {
    return DefaultRoles.all();
  }

  @Override
  public Outcome reconcile(ObjectRef ref) throws InterruptedException {
    Optional<StoredObject> found = resources.find(ref);
    Optional<ObjectNode> expected = DefaultRoles.role(ref.name());
    if (found.isEmpty()) {
      expected.ifPresent(role -> writer.create(ref, role));
      return Outcome.DONE;
    }
    // what it is made of must not be older than itself
    if (!cache.awaitRevision(found.get().revision(), CACHE_TIMEOUT)) {
      return new Outcome.Retry();
    }
    List<ObjectNode> others =
        cache.list(ResourceKind.CLUSTER_ROLE, null).stream().map(StoredObject::tree).toList();
    ObjectNode wanted = found.get().tree().deepCopy();
    expected.filter(role -> isKept(wanted)).ifPresent(role -> DefaultRoles.complete(wanted, role));
    if (Aggregation.isAggregating(wanted)) {
      wanted.set("rules", Aggregation.rules(wanted, others));
    }
    if (!wanted.equals(found.get().tree())) {
      writer.update(found.get(), current -> current.setAll(wanted));
    }
    return Outcome.DONE;
  }

  private static boolean isKept(JsonNode role) {
    return !role.path("metadata")
        .path("annotations")
        .path(DefaultRoles.AUTO_UPDATE)
        .asText("")
        .equals("false");
  }
}
