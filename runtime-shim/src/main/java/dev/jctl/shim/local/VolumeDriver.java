package dev.jctl.shim.local;

import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.VolumeSpec;
import java.nio.file.Path;

/** One way of keeping the content of volumes. All calls are idempotent. */
interface VolumeDriver {
  /** Where the content is seen, on the host. */
  Path path(String id);

  /**
   * Makes it, or brings one that is there to what the specification says, with its content.
   *
   * @throws dev.jctl.shim.RuntimeFailure INVALID when that cannot be done to one that is there
   */
  void make(VolumeSpec volume);

  boolean isPresent(String id);

  /** With its content. */
  void remove(VolumeSpec volume);

  /** It is not used for now; {@link #make} brings it back with its content. */
  default void release(VolumeSpec volume) {}

  Observed.VolumeUsage usage(VolumeSpec volume);
}
