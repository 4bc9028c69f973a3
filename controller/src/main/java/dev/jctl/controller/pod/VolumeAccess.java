package dev.jctl.controller.pod;

import dev.jctl.manifests.model.VolumeSpec;
import java.util.List;
import java.util.Objects;

/** What the access modes of a Volume mean on one machine. */
enum VolumeAccess {
  /** Any number of Pods, also where the mode is ReadWriteOnce: that is about machines. */
  SHARED,
  READ_ONLY,
  ONE_POD;

  static VolumeAccess of(VolumeSpec volume) {
    List<String> modes = Objects.requireNonNullElse(volume.accessModes(), List.of());
    if (modes.contains("ReadWriteOncePod")) {
      return ONE_POD;
    }
    return modes.equals(List.of("ReadOnlyMany")) ? READ_ONLY : SHARED;
  }

  boolean isReadOnly() {
    return this == READ_ONLY;
  }
}
