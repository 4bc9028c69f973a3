package dev.jctl.controller.container;

import dev.jctl.controller.drift.DriftNotes;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.manifests.model.ResourceKind;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Keeps one Pod for every Container and mirrors its status. */
public final class ContainerReconciler implements Reconciler {
  private final Resources resources;
  private final DriftNotes notes;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;

  public ContainerReconciler(
      Resources resources, DriftNotes notes, EventRecorder events, InstantSource clock) {
    this.resources = resources;
    this.notes = notes;
    this.events = events;
    this.clock = clock;
    this.writer = new ObjectWriter(resources);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    StoredObject object = writer.withFinalizer(found.get(), Finalizers.CONTAINER);
    ObjectRef podRef = new ObjectRef(ResourceKind.POD, ref.namespace(), ref.name());
    Optional<StoredObject> pod = resources.find(podRef);
    return carryOut(object, pod, ContainerPlanner.plan(object, pod));
  }

  private Outcome carryOut(
      StoredObject object, Optional<StoredObject> pod, ContainerAction action) {
    ContainerStatusView view = new ContainerStatusView(object, clock.instant());
    switch (action) {
      case ContainerAction.Keep keep ->
          pod.filter(p -> hasStatus(object) || hasStatus(p))
              .ifPresent(p -> writer.status(object, view.of(p, true, notes.of(p.uid()))));
      case ContainerAction.CreatePod create -> {
        writer.create(
            new ObjectRef(ResourceKind.POD, object.ref().namespace(), object.ref().name()),
            create.pod());
        if (hasStatus(object)) {
          writer.status(object, view.withoutPod(List.of()));
        }
      }
      case ContainerAction.UpdatePod update ->
          pod.ifPresent(
              p ->
                  writer.update(
                      p,
                      tree -> ContainerPlanner.update(tree, update.template(), update.fields())));
      case ContainerAction.ReplacePod replace -> {
        events.normal(
            object, "Recreated", "The Pod is made anew for " + String.join(", ", replace.fields()));
        writer.status(object, view.withoutPod(replace.fields()));
        pod.ifPresent(p -> writer.delete(p, Resources.DeleteOptions.DEFAULT));
      }
      case ContainerAction.AwaitPod await ->
          pod.ifPresent(p -> writer.status(object, view.of(p, false, notes.of(p.uid()))));
      case ContainerAction.Refuse refuse -> {
        writer.status(object, view.refused(refuse.message()));
        events.warning(object, "PodExists", refuse.message());
      }
      case ContainerAction.DeletePod delete -> {
        pod.ifPresent(p -> deletePod(object, p));
        pod.ifPresent(p -> writer.status(object, view.of(p, false, notes.of(p.uid()))));
      }
      case ContainerAction.Release release -> writer.dropFinalizer(object, Finalizers.CONTAINER);
    }
    return Outcome.DONE;
  }

  /** A new Container's status comes with its Pod's, a moment later. */
  private static boolean hasStatus(StoredObject object) {
    return object.tree().has("status");
  }

  /** With the grace that the Container's own deletion has; a later, shorter one is passed on. */
  private void deletePod(StoredObject object, StoredObject pod) {
    Long grace =
        object.tree().path("metadata").hasNonNull("deletionGracePeriodSeconds")
            ? Long.valueOf(
                object.tree().path("metadata").path("deletionGracePeriodSeconds").asLong())
            : null;
    long now =
        pod.tree().path("metadata").path("deletionGracePeriodSeconds").asLong(Long.MAX_VALUE);
    if (!pod.isDeleting() || (grace != null && grace < now)) {
      writer.delete(pod, new Resources.DeleteOptions(null, grace, null, false));
    }
  }
}
