package dev.jctl.controller.volume;

import dev.jctl.shim.spec.VolumeSource;
import dev.jctl.shim.spec.VolumeSpec;
import java.util.List;

/** What is to be done about one volume. */
sealed interface VolumeAction {
  /** What is there is not this one's, and stays. */
  record Refuse(String reason, String message) implements VolumeAction {}

  record Keep(String path) implements VolumeAction {}

  /** Nothing is kept: those who mount it are shown what an image has. */
  record Show(String image) implements VolumeAction {}

  record Ensure(VolumeSpec spec) implements VolumeAction {}

  /** A new one, with content. */
  record Populate(VolumeSpec spec, VolumeSource source) implements VolumeAction {}

  /** A new one is to be filled from what is not there yet. */
  record AwaitSource(String message) implements VolumeAction {}

  /** Deletion waits for these Pods. */
  record AwaitPods(List<String> pods) implements VolumeAction {
    public AwaitPods {
      pods = List.copyOf(pods);
    }
  }

  /** Remove it with its content, then let the object go. */
  record Remove(String volumeId) implements VolumeAction {}

  /** Let the object go; the content stays for a later Volume of the same name. */
  record Retain() implements VolumeAction {}
}
