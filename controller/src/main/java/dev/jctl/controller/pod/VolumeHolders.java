package dev.jctl.controller.pod;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.volume.VolumeMounters;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.VolumeSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which Pod has a Volume that only one may have (ReadWriteOncePod). */
final class VolumeHolders {
  private final Map<ObjectRef, String> uids = new ConcurrentHashMap<>();

  /** Empty when {@code pod} may have it, which it then has until it ended. */
  Optional<String> refusal(
      StoredObject pod, ObjectRef volume, VolumeSpec spec, ResourceCache cache) {
    if (VolumeAccess.of(spec) != VolumeAccess.ONE_POD) {
      uids.remove(volume);
      return Optional.empty();
    }
    List<StoredObject> users = users(volume, cache);
    String holder =
        uids.compute(
            volume,
            (ref, before) ->
                users.stream().anyMatch(user -> user.uid().equals(before))
                    ? before
                    : first(users).map(StoredObject::uid).orElse(pod.uid()));
    return holder.equals(pod.uid())
        ? Optional.empty()
        : Optional.of(
            "Volume %s has access mode ReadWriteOncePod, and Pod %s has it; delete that, or let the Volume have another mode"
                .formatted(volume.name(), name(users, holder)));
  }

  /** Those that have been begun with come first. */
  private static Optional<StoredObject> first(List<StoredObject> users) {
    return users.stream()
        .min(
            Comparator.comparing((StoredObject user) -> !user.tree().path("spec").has("nodeName"))
                .thenComparing(user -> user.tree().at("/metadata/creationTimestamp").asText())
                .thenComparing(user -> user.ref().name()));
  }

  private static String name(List<StoredObject> users, String uid) {
    return users.stream()
        .filter(user -> user.uid().equals(uid))
        .map(user -> user.ref().name())
        .findFirst()
        .orElse(uid);
  }

  private static List<StoredObject> users(ObjectRef volume, ResourceCache cache) {
    return VolumeMounters.of(volume, cache)
        .filter(pod -> !List.of("Succeeded", "Failed").contains(phase(pod)))
        .toList();
  }

  private static String phase(StoredObject pod) {
    return pod.tree().at("/status/phase").asText();
  }
}
