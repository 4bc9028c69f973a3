package dev.jctl.controller.manifestset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.manifestset.ManifestSetPlanner.Member;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.sets.Health;
import dev.jctl.controller.sets.SetApply.Origin;
import dev.jctl.manifests.model.ManifestSetSpec;
import dev.jctl.manifests.model.ManifestSetStatus;
import dev.jctl.manifests.model.ManifestSetStatus.Revision;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ManifestSetPlannerTest {
  private static final Instant APPLIED = Instant.parse("2026-01-01T00:00:00Z");
  private static final Member GOOD = member("db", Health.State.READY, "Ready", "");
  private static final Member BAD =
      member("web", Health.State.WAITING, "ErrImagePull", "401 Unauthorized");

  private List<Condition> ready = List.of();

  private static Member member(String name, Health.State state, String reason, String message) {
    return new Member(
        new ObjectRef(ResourceKind.CONTAINER, "default", name), new Health(state, reason, message));
  }

  private static Revision revision(long number, String digest, String result) {
    return new Revision(number, APPLIED.toString(), "jctl", digest, 2, 100, null, result, null);
  }

  private ManifestSetAction plan(
      @Nullable String timeout,
      long healthy,
      Duration after,
      List<Member> members,
      Revision... history) {
    ManifestSetStatus status =
        new ManifestSetStatus(
            1L,
            "Pending",
            history[0].revision(),
            healthy == 0 ? null : healthy,
            APPLIED.toString(),
            2,
            0,
            null,
            List.of("Container/default/left"),
            null,
            null,
            List.of(history),
            ready);
    return ManifestSetPlanner.plan(
        new ManifestSetPlanner.Input(
            false,
            false,
            false,
            new ManifestSetSpec(timeout, null),
            Optional.of(status),
            members,
            APPLIED.plus(after)));
  }

  @Test
  void aRevisionOfWhichAllObjectsStayReadyIsHealthy() {
    Revision[] history = {revision(1, "a", "Pending")};
    assertThat(plan("1m", 0, Duration.ZERO, List.of(GOOD), history))
        .isEqualTo(new ManifestSetAction.Show(Optional.of(APPLIED.plusSeconds(2))));
    ready = List.of(new Condition(APPLIED.toString(), "", 1L, "Healthy", "True", "Ready"));
    assertThat(plan("1m", 0, Duration.ofSeconds(1), List.of(GOOD), history))
        .isEqualTo(new ManifestSetAction.Show(Optional.of(APPLIED.plusSeconds(2))));
    assertThat(plan("1m", 0, Duration.ofSeconds(2), List.of(GOOD), history))
        .isEqualTo(new ManifestSetAction.Conclude("Healthy", ""));
  }

  @Test
  void itsTimeIsWaitedForAndThenTheLastHealthyRevisionIsPutBack() {
    Revision[] history = {revision(2, "b", "Pending"), revision(1, "a", "Healthy")};
    assertThat(plan("1m", 1, Duration.ofSeconds(59), List.of(GOOD, BAD), history))
        .isEqualTo(new ManifestSetAction.Show(Optional.of(APPLIED.plusSeconds(60))));
    assertThat(plan("1m", 1, Duration.ofSeconds(60), List.of(GOOD, BAD), history))
        .isEqualTo(
            new ManifestSetAction.TakeBack(
                new Origin.Unhealthy(
                    2,
                    1,
                    "not ready within 1m: Container/default/web: ErrImagePull: 401 Unauthorized")));
  }

  @Test
  void whatWasStillBeingDeletedWhenItWasAppliedIsMadeAgainOnceItIsGone() {
    Member gone =
        new Member(
            new ObjectRef(ResourceKind.CONTAINER, "default", "left"), Health.of(Optional.empty()));
    Member deleted =
        new Member(
            new ObjectRef(ResourceKind.CONTAINER, "default", "web"), Health.of(Optional.empty()));
    assertThat(plan(null, 0, Duration.ZERO, List.of(GOOD, gone), revision(1, "a", "Pending")))
        .isEqualTo(new ManifestSetAction.MakeAgain());
    assertThat(plan(null, 0, Duration.ZERO, List.of(GOOD, deleted), revision(1, "a", "Pending")))
        .isEqualTo(new ManifestSetAction.Show(Optional.empty()));
    assertThat(plan(null, 1, Duration.ZERO, List.of(GOOD, gone), revision(1, "a", "Healthy")))
        .isEqualTo(new ManifestSetAction.Show(Optional.empty()));
  }

  @Test
  void whatSomebodyHasDeletedIsNotBroughtBackByTheGate() {
    Member deleted =
        new Member(
            new ObjectRef(ResourceKind.CONTAINER, "default", "web"), Health.of(Optional.empty()));
    Revision[] history = {revision(2, "b", "Pending"), revision(1, "a", "Healthy")};
    assertThat(plan("1m", 1, Duration.ofMinutes(2), List.of(GOOD, deleted), history))
        .isEqualTo(new ManifestSetAction.Show(Optional.empty()));
  }

  @Test
  void withoutAHealthTimeoutNothingIsPutBack() {
    Revision[] history = {revision(2, "b", "Pending"), revision(1, "a", "Healthy")};
    assertThat(plan(null, 1, Duration.ofDays(1), List.of(BAD), history))
        .isEqualTo(new ManifestSetAction.Show(Optional.empty()));
  }

  @Test
  void withNothingToGoBackToTheRevisionIsUnhealthyAndStays() {
    assertThat(plan("1m", 0, Duration.ofMinutes(2), List.of(BAD), revision(1, "a", "Pending")))
        .isInstanceOf(ManifestSetAction.Conclude.class);
  }

  @Test
  void whatWasPutBackIsNotPutBackAgainForTheSameManifests() {
    Revision[] history = {
      revision(3, "a", "Pending"), revision(2, "b", "RolledBack"), revision(1, "a", "Healthy")
    };
    assertThat(plan("1m", 1, Duration.ofMinutes(2), List.of(BAD), history))
        .isInstanceOf(ManifestSetAction.Conclude.class);
  }

  @Test
  void whatIsNotReadyLongAfterItWasHealthyIsOnlyShown() {
    Revision[] history = {revision(2, "b", "Healthy"), revision(1, "a", "Healthy")};
    assertThat(plan("1m", 2, Duration.ofDays(1), List.of(BAD), history))
        .isEqualTo(new ManifestSetAction.Show(Optional.empty()));
  }
}
