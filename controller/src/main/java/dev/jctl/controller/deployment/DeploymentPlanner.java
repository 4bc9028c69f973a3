package dev.jctl.controller.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.LabelMatch;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.workload.Owners;
import dev.jctl.controller.workload.Templates;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Deployment and the ReplicaSets of its namespace → what to do. Pure. The arithmetic of a rolling
 * update is that of Kubernetes: never more than {@code replicas + maxSurge} Pods, never fewer than
 * {@code replicas - maxUnavailable} available ones.
 */
final class DeploymentPlanner {
  private DeploymentPlanner() {}

  /** Those of the namespace that are the Deployment's, or would be when they are adopted. */
  static List<StoredObject> own(StoredObject deployment, List<StoredObject> sets) {
    return sets.stream()
        .filter(set -> Owners.isControlledBy(set, deployment) || isAdoptable(deployment, set))
        .toList();
  }

  private static boolean isAdoptable(StoredObject deployment, StoredObject set) {
    JsonNode labels = set.tree().path("spec").path("template").path("metadata").path("labels");
    return Owners.controllerOf(set.tree()).isEmpty()
        && !set.isDeleting()
        && LabelMatch.selects(deployment.tree().path("spec").path("selector"), labels);
  }

  /**
   * @param config digest of the configuration of its template, as {@link Rollout} has it
   * @param oldPods how many Pods of former templates there still are, also those that end
   */
  static List<DeploymentAction> plan(
      StoredObject deployment, List<StoredObject> sets, Optional<String> config, int oldPods) {
    if (deployment.isDeleting()) {
      return List.of(); // what becomes of its ReplicaSets is the garbage collector's to decide
    }
    List<StoredObject> own = own(deployment, sets);
    List<DeploymentAction> adopt =
        own.stream()
            .filter(set -> !Owners.isControlledBy(set, deployment))
            .<DeploymentAction>map(DeploymentAction.Adopt::new)
            .toList();
    return adopt.isEmpty() ? plan(Rollout.of(deployment, own, config), oldPods) : adopt;
  }

  private static List<DeploymentAction> plan(Rollout rollout, int oldPods) {
    List<DeploymentAction> actions = new ArrayList<>(annotations(rollout));
    if (rollout.isPaused()) {
      actions.addAll(whilePaused(rollout));
    } else if (rollout.recreates()) {
      actions.addAll(recreate(rollout, oldPods));
    } else {
      actions.addAll(roll(rollout));
    }
    actions.addAll(forgotten(rollout));
    return actions;
  }

  private static List<DeploymentAction> annotations(Rollout rollout) {
    if (rollout.newest().isEmpty()) {
      return List.of();
    }
    StoredObject newest = rollout.newest().get();
    Map<String, String> wanted = Revisions.ofNewest(rollout);
    List<DeploymentAction> actions = new ArrayList<>();
    Map<String, String> missing = Revisions.missing(newest, wanted);
    if (!missing.isEmpty()) {
      actions.add(new DeploymentAction.Annotate(newest, missing));
    }
    Map<String, String> number =
        Map.of(Revisions.REVISION, wanted.getOrDefault(Revisions.REVISION, "1"));
    if (!Revisions.missing(rollout.deployment(), number).isEmpty()) {
      actions.add(new DeploymentAction.Annotate(rollout.deployment(), number));
    }
    return List.copyOf(actions);
  }

  /** A change of the number alone is followed; that of the template waits. */
  private static List<DeploymentAction> whilePaused(Rollout rollout) {
    List<StoredObject> all = new ArrayList<>(rollout.old());
    rollout.newest().ifPresent(all::add);
    List<StoredObject> active = all.stream().filter(set -> Rollout.wanted(set) > 0).toList();
    StoredObject last =
        active.isEmpty() ? rollout.newest().orElse(null) : active.get(active.size() - 1);
    if (last == null) {
      return List.of();
    }
    int others = Rollout.wanted(active) - (active.isEmpty() ? 0 : Rollout.wanted(last));
    return scaled(last, Math.max(0, rollout.replicas() - others));
  }

  private static List<DeploymentAction> recreate(Rollout rollout, int oldPods) {
    List<DeploymentAction> down = new ArrayList<>();
    rollout.old().forEach(set -> down.addAll(scaled(set, 0)));
    if (!down.isEmpty() || oldPods > 0) {
      return List.copyOf(down);
    }
    return rollout
        .newest()
        .map(newest -> scaled(newest, rollout.replicas()))
        .orElseGet(() -> List.of(create(rollout, rollout.replicas())));
  }

  private static List<DeploymentAction> roll(Rollout rollout) {
    int room = rollout.replicas() + rollout.maxSurge() - Rollout.wanted(rollout.old());
    if (rollout.newest().isEmpty()) {
      return List.of(create(rollout, Math.clamp(room, 0, rollout.replicas())));
    }
    StoredObject newest = rollout.newest().get();
    int now = Rollout.wanted(newest);
    // more than wanted are taken away at once; others are added as there is room
    int next =
        now > rollout.replicas()
            ? rollout.replicas()
            : Math.clamp(room, now, Math.max(now, rollout.replicas()));
    List<DeploymentAction> actions = new ArrayList<>(scaled(newest, next));
    actions.addAll(shrinkOld(rollout, newest, next));
    return actions;
  }

  private static List<DeploymentAction> shrinkOld(
      Rollout rollout, StoredObject newest, int newestWanted) {
    int least = rollout.replicas() - rollout.maxUnavailable();
    int newMissing = Math.max(0, newestWanted - Rollout.told(newest, "availableReplicas"));
    int spare = Rollout.wanted(rollout.old()) + newestWanted - least - newMissing;
    List<DeploymentAction> actions = new ArrayList<>();
    // what is not available is missed by nobody; then the oldest first
    int available = Rollout.told(rollout.old(), "availableReplicas");
    int spareAvailable = Math.max(0, available + Rollout.told(newest, "availableReplicas") - least);
    for (StoredObject set : rollout.old()) {
      int wanted = Rollout.wanted(set);
      int healthy = Math.min(wanted, Rollout.told(set, "availableReplicas"));
      int unhealthy = Math.clamp(wanted - healthy, 0, Math.max(0, spare));
      int taken = Math.clamp(spare - unhealthy, 0, Math.min(healthy, spareAvailable));
      actions.addAll(scaled(set, wanted - unhealthy - taken));
      spare -= unhealthy + taken;
      spareAvailable -= taken;
    }
    return actions;
  }

  private static List<DeploymentAction> scaled(StoredObject set, int replicas) {
    return Rollout.wanted(set) == replicas
        ? List.of()
        : List.of(new DeploymentAction.Scale(set, replicas));
  }

  private static DeploymentAction.Create create(Rollout rollout, int replicas) {
    StoredObject deployment = rollout.deployment();
    JsonNode template = rollout.spec().path("template");
    int collisions = deployment.tree().path("status").path("collisionCount").asInt(0);
    String hash = PodTemplateHash.of(template, rollout.config().orElse(""), collisions);
    ObjectNode set = Templates.object(ResourceKind.REPLICA_SET, deployment, template);
    ObjectNode metadata = set.withObject("/metadata");
    metadata.put("name", deployment.ref().name() + "-" + hash);
    metadata.withObject("/labels").put(Rollout.HASH, hash);
    metadata.remove("annotations");
    Revisions.ofNewest(rollout).forEach(metadata.withObject("/annotations")::put);
    ObjectNode spec = set.putObject("spec").put("replicas", replicas);
    if (rollout.spec().has("minReadySeconds")) {
      spec.set("minReadySeconds", rollout.spec().get("minReadySeconds"));
    }
    spec.set("selector", rollout.spec().path("selector").deepCopy());
    spec.withObject("/selector/matchLabels").put(Rollout.HASH, hash);
    spec.set("template", template.deepCopy());
    spec.withObject("/template/metadata/labels").put(Rollout.HASH, hash);
    return new DeploymentAction.Create(set);
  }

  /** Those beyond the limit that have no Pods, the oldest number first. */
  private static List<DeploymentAction> forgotten(Rollout rollout) {
    int kept = rollout.spec().path("revisionHistoryLimit").asInt(10);
    List<StoredObject> unused =
        rollout.old().stream()
            .filter(set -> Rollout.wanted(set) == 0 && Rollout.told(set, "replicas") == 0)
            .sorted(java.util.Comparator.comparingLong(Revisions::of))
            .toList();
    return unused.stream()
        .limit(Math.max(0, unused.size() - kept))
        .<DeploymentAction>map(DeploymentAction.Delete::new)
        .toList();
  }
}
