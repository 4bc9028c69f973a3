package dev.jctl.controller.config;

import dev.jctl.shim.spec.VolumeFile;
import dev.jctl.shim.spec.VolumeSpec;
import java.util.List;

/**
 * A volume and all that shall be in it.
 *
 * @param hash of its content
 */
public record VolumeFiles(VolumeSpec volume, List<VolumeFile> files, String hash) {
  public VolumeFiles {
    files = List.copyOf(files);
  }
}
