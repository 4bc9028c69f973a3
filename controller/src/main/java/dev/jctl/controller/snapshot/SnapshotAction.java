package dev.jctl.controller.snapshot;

import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.SnapshotSpec;

/** What is to be done about one snapshot. */
sealed interface SnapshotAction {
  record Keep(Observed.Snapshot snapshot) implements SnapshotAction {}

  record Take(SnapshotSpec spec) implements SnapshotAction {}

  /** Its volume is not there yet. */
  record Await(String message) implements SnapshotAction {}

  /** It was taken, and is gone: never taken again, as that would be of another time. */
  record Lost() implements SnapshotAction {}

  /** Remove it, then let the object go. */
  record Remove(String snapshotId) implements SnapshotAction {}

  /** Let the object go; the content stays for a later VolumeSnapshot of the same name. */
  record Retain() implements SnapshotAction {}
}
