package dev.jctl.controller.snapshot;

import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.probe.Checks;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.volume.VolumePlanner;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.model.VolumeSnapshotSpec.Hook;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.Observed;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes each snapshot once. */
public final class SnapshotReconciler implements Reconciler {
  private final Resources resources;
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;
  private final SnapshotHooks hooks;

  public SnapshotReconciler(
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
    this.hooks = new SnapshotHooks(cache, new Checks(runtime));
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    StoredObject object = writer.withFinalizer(found.get(), Finalizers.VOLUME_SNAPSHOT);
    Resource.VolumeSnapshot snapshot = object.as(Resource.VolumeSnapshot.class);
    if (SnapshotStatusView.isQuiescing(snapshot)) {
      // a controller ended in between
      goOn(object, snapshot.spec().hook());
    }
    SnapshotAction action =
        SnapshotPlanner.plan(
            new SnapshotPlanner.Input(
                ref,
                snapshot,
                object.isDeleting(),
                isReady(
                    new ObjectRef(ResourceKind.VOLUME, ref.namespace(), snapshot.spec().volume())),
                observed(ref)));
    return carryOut(object, action, new SnapshotStatusView(snapshot, clock.instant()));
  }

  private Outcome carryOut(StoredObject object, SnapshotAction action, SnapshotStatusView view) {
    switch (action) {
      case SnapshotAction.Keep keep -> writer.status(object, view.ready(keep.snapshot()));
      case SnapshotAction.Await await -> writer.status(object, view.pending(await.message()));
      case SnapshotAction.Lost lost -> writer.status(object, view.lost());
      case SnapshotAction.Take take -> {
        return quiesced(
            object, snapshot(object).spec().hook(), view, () -> take(object, take, view));
      }
      case SnapshotAction.Remove remove -> {
        runtime.removeSnapshot(remove.snapshotId());
        writer.dropFinalizer(object, Finalizers.VOLUME_SNAPSHOT);
      }
      case SnapshotAction.Retain retain -> writer.dropFinalizer(object, Finalizers.VOLUME_SNAPSHOT);
    }
    return Outcome.DONE;
  }

  private static Resource.VolumeSnapshot snapshot(StoredObject object) {
    return object.as(Resource.VolumeSnapshot.class);
  }

  private Outcome quiesced(
      StoredObject object, @Nullable Hook hook, SnapshotStatusView view, Supplier<Outcome> take) {
    if (hook == null) {
      return take.get();
    }
    // known to whoever comes after this process: who was told to get ready is told to go on
    writer.status(object, view.quiescing());
    try {
      Optional<String> failure = hooks.before(hook, object.ref().namespace());
      if (failure.isEmpty()) {
        return take.get();
      }
      writer.status(object, view.failed("HookFailed", failure.get()));
      events.warning(object, "HookFailed", failure.get());
      return new Outcome.Retry();
    } finally {
      goOn(object, hook);
    }
  }

  private void goOn(StoredObject object, @Nullable Hook hook) {
    if (hook != null) {
      hooks
          .after(hook, object.ref().namespace())
          .ifPresent(failure -> events.warning(object, "HookFailed", failure));
    }
  }

  private Outcome take(StoredObject object, SnapshotAction.Take take, SnapshotStatusView view) {
    try {
      Observed.Snapshot taken = runtime.createSnapshot(take.spec());
      writer.status(object, view.ready(taken));
      events.normal(object, "SnapshotTaken", "As of " + taken.takenAt());
      return Outcome.DONE;
    } catch (RuntimeFailure e) {
      String message = String.valueOf(e.getMessage());
      String reason = e.reason() == RuntimeFailure.Reason.NO_SPACE ? "NoSpace" : "RuntimeError";
      writer.status(object, view.failed(reason, message));
      events.warning(object, reason, message);
      return new Outcome.Retry();
    }
  }

  private boolean isReady(ObjectRef volume) {
    return cache
        .find(volume)
        .filter(v -> "Ready".equals(v.tree().path("status").path("phase").asText()))
        .isPresent();
  }

  private Optional<Observed.Snapshot> observed(ObjectRef ref) {
    String id = VolumePlanner.id(ref);
    return runtime.snapshots().stream().filter(s -> s.spec().id().equals(id)).findFirst();
  }
}
