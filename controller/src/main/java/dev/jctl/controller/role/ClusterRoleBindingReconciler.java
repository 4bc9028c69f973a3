package dev.jctl.controller.role;

import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.status.ObjectWriter;

/** Makes the default ClusterRoleBindings when they are missing; what is there is left alone. */
public final class ClusterRoleBindingReconciler implements Reconciler {
  private final Resources resources;
  private final ObjectWriter writer;

  public ClusterRoleBindingReconciler(Resources resources) {
    this.resources = resources;
    this.writer = new ObjectWriter(resources);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    if (resources.find(ref).isEmpty()) {
      DefaultRoles.binding(ref.name()).ifPresent(binding -> writer.create(ref, binding));
    }
    return Outcome.DONE;
  }
}
