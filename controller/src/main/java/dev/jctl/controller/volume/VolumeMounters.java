package dev.jctl.controller.volume;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.stream.Stream;

/** The Pods that name a Volume. */
public final class VolumeMounters {
  private VolumeMounters() {}

  public static Stream<StoredObject> of(ObjectRef volume, ResourceCache cache) {
    return cache.list(ResourceKind.POD, volume.namespace()).stream()
        .filter(pod -> names(pod, volume.name()));
  }

  /**
   * Names of those that have been given a place, which is on disk before anything of them is made:
   * they keep it from going.
   */
  static List<String> placed(ObjectRef volume, ResourceCache cache) {
    return of(volume, cache)
        .filter(pod -> pod.tree().path("spec").hasNonNull("nodeName"))
        .map(pod -> pod.ref().name())
        .toList();
  }

  /** Why it does not go yet. */
  static String awaited(List<String> pods) {
    return "Deletion waits for these Pods to go: " + String.join(", ", pods);
  }

  private static boolean names(StoredObject pod, String volume) {
    return pod.tree()
        .at("/spec/volumes")
        .valueStream()
        .anyMatch(v -> v.at("/persistentVolumeClaim/claimName").asText().equals(volume));
  }
}
