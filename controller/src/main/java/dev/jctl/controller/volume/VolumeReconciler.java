package dev.jctl.controller.volume;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.Observed;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Keeps a place on the host for every Volume object. */
public final class VolumeReconciler implements Reconciler {
  private final Resources resources;
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;

  public VolumeReconciler(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      EventRecorder events,
      InstantSource clock) {
    this.resources = resources;
    this.cache = cache;
    this.runtime = runtime;
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
    StoredObject object = writer.withFinalizer(found.get(), Finalizers.VOLUME);
    Resource.Volume volume = object.as(Resource.Volume.class);
    List<String> usedBy = usedBy(ref);
    VolumeAction action =
        VolumePlanner.plan(
            new VolumePlanner.Input(ref, volume, object.isDeleting(), usedBy, observed(ref)));
    return carryOut(object, action, new VolumeStatusView(volume, usedBy, clock.instant()));
  }

  private Outcome carryOut(StoredObject object, VolumeAction action, VolumeStatusView view) {
    switch (action) {
      case VolumeAction.Keep keep -> writer.status(object, view.ready(keep.path()));
      case VolumeAction.Ensure ensure -> {
        return ensure(object, ensure, view);
      }
      case VolumeAction.AwaitPods await -> writer.status(object, view.awaitingPods());
      case VolumeAction.Remove remove -> {
        return remove(object, remove.volumeId());
      }
      case VolumeAction.Retain retain -> writer.dropFinalizer(object, Finalizers.VOLUME);
    }
    return Outcome.DONE;
  }

  private Outcome ensure(StoredObject object, VolumeAction.Ensure ensure, VolumeStatusView view) {
    try {
      Observed.Volume made = runtime.ensureVolume(ensure.spec());
      writer.status(object, view.ready(made.path()));
      return Outcome.DONE;
    } catch (RuntimeFailure e) {
      String message = String.valueOf(e.getMessage());
      String reason = e.reason() == RuntimeFailure.Reason.NO_SPACE ? "NoSpace" : "RuntimeError";
      writer.status(object, view.failed(reason, message));
      events.warning(object, reason, message);
      return new Outcome.Retry();
    }
  }

  private Outcome remove(StoredObject object, String volumeId) {
    try {
      runtime.removeVolume(volumeId);
    } catch (RuntimeFailure e) {
      if (e.reason() == RuntimeFailure.Reason.IN_USE) {
        return new Outcome.Retry();
      }
      throw e;
    }
    writer.dropFinalizer(object, Finalizers.VOLUME);
    return Outcome.DONE;
  }

  private Optional<Observed.Volume> observed(ObjectRef ref) {
    String id = VolumePlanner.id(ref);
    return runtime.volumes().stream().filter(v -> v.spec().id().equals(id)).findFirst();
  }

  /** Pods that name it and have had a container made. */
  private List<String> usedBy(ObjectRef ref) {
    return cache.list(ResourceKind.POD, ref.namespace()).stream()
        .filter(p -> mounts(p.tree(), ref.name()) && hasContainer(p.tree()))
        .map(p -> p.ref().name())
        .toList();
  }

  private static boolean mounts(JsonNode pod, String volume) {
    for (JsonNode v : pod.path("spec").path("volumes")) {
      if (volume.equals(v.path("persistentVolumeClaim").path("claimName").asText())) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasContainer(JsonNode pod) {
    for (String list : List.of("containerStatuses", "initContainerStatuses")) {
      for (JsonNode c : pod.path("status").path(list)) {
        if (c.hasNonNull("containerID")) {
          return true;
        }
      }
    }
    return false;
  }
}
