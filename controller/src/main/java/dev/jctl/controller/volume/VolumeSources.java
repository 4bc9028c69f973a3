package dev.jctl.controller.volume;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.volume.VolumePlanner.SourceState;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.model.VolumeSnapshotStatus;
import dev.jctl.manifests.model.VolumeSpec.ContentSource;
import dev.jctl.manifests.model.VolumeStatus;
import dev.jctl.shim.spec.VolumeSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds what a Volume is to be filled from. */
record VolumeSources(ResourceCache cache) {
  SourceState of(@Nullable ContentSource wanted, String namespace) {
    if (wanted == null) {
      return new SourceState.None();
    }
    if (wanted.snapshot() != null) {
      return snapshot(new ObjectRef(ResourceKind.VOLUME_SNAPSHOT, namespace, wanted.snapshot()));
    }
    if (wanted.volume() != null) {
      return volume(
          PodClaims.volume(
              new ObjectRef(ResourceKind.PERSISTENT_VOLUME_CLAIM, namespace, wanted.volume()),
              cache));
    }
    return wanted.archive() == null
        ? new SourceState.None()
        : new SourceState.There(new VolumeSource.Archive(wanted.archive()));
  }

  private SourceState snapshot(ObjectRef ref) {
    Optional<StoredObject> found = cache.find(ref);
    if (found.isEmpty()) {
      return missing(ref);
    }
    VolumeSnapshotStatus status = found.get().status(VolumeSnapshotStatus.class).orElse(null);
    if (status == null || !"Ready".equals(status.phase())) {
      return new SourceState.Awaited(
          "Waits for VolumeSnapshot "
              + ref.name()
              + detail(status == null ? "" : Conditions.message(status.conditions(), "Ready")));
    }
    String archive = found.get().tree().at("/spec/archive").asText("");
    return new SourceState.There(
        archive.isEmpty()
            ? new VolumeSource.Snapshot(VolumePlanner.id(ref))
            : new VolumeSource.Archive(archive));
  }

  private SourceState volume(ObjectRef ref) {
    Optional<StoredObject> found = cache.find(ref);
    if (found.isEmpty()) {
      return missing(ref);
    }
    VolumeStatus status = found.get().status(VolumeStatus.class).orElse(null);
    return status != null && "Ready".equals(status.phase())
        ? new SourceState.There(new VolumeSource.Volume(VolumePlanner.id(ref)))
        : new SourceState.Awaited(
            "Waits for Volume "
                + ref.name()
                + detail(status == null ? "" : Conditions.message(status.conditions(), "Ready")));
  }

  private static SourceState missing(ObjectRef ref) {
    return new SourceState.Awaited(
        ref.kind().kind()
            + " "
            + ref.name()
            + " does not exist in namespace "
            + ref.namespace()
            + "; make it, or another Volume without this source");
  }

  private static String detail(String message) {
    return message.isEmpty() ? " to be ready" : ": " + message;
  }
}
