package dev.jctl.controller.snapshot;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.volume.VolumePlanner;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.model.VolumeSnapshotSpec;
import dev.jctl.manifests.model.VolumeSnapshotStatus;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.SnapshotSpec;
import java.util.Optional;

/** Snapshot wanted, snapshot there is → what to do. Pure. */
final class SnapshotPlanner {
  private SnapshotPlanner() {}

  record Input(
      ObjectRef ref,
      Resource.VolumeSnapshot snapshot,
      boolean deleting,
      boolean volumeReady,
      Optional<Observed.Snapshot> observed) {}

  static SnapshotAction plan(Input in) {
    VolumeSnapshotSpec spec = in.snapshot().spec();
    if (in.deleting()) {
      return "Delete".equals(spec.reclaimPolicy())
          ? new SnapshotAction.Remove(VolumePlanner.id(in.ref()))
          : new SnapshotAction.Retain();
    }
    if (in.observed().isPresent()) {
      return new SnapshotAction.Keep(in.observed().get());
    }
    VolumeSnapshotStatus before = in.snapshot().status();
    if (before != null && before.takenAt() != null) {
      return new SnapshotAction.Lost();
    }
    return in.volumeReady()
        ? new SnapshotAction.Take(wanted(in))
        : new SnapshotAction.Await(
            "Waits for Volume " + spec.volume() + " of namespace " + in.ref().namespace());
  }

  private static SnapshotSpec wanted(Input in) {
    VolumeSnapshotSpec spec = in.snapshot().spec();
    ObjectRef volume = new ObjectRef(ResourceKind.VOLUME, in.ref().namespace(), spec.volume());
    return new SnapshotSpec(
        VolumePlanner.id(in.ref()),
        VolumePlanner.id(volume),
        "None".equals(spec.quiesce()) ? SnapshotSpec.Quiesce.NONE : SnapshotSpec.Quiesce.FREEZE,
        spec.archive());
  }
}
