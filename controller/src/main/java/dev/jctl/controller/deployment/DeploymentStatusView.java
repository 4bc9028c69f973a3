package dev.jctl.controller.deployment;

import dev.jctl.controller.status.Times;
import dev.jctl.controller.workload.WorkloadConditions;
import dev.jctl.controller.workload.WorkloadConditions.Seen;
import dev.jctl.manifests.model.DeploymentStatus;
import dev.jctl.manifests.model.WorkloadCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ReplicaSets of a Deployment → its status, in the words that {@code kubectl rollout status}
 * reads. Pure.
 */
final class DeploymentStatusView {
  private static final String COMPLETE = "NewReplicaSetAvailable";
  private static final String UPDATED = "ReplicaSetUpdated";
  private static final String LATE = "ProgressDeadlineExceeded";
  private static final String PROGRESSING = "Progressing";

  private final Rollout rollout;
  private final @Nullable DeploymentStatus before;
  private final Instant now;

  DeploymentStatusView(Rollout rollout, Instant now) {
    this.rollout = rollout;
    this.before = rollout.deployment().status(DeploymentStatus.class).orElse(null);
    this.now = now;
  }

  DeploymentStatus status() {
    int total = rollout.sum("replicas");
    int available = rollout.sum("availableReplicas");
    int wanted = Rollout.wanted(rollout.old()) + rollout.newest().map(Rollout::wanted).orElse(0);
    return new DeploymentStatus(
        rollout.deployment().tree().path("metadata").path("generation").asLong(1),
        total,
        updated(),
        rollout.sum("readyReplicas"),
        available,
        Math.max(0, Math.max(wanted, rollout.replicas()) - available),
        before == null ? null : before.collisionCount(),
        conditions(available));
  }

  DeploymentStatus collided() {
    DeploymentStatus s = status();
    Integer collisions = s.collisionCount();
    return new DeploymentStatus(
        s.observedGeneration(),
        s.replicas(),
        s.updatedReplicas(),
        s.readyReplicas(),
        s.availableReplicas(),
        s.unavailableReplicas(),
        collisions == null ? 1 : collisions + 1,
        s.conditions());
  }

  private int updated() {
    return rollout.newest().map(set -> Rollout.told(set, "replicas")).orElse(0);
  }

  private List<WorkloadCondition> conditions(int available) {
    boolean enough = available >= rollout.replicas() - rollout.maxUnavailable();
    Seen seen =
        enough
            ? new Seen(
                "Available",
                "True",
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.")
            : new Seen(
                "Available",
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.");
    List<WorkloadCondition> conditions =
        WorkloadConditions.with(before == null ? null : before.conditions(), seen, now);
    Seen progress = progress();
    String updated =
        hasProgressed()
                || !progress.reason().equals(former().map(WorkloadCondition::reason).orElse(""))
            ? Times.text(now)
            : former().map(WorkloadCondition::lastUpdateTime).orElse(Times.text(now));
    return WorkloadConditions.with(conditions, progress, updated, now);
  }

  private Optional<WorkloadCondition> former() {
    return WorkloadConditions.find(before == null ? null : before.conditions(), PROGRESSING);
  }

  private Seen progress() {
    String name =
        rollout
            .newest()
            .map(set -> "ReplicaSet \"" + set.ref().name() + "\"")
            .orElse("Deployment \"" + rollout.deployment().ref().name() + "\"");
    if (rollout.isPaused()) {
      return new Seen(PROGRESSING, "Unknown", "DeploymentPaused", "Deployment is paused");
    }
    boolean wasComplete =
        former().filter(c -> COMPLETE.equals(c.reason())).isPresent() && !isBehind();
    if (isComplete() || wasComplete) {
      return new Seen(PROGRESSING, "True", COMPLETE, name + " has successfully progressed.");
    }
    if (!hasProgressed() && overdueIn().filter(Duration::isZero).isPresent()) {
      return new Seen(PROGRESSING, "False", LATE, name + " has timed out progressing.");
    }
    return new Seen(PROGRESSING, "True", UPDATED, name + " is progressing.");
  }

  /** Pods that die later are no rollout that fails. */
  private boolean isBehind() {
    return before == null
        || !Objects.equals(
            before.observedGeneration(),
            rollout.deployment().tree().path("metadata").path("generation").asLong(1));
  }

  boolean isComplete() {
    return rollout.newest().isPresent()
        && updated() == rollout.replicas()
        && rollout.sum("replicas") == rollout.replicas()
        && rollout.sum("availableReplicas") >= rollout.replicas();
  }

  private boolean hasProgressed() {
    if (before == null) {
      return true;
    }
    int oldNow = rollout.sum("replicas") - updated();
    int oldBefore = number(before.replicas()) - number(before.updatedReplicas());
    return updated() > number(before.updatedReplicas())
        || oldNow < oldBefore
        || rollout.sum("readyReplicas") > number(before.readyReplicas())
        || rollout.sum("availableReplicas") > number(before.availableReplicas());
  }

  private static int number(@Nullable Integer value) {
    return value == null ? 0 : value;
  }

  /** How long until a rollout that does not move is told as failed; empty when none is going on. */
  Optional<Duration> overdueIn() {
    Duration deadline =
        Duration.ofSeconds(rollout.spec().path("progressDeadlineSeconds").asLong(600));
    return former()
        .filter(c -> !COMPLETE.equals(c.reason()))
        .flatMap(c -> Times.parse(c.lastUpdateTime()))
        .map(since -> Duration.between(now, since.plus(deadline)))
        .map(left -> left.isNegative() ? Duration.ZERO : left);
  }
}
