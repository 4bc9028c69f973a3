package dev.jctl.controller.manifestset;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.sets.Health;
import dev.jctl.controller.sets.Members;
import dev.jctl.controller.sets.SetApply.Origin;
import dev.jctl.controller.sets.SetHistory;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.ManifestSetSpec;
import dev.jctl.manifests.model.ManifestSetStatus;
import dev.jctl.manifests.model.ManifestSetStatus.Revision;
import dev.jctl.manifests.schema.Durations;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A set, and how its members are → what to do. Pure. */
final class ManifestSetPlanner {
  private static final int MAX_NAMED = 5;

  private ManifestSetPlanner() {}

  record Member(ObjectRef ref, Health health) {
    @Override
    public String toString() {
      return Members.text(ref)
          + ": "
          + health.reason()
          + (health.message().isEmpty() ? "" : ": " + health.message());
    }
  }

  /**
   * @param orphaning whoever deletes it wants its objects to stay
   * @param following it is the record of a repository, which sees to its objects itself
   * @param status empty: nothing was applied as it yet
   */
  record Input(
      boolean deleting,
      boolean orphaning,
      boolean following,
      ManifestSetSpec spec,
      Optional<ManifestSetStatus> status,
      List<Member> members,
      Instant now) {
    Input {
      members = List.copyOf(members);
    }
  }

  static ManifestSetAction plan(Input in) {
    if (in.deleting()) {
      return in.orphaning() ? new ManifestSetAction.Release() : new ManifestSetAction.Prune();
    }
    return in.status()
        .flatMap(status -> SetHistory.current(status).map(current -> judge(in, status, current)))
        .orElse(new ManifestSetAction.Show(Optional.empty()));
  }

  private static ManifestSetAction judge(Input in, ManifestSetStatus status, Revision current) {
    boolean healthy = in.members().stream().allMatch(m -> m.health().isReady());
    boolean open = current.result().equals(SetHistory.PENDING);
    if (healthy && (open || current.result().equals(SetHistory.UNHEALTHY))) {
      Optional<Instant> settled = readySince(status).map(since -> since.plus(Health.SETTLED));
      return settled.filter(at -> !in.now().isBefore(at)).isPresent()
          ? new ManifestSetAction.Conclude(SetHistory.HEALTHY, "")
          : new ManifestSetAction.Show(
              settled.or(() -> Optional.of(in.now().plus(Health.SETTLED))));
    }
    if (in.following()) {
      return new ManifestSetAction.Show(Optional.empty());
    }
    if (open && hasLeft(in.members(), status)) {
      return new ManifestSetAction.MakeAgain();
    }
    // what somebody deletes is not to be brought back by the gate
    boolean waits =
        open && !healthy && in.members().stream().noneMatch(m -> m.health().isMissing());
    Optional<Instant> due = waits ? due(in.spec(), current) : Optional.empty();
    if (due.isEmpty() || in.now().isBefore(due.get())) {
      return new ManifestSetAction.Show(due);
    }
    String why = "not ready within " + in.spec().healthTimeout() + ": " + unready(in.members());
    return healthyBefore(status, current)
        .<ManifestSetAction>map(
            to ->
                new ManifestSetAction.TakeBack(
                    new Origin.Unhealthy(current.revision(), to.revision(), why)))
        .orElseGet(() -> new ManifestSetAction.Conclude(SetHistory.UNHEALTHY, why));
  }

  private static Optional<Instant> readySince(ManifestSetStatus status) {
    return Objects.requireNonNullElse(status.conditions(), List.<Condition>of()).stream()
        .filter(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()))
        .findFirst()
        .flatMap(c -> Times.parse(c.getLastTransitionTime()));
  }

  private static boolean hasLeft(List<Member> members, ManifestSetStatus status) {
    List<String> leaving = Objects.requireNonNullElse(status.leaving(), List.of());
    return members.stream()
        .anyMatch(m -> m.health().isMissing() && leaving.contains(Members.text(m.ref())));
  }

  private static Optional<Instant> due(ManifestSetSpec spec, Revision current) {
    return Optional.ofNullable(spec.healthTimeout())
        .flatMap(Durations::parse)
        .flatMap(timeout -> Times.parse(current.time()).map(at -> at.plus(timeout)));
  }

  /** Not one with the same manifests: that would be no way back. */
  private static Optional<Revision> healthyBefore(ManifestSetStatus status, Revision current) {
    return Objects.requireNonNullElse(status.history(), List.<Revision>of()).stream()
        .filter(r -> r.revision().equals(status.healthyRevision()))
        .filter(r -> !r.digest().equals(current.digest()))
        .findFirst();
  }

  private static String unready(List<Member> members) {
    List<Member> unready = members.stream().filter(m -> !m.health().isReady()).toList();
    String named =
        String.join("; ", unready.stream().limit(MAX_NAMED).map(Member::toString).toList());
    return unready.size() > MAX_NAMED
        ? named + "; and " + (unready.size() - MAX_NAMED) + " others"
        : named;
  }
}
