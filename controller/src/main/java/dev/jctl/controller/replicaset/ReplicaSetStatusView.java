package dev.jctl.controller.replicaset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.LabelMatch;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.workload.PodFacts;
import dev.jctl.manifests.model.ReplicaSetStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The Pods of a ReplicaSet → its status. Pure. */
final class ReplicaSetStatusView {
  private ReplicaSetStatusView() {}

  static ReplicaSetStatus of(StoredObject set, List<StoredObject> pods, Instant now) {
    JsonNode labels = set.tree().path("spec").path("template").path("metadata").path("labels");
    Duration minReady = minReady(set);
    return new ReplicaSetStatus(
        pods.size(),
        count(pods, pod -> LabelMatch.hasAll(labels, pod.tree().path("metadata").path("labels"))),
        count(pods, PodFacts::isReady),
        count(pods, pod -> PodFacts.isAvailable(pod, minReady, now)),
        set.tree().path("metadata").path("generation").asLong(1),
        null);
  }

  private static int count(List<StoredObject> pods, java.util.function.Predicate<StoredObject> is) {
    return (int) pods.stream().filter(is).count();
  }

  static Duration minReady(StoredObject set) {
    return Duration.ofSeconds(set.tree().path("spec").path("minReadySeconds").asLong(0));
  }

  /** When the next Pod becomes available by time alone. */
  static Optional<Duration> nextAvailable(StoredObject set, List<StoredObject> pods, Instant now) {
    return pods.stream()
        .flatMap(pod -> PodFacts.availableIn(pod, minReady(set), now).stream())
        .filter(left -> !left.isZero())
        .min(Duration::compareTo);
  }
}
