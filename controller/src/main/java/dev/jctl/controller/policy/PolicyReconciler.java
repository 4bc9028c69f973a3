package dev.jctl.controller.policy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.Restriction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the runtime's restrictions as all NetworkPolicies together say. Whichever policy it is
 * called for, it looks at all: who may talk to whom depends on Pods of every namespace.
 */
public final class PolicyReconciler implements Reconciler {
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  // guarded by this: what the runtime has; null when that is not known
  private @Nullable Map<String, Restriction> applied;

  public PolicyReconciler(ResourceCache cache, ContainerRuntime runtime) {
    this.cache = cache;
    this.runtime = runtime;
  }

  /** The runtime may have lost what it was told. */
  public synchronized void resync() {
    applied = null;
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    apply();
    return Outcome.DONE;
  }

  /** The Pod has got its addresses: it is limited before anything of it runs. */
  public synchronized void addressed(StoredObject pod) {
    List<StoredObject> policies = cache.list(ResourceKind.NETWORK_POLICY, null);
    if (policies.isEmpty()) {
      return;
    }
    List<StoredObject> pods = new ArrayList<>(cache.list(ResourceKind.POD, null));
    pods.removeIf(other -> other.ref().equals(pod.ref()));
    pods.add(pod);
    Restriction restriction = PolicyPlanner.plan(policies, pods, namespaces()).get(pod.uid());
    if (restriction != null) {
      runtime.restrict(restriction);
      known().put(restriction.id(), restriction);
    }
  }

  /** Costs nothing while there are no policies. */
  public synchronized void apply() {
    List<StoredObject> policies = cache.list(ResourceKind.NETWORK_POLICY, null);
    Map<String, Restriction> known = known();
    if (policies.isEmpty() && known.isEmpty()) {
      return;
    }
    Map<String, Restriction> wanted =
        PolicyPlanner.plan(policies, cache.list(ResourceKind.POD, null), namespaces());
    for (Restriction restriction : wanted.values()) {
      if (!restriction.equals(known.get(restriction.id()))) {
        runtime.restrict(restriction);
        known.put(restriction.id(), restriction);
      }
    }
    for (String id : List.copyOf(known.keySet())) {
      if (!wanted.containsKey(id)) {
        runtime.unrestrict(id);
        known.remove(id);
      }
    }
  }

  private Map<String, JsonNode> namespaces() {
    Map<String, JsonNode> labels = new HashMap<>();
    cache.list(ResourceKind.NAMESPACE, null).forEach(n -> labels.put(n.ref().name(), withName(n)));
    return labels;
  }

  /** Every namespace is selected by its name, too, as with Kubernetes. */
  private static JsonNode withName(StoredObject namespace) {
    var tree = namespace.tree().deepCopy();
    return tree.withObject("/metadata/labels")
        .put("kubernetes.io/metadata.name", namespace.ref().name());
  }

  private Map<String, Restriction> known() {
    Map<String, Restriction> known = applied;
    if (known == null) {
      known = new HashMap<>();
      for (Restriction restriction : runtime.restrictions()) {
        known.put(restriction.id(), restriction);
      }
      applied = known;
    }
    return known;
  }
}
