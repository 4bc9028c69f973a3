package dev.jctl.controller.pod;

import dev.jctl.controller.network.SandboxPods;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.Observed;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes sandboxes whose Pod is not in the store any more: a restored backup, a forced deletion.
 */
public final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  private final Resources resources;
  private final ContainerRuntime runtime;

  public Orphans(Resources resources, ContainerRuntime runtime) {
    this.resources = resources;
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
      boolean owned =
          resources.find(pod).filter(p -> p.uid().equals(sandbox.spec().id())).isPresent();
      if (!owned) {
        LOG.warn("sandbox {} is removed: {} does not exist any more", sandbox.spec().id(), pod);
        runtime.removeSandbox(sandbox.spec().id());
      }
    }
  }
}
