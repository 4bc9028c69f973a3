package dev.jctl.shim.spec;

/** What a new volume has in it. */
public sealed interface VolumeSource {
  record Snapshot(String snapshotId) implements VolumeSource {}

  /** As it is now; who writes to it meanwhile may be caught in the middle. */
  record Volume(String volumeId) implements VolumeSource {}

  /** A file on the machine that a snapshot was written to: a tar, compressed by gzip. */
  record Archive(String path) implements VolumeSource {}

  /** An unpacked layer. */
  record Layer(String layerId) implements VolumeSource {}
}
