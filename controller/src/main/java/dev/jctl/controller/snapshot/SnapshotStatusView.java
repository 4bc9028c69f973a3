package dev.jctl.controller.snapshot;

import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.controller.volume.VolumePlanner;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.VolumeSnapshotStatus;
import dev.jctl.shim.spec.Observed;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is seen of a snapshot → its status. Pure. */
record SnapshotStatusView(Resource.VolumeSnapshot snapshot, Instant now) {
  private static final String QUIESCING = "Quiescing";

  VolumeSnapshotStatus ready(Observed.Snapshot taken) {
    String archive = taken.spec().archive();
    String where = archive == null ? "Kept beside the volumes" : "Written to " + archive;
    return status(
        "Ready",
        taken.takenAt(),
        VolumePlanner.size(taken.sizeBytes()),
        new Seen("Ready", true, "Taken", where));
  }

  VolumeSnapshotStatus pending(String message) {
    return status("Pending", null, null, new Seen("Ready", false, "AwaitingVolume", message));
  }

  VolumeSnapshotStatus quiescing() {
    String message = "Runs spec.hook.before, then copies";
    return status("Pending", null, null, new Seen("Ready", false, QUIESCING, message));
  }

  /** A copy was begun, and nothing is known of its end. */
  static boolean isQuiescing(Resource.VolumeSnapshot snapshot) {
    VolumeSnapshotStatus status = snapshot.status();
    return status != null
        && status.conditions() != null
        && status.conditions().stream().anyMatch(c -> QUIESCING.equals(c.getReason()));
  }

  VolumeSnapshotStatus failed(String reason, String message) {
    return status("Failed", null, null, new Seen("Ready", false, reason, message));
  }

  VolumeSnapshotStatus lost() {
    VolumeSnapshotStatus before = snapshot.status();
    return status(
        "Failed",
        before == null ? null : before.takenAt(),
        before == null ? null : before.size(),
        new Seen(
            "Ready",
            false,
            "Lost",
            "Its content is gone from the data directory; make another VolumeSnapshot"));
  }

  private VolumeSnapshotStatus status(
      String phase, @Nullable String takenAt, @Nullable String size, Seen ready) {
    VolumeSnapshotStatus before = snapshot.status();
    Long generation = snapshot.metadata().getGeneration();
    long observed = generation == null ? 0 : generation;
    return new VolumeSnapshotStatus(
        observed,
        phase,
        takenAt,
        size,
        Conditions.of(before == null ? null : before.conditions(), observed, now, List.of(ready)));
  }
}
