package dev.jctl.controller.volume;

import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.VolumeStatus;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.Observed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Keeps a place on the host for every Volume object. */
public final class VolumeReconciler implements Reconciler {
  /** How soon it is told that a volume is full. */
  private static final Duration USE_SEEN = Duration.ofSeconds(10);

  private static final String PATH = "status.path";

  private final Resources resources;
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;
  private final VolumeSources sources;

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
    this.sources = new VolumeSources(cache);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    StoredObject object = writer.withFinalizer(found.get(), Finalizers.VOLUME);
    Resource.Volume volume = object.as(Resource.Volume.class);
    VolumePlanner.Input before = input(object, volume);
    List<Drift> drift =
        VolumePlanner.lost(before).map(lost -> repair(object, lost)).stream().toList();
    VolumePlanner.Input seen = drift.isEmpty() ? before : input(object, volume);
    return carryOut(
        object,
        VolumePlanner.plan(seen),
        new VolumeStatusView(volume, seen.usedBy(), drift, clock.instant()));
  }

  private VolumePlanner.Input input(StoredObject object, Resource.Volume volume) {
    ObjectRef ref = object.ref();
    return new VolumePlanner.Input(
        ref,
        volume,
        object.isDeleting(),
        VolumeMounters.placed(ref, cache),
        sources.of(volume.spec().source(), ref.namespace()),
        observed(ref));
  }

  /** As it was, whatever else is asked for: that may not be possible. */
  private Drift repair(StoredObject object, Observed.Volume lost) {
    List<String> what = List.of("it was gone");
    try {
      Observed.Volume volume = runtime.ensureVolume(lost.spec());
      events.warning(object, "VolumeRepaired", "It was gone from " + volume.path());
      return Drifts.repaired(PATH, what, clock.instant());
    } catch (RuntimeFailure e) {
      // why is told by whoever finds that it still is gone
      return Drifts.reported(PATH, what, clock.instant());
    }
  }

  private Outcome carryOut(StoredObject object, VolumeAction action, VolumeStatusView view) {
    switch (action) {
      case VolumeAction.Keep keep -> {
        return ready(object, view, keep.path());
      }
      case VolumeAction.Show show -> writer.status(object, view.shown(show.image()));
      case VolumeAction.Ensure ensure -> {
        return made(object, view, () -> runtime.ensureVolume(ensure.spec()));
      }
      case VolumeAction.Populate populate -> {
        return made(object, view, () -> runtime.populateVolume(populate.spec(), populate.source()));
      }
      case VolumeAction.Refuse(var reason, var message) -> {
        writer.status(object, view.failed(reason, message));
        events.warning(object, reason, message);
      }
      case VolumeAction.AwaitSource await -> writer.status(object, view.awaiting(await.message()));
      case VolumeAction.AwaitPods await -> writer.status(object, view.awaitingPods());
      case VolumeAction.Remove remove -> {
        return remove(object, remove.volumeId());
      }
      case VolumeAction.Retain retain -> writer.dropFinalizer(object, Finalizers.VOLUME);
    }
    return Outcome.DONE;
  }

  private Outcome ready(StoredObject object, VolumeStatusView view, String path) {
    Optional<Fullness> fullness =
        object.tree().path("spec").hasNonNull("capacity")
            ? runtime.volumeUsage(VolumePlanner.id(object.ref())).map(Fullness::new)
            : Optional.empty();
    fullness.ifPresent(f -> tell(object, f));
    writer.status(object, view.ready(path, fullness));
    return fullness.filter(Fullness::isCounted).isPresent()
        ? Outcome.again(USE_SEEN)
        : Outcome.DONE;
  }

  /** When it becomes so, not as long as it is. */
  private void tell(StoredObject object, Fullness fullness) {
    boolean told =
        object
            .status(VolumeStatus.class)
            .map(VolumeStatus::conditions)
            .filter(
                conditions ->
                    conditions.stream()
                        .anyMatch(
                            c ->
                                Fullness.CONDITION.equals(c.getType())
                                    && fullness.reason().equals(c.getReason())))
            .isPresent();
    if (fullness.isWarning() && !told) {
      events.warning(object, "Volume" + fullness.reason(), fullness.message());
    }
  }

  private Outcome made(StoredObject object, VolumeStatusView view, Supplier<Observed.Volume> make) {
    try {
      return ready(object, view, make.get().path());
    } catch (RuntimeFailure e) {
      String message = String.valueOf(e.getMessage());
      Optional<Observed.Volume> there = observed(object.ref()).filter(Observed.Volume::present);
      if (e.reason() == RuntimeFailure.Reason.INVALID && there.isPresent()) {
        writer.status(object, view.refused(there.get().path(), message));
        events.warning(object, VolumeStatusView.REFUSED, message);
      } else {
        writer.status(object, view.failed(reason(e), message));
        events.warning(object, reason(e), message);
      }
      return new Outcome.Retry();
    }
  }

  private static String reason(RuntimeFailure e) {
    return switch (e.reason()) {
      case NO_SPACE -> "NoSpace";
      case UNSUPPORTED -> "KernelModuleMissing";
      case INVALID, NOT_FOUND, ALREADY_EXISTS -> "InvalidSource";
      default -> "RuntimeError";
    };
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
}
