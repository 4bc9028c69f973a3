package dev.jctl.controller.volume;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The Pods that name a Volume or claim. */
public final class VolumeMounters {
  private VolumeMounters() {}

  /** By that name, or a claim that is bound to it. */
  public static Stream<StoredObject> of(ObjectRef volume, ResourceCache cache) {
    return naming(claim -> PodClaims.volume(claim, cache).equals(volume), volume, cache);
  }

  private static Stream<StoredObject> naming(
      Predicate<ObjectRef> claim, ObjectRef sibling, ResourceCache cache) {
    return cache.list(ResourceKind.POD, sibling.namespace()).stream()
        .filter(pod -> PodClaims.of(pod, cache).anyMatch(claim));
  }

  /**
   * Names of those that have been given a place, which is on disk before anything of them is made:
   * they keep it from going.
   */
  static List<String> placed(ObjectRef volume, ResourceCache cache) {
    return placed(of(volume, cache));
  }

  /** The same of a claim. */
  static List<String> placedWith(ObjectRef claim, ResourceCache cache) {
    return placed(naming(claim::equals, claim, cache));
  }

  private static List<String> placed(Stream<StoredObject> pods) {
    return pods.filter(pod -> pod.tree().path("spec").hasNonNull("nodeName"))
        .map(pod -> pod.ref().name())
        .toList();
  }

  /** Why it does not go yet. */
  static String awaited(List<String> pods) {
    return "Deletion waits for these Pods to go: " + String.join(", ", pods);
  }
}
