package dev.jctl.controller.pod;

import dev.jctl.controller.network.SandboxPods;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.Observed;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes sandboxes whose Pod is not in the store any more: a restored backup, a forced deletion.
 */
public final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  private final Resources resources;
  private final ResourceCache cache;
  private final ContainerRuntime runtime;

  public Orphans(Resources resources, ResourceCache cache, ContainerRuntime runtime) {
    this.resources = resources;
    this.cache = cache;
    this.runtime = runtime;
  }

  /**
   * @param sandboxes all of the runtime
   */
  public void sweep(List<Observed.Sandbox> sandboxes) {
    for (Observed.Sandbox sandbox : sandboxes) {
      Map<String, String> labels = sandbox.spec().labels();
      String namespace = labels.get(SandboxPods.NAMESPACE);
      String name = labels.get(SandboxPods.NAME);
      if (namespace == null || name == null) {
        continue;
      }
      ObjectRef pod = new ObjectRef(ResourceKind.POD, namespace, name);
      String id = sandbox.spec().id();
      // the cache costs nothing, but lags behind
      if (!owns(cache.find(pod), id) && !owns(resources.find(pod), id)) {
        LOG.warn("sandbox {} is removed: {} does not exist any more", id, pod);
        runtime.removeSandbox(id);
      }
    }
  }

  private static boolean owns(Optional<StoredObject> pod, String sandboxId) {
    return pod.filter(found -> found.uid().equals(sandboxId)).isPresent();
  }
}
