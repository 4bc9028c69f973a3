package dev.jctl.controller.pod;

import dev.jctl.controller.config.VolumeFiles;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.VolumeSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * What this process has written to volumes, by hash. After each loss of contact all are written
 * again, which changes nothing where they are as they should be.
 */
final class WrittenFiles {
  private final ContainerRuntime runtime;
  private final Map<String, String> hashes = new ConcurrentHashMap<>();
  private final Set<String> lost = ConcurrentHashMap.newKeySet();

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

  /** It is not mounted any more; what is in it may be lost. */
  void lose(String volumeId) {
    lost.add(volumeId);
    hashes.remove(volumeId);
  }

  /** Those of the volumes that are not mounted any more. */
  Set<String> lost(List<String> volumeIds) {
    return volumeIds.stream().filter(lost::contains).collect(Collectors.toSet());
  }

  void repair(VolumeSpec volume) {
    ensure(volume);
  }

  /**
   * @return whether others had unmounted it
   */
  boolean write(VolumeFiles content) {
    boolean wasLost = ensure(content.volume());
    runtime.writeVolume(content.volume().id(), content.files());
    hashes.put(content.volume().id(), content.hash());
    return wasLost;
  }

  /** Forgotten first: it may be lost again while it is mounted. */
  private boolean ensure(VolumeSpec volume) {
    boolean wasLost = lost.remove(volume.id());
    try {
      runtime.ensureVolume(volume);
    } catch (RuntimeFailure e) {
      if (wasLost) {
        lost.add(volume.id());
      }
      throw e;
    }
    return wasLost;
  }

  void remove(String volumeId) {
    runtime.removeVolume(volumeId);
    lost.remove(volumeId);
    hashes.remove(volumeId);
  }

  void forget() {
    hashes.clear();
  }
}
