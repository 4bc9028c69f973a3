package dev.jctl.controller.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which number each template has, in annotations that {@code kubectl rollout} reads. One that is
 * gone back to gets a new number. Pure.
 */
final class Revisions {
  static final String REVISION = "deployment.kubernetes.io/revision";
  static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
  static final String MAX = "deployment.kubernetes.io/max-replicas";

  /** What is about the Deployment itself. */
  private static final Set<String> NOT_COPIED =
      Set.of("kubectl.kubernetes.io/last-applied-configuration", REVISION, DESIRED, MAX);

  private Revisions() {}

  static long of(StoredObject object) {
    return object.tree().path("metadata").path("annotations").path(REVISION).asLong(0);
  }

  private static long highest(List<StoredObject> sets) {
    return sets.stream().mapToLong(Revisions::of).max().orElse(0);
  }

  /**
   * What the newest ReplicaSet is to have: its number, what the Deployment says, and of which
   * configuration it is.
   */
  static Map<String, String> ofNewest(Rollout rollout) {
    Map<String, String> annotations = new TreeMap<>();
    JsonNode given = rollout.deployment().tree().path("metadata").path("annotations");
    for (Map.Entry<String, JsonNode> annotation : given.properties()) {
      if (!NOT_COPIED.contains(annotation.getKey())) {
        annotations.put(annotation.getKey(), annotation.getValue().asText());
      }
    }
    long next = highest(rollout.old()) + 1;
    long own = rollout.newest().map(Revisions::of).orElse(0L);
    annotations.put(REVISION, Long.toString(Math.max(own, next)));
    annotations.put(DESIRED, Integer.toString(rollout.replicas()));
    annotations.put(MAX, Integer.toString(rollout.replicas() + rollout.maxSurge()));
    rollout.config().ifPresent(digest -> annotations.put(Rollout.CONFIG, digest));
    return annotations;
  }

  /** Those of {@code wanted} that {@code object} lacks. */
  static Map<String, String> missing(StoredObject object, Map<String, String> wanted) {
    JsonNode has = object.tree().path("metadata").path("annotations");
    Map<String, String> missing = new TreeMap<>();
    wanted.forEach(
        (key, value) -> {
          if (!value.equals(has.path(key).asText(null))) {
            missing.put(key, value);
          }
        });
    return missing;
  }
}
