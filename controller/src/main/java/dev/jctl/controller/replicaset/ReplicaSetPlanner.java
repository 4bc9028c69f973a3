package dev.jctl.controller.replicaset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.LabelMatch;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.workload.Owners;
import dev.jctl.controller.workload.PodFacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A ReplicaSet and the Pods of its namespace → what to do. Pure. */
final class ReplicaSetPlanner {
  /** Those that are worth least go first: not ready, then the youngest. */
  private static final Comparator<StoredObject> WORTH =
      Comparator.comparing(PodFacts::isReady)
          .thenComparing(ReplicaSetPlanner::created, Comparator.reverseOrder())
          .thenComparing(pod -> pod.ref().name(), Comparator.reverseOrder());

  private ReplicaSetPlanner() {}

  private static String created(StoredObject pod) {
    return pod.tree().path("metadata").path("creationTimestamp").asText();
  }

  static List<ReplicaSetAction> plan(StoredObject set, List<StoredObject> pods) {
    List<ReplicaSetAction> actions = new ArrayList<>();
    if (set.isDeleting()) {
      return actions; // what becomes of its Pods is the garbage collector's to decide
    }
    List<StoredObject> own = new ArrayList<>();
    for (StoredObject pod : pods) {
      if (Owners.isControlledBy(pod, set)) {
        if (isSelected(set, pod)) {
          own.add(pod);
        } else if (!pod.isDeleting()) {
          actions.add(new ReplicaSetAction.Release(pod));
        }
      } else if (isAdoptable(set, pod)) {
        actions.add(new ReplicaSetAction.Adopt(pod));
        own.add(pod);
      }
    }
    number(set, own.stream().filter(PodFacts::isActive).toList(), actions);
    return actions;
  }

  /** Whether it is this set's, or will be. */
  static boolean counts(StoredObject set, StoredObject pod) {
    return isSelected(set, pod) && Owners.isControlledBy(pod, set) && PodFacts.isActive(pod);
  }

  private static boolean isAdoptable(StoredObject set, StoredObject pod) {
    return Owners.controllerOf(pod.tree()).isEmpty()
        && PodFacts.isActive(pod)
        && isSelected(set, pod);
  }

  private static boolean isSelected(StoredObject set, StoredObject pod) {
    return LabelMatch.selects(
        set.tree().path("spec").path("selector"), pod.tree().path("metadata").path("labels"));
  }

  private static void number(
      StoredObject set, List<StoredObject> active, List<ReplicaSetAction> actions) {
    int missing = replicas(set.tree()) - active.size();
    if (missing > 0) {
      actions.add(new ReplicaSetAction.Create(missing));
    }
    active.stream()
        .sorted(WORTH)
        .limit(Math.max(0, -missing))
        .map(ReplicaSetAction.Delete::new)
        .forEach(actions::add);
  }

  static int replicas(JsonNode set) {
    return set.path("spec").path("replicas").asInt(1);
  }
}
