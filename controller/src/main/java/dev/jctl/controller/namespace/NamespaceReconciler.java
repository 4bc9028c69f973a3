package dev.jctl.controller.namespace;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gives a namespace its default ServiceAccount, and the ConfigMap by which its programs know the
 * API. Deletes what is in one that is deleted, then lets it go.
 */
public final class NamespaceReconciler implements Reconciler {
  private static final Duration CACHE_TIMEOUT = Duration.ofSeconds(10);
  private static final String DEFAULT_ACCOUNT = "default";
  private static final String AUTHORITY = "kube-root-ca.crt";
  // Events last: what is deleted before may still tell something.
  private static final List<ResourceKind> CONTENT =
      List.of(
          ResourceKind.CRON_JOB,
          ResourceKind.JOB,
          ResourceKind.DEPLOYMENT,
          ResourceKind.REPLICA_SET,
          ResourceKind.SERVICE,
          ResourceKind.ENDPOINTS,
          ResourceKind.ENDPOINT_SLICE,
          ResourceKind.CONTAINER,
          ResourceKind.POD,
          ResourceKind.IMAGE,
          ResourceKind.NETWORK_POLICY,
          ResourceKind.NETWORK,
          ResourceKind.VOLUME_SNAPSHOT,
          ResourceKind.PERSISTENT_VOLUME_CLAIM,
          ResourceKind.VOLUME,
          ResourceKind.CONFIG_MAP,
          ResourceKind.SECRET,
          ResourceKind.SERVICE_ACCOUNT,
          ResourceKind.ROLE_BINDING,
          ResourceKind.ROLE,
          ResourceKind.LEASE);

  private final Resources resources;
  private final ResourceCache cache;
  private final String authority;
  private final ObjectWriter writer;

  /**
   * @param authority certificate of who vouches for the API, PEM
   */
  public NamespaceReconciler(Resources resources, ResourceCache cache, String authority) {
    this.resources = resources;
    this.authority = authority;
    this.cache = cache;
    this.writer = new ObjectWriter(resources);
  }

  /** Whether it is this reconciler that says what is in it. */
  public static boolean publishes(ObjectRef configMap) {
    return configMap.name().equals(AUTHORITY);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) throws InterruptedException {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    if (!found.get().isDeleting()) {
      ensureAccount(ref.name());
      publishAuthority(ref.name());
      return Outcome.DONE;
    }
    StoredObject namespace = found.get();
    // Nothing is created in it after this revision, and what was before is then in the cache.
    if (!cache.awaitRevision(namespace.revision(), CACHE_TIMEOUT)) {
      return new Outcome.Retry();
    }
    List<StoredObject> content = content(ref, CONTENT);
    if (content.isEmpty()) {
      content(ref, List.of(ResourceKind.EVENT)).forEach(this::delete);
      writer.dropFinalizer(namespace, Finalizers.NAMESPACE);
      return Outcome.DONE;
    }
    content.stream().filter(o -> !o.isDeleting()).forEach(this::delete);
    writer.status(namespace, status(content));
    return Outcome.DONE;
  }

  /** Each namespace has one that is named default, as with Kubernetes. */
  private void ensureAccount(String namespace) {
    ObjectRef account = new ObjectRef(ResourceKind.SERVICE_ACCOUNT, namespace, DEFAULT_ACCOUNT);
    if (resources.find(account).isEmpty()) {
      writer.create(account, JsonNodeFactory.instance.objectNode());
    }
  }

  /** As Kubernetes does: it goes with a ServiceAccount's token in what Pods are given. */
  private void publishAuthority(String namespace) {
    ObjectRef ref = new ObjectRef(ResourceKind.CONFIG_MAP, namespace, AUTHORITY);
    ObjectNode data = JsonNodeFactory.instance.objectNode().put("ca.crt", authority);
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      ObjectNode tree = JsonNodeFactory.instance.objectNode();
      tree.set("data", data);
      writer.create(ref, tree);
    } else if (!found.get().isDeleting() && !data.equals(found.get().tree().path("data"))) {
      writer.update(found.get(), tree -> tree.set("data", data));
    }
  }

  private List<StoredObject> content(ObjectRef namespace, List<ResourceKind> kinds) {
    List<StoredObject> content = new ArrayList<>();
    kinds.forEach(kind -> content.addAll(cache.list(kind, namespace.name())));
    return content;
  }

  private void delete(StoredObject object) {
    writer.delete(object, Resources.DeleteOptions.DEFAULT);
  }

  private static ObjectNode status(List<StoredObject> left) {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    status.put("phase", "Terminating");
    ObjectNode condition = status.putArray("conditions").addObject();
    condition.put("type", "NamespaceContentRemaining").put("status", "True");
    condition.put("reason", "SomeResourcesRemain");
    condition.put(
        "message",
        "Waits for "
            + String.join(", ", left.stream().limit(20).map(o -> o.ref().toString()).toList()));
    return status;
  }
}
