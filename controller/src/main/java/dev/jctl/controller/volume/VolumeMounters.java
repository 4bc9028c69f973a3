package dev.jctl.controller.volume;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.util.stream.Stream;

/** The Pods that name a Volume. */
public final class VolumeMounters {
  private VolumeMounters() {}

  public static Stream<StoredObject> of(ObjectRef volume, ResourceCache cache) {
    return cache.list(ResourceKind.POD, volume.namespace()).stream()
        .filter(pod -> names(pod, volume.name()));
  }

  private static boolean names(StoredObject pod, String volume) {
    return pod.tree()
        .at("/spec/volumes")
        .valueStream()
        .anyMatch(v -> v.at("/persistentVolumeClaim/claimName").asText().equals(volume));
  }
}
