package dev.jctl.controller.pod;

import dev.jctl.controller.config.VolumeFiles;
import dev.jctl.shim.ContainerRuntime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this process has written to volumes, by hash. After each loss of contact all are written
 * again, which changes nothing where they are as they should be.
 */
final class WrittenFiles {
  private final ContainerRuntime runtime;
  private final Map<String, String> hashes = new ConcurrentHashMap<>();

  WrittenFiles(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /** Those of the volumes that are known. */
  Map<String, String> of(List<String> volumeIds) {
    Map<String, String> known = new HashMap<>();
    for (String id : volumeIds) {
      String hash = hashes.get(id);
      if (hash != null) {
        known.put(id, hash);
      }
    }
    return known;
  }

  void write(VolumeFiles content) {
    runtime.ensureVolume(content.volume());
    runtime.writeVolume(content.volume().id(), content.files());
    hashes.put(content.volume().id(), content.hash());
  }

  void remove(String volumeId) {
    runtime.removeVolume(volumeId);
    hashes.remove(volumeId);
  }

  void forget() {
    hashes.clear();
  }
}
