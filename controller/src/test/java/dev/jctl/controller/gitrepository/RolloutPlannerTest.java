package dev.jctl.controller.gitrepository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.git.Revision;
import dev.jctl.controller.gitrepository.GitRepositoryStatusView.Running;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.GitRepositoryStatus;
import dev.jctl.manifests.model.GitRepositoryStatus.Attempt;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One repository, commit after commit, by the planner and the view of its status together. */
final class RolloutPlannerTest {
  private static final ObjectRef REF = new ObjectRef(ResourceKind.GIT_REPOSITORY, "default", "r");
  private static final Revision GOOD = new Revision("main", "a".repeat(40));
  private static final Revision BAD = new Revision("main", "b".repeat(40));
  private static final Revision NEXT = new Revision("main", "c".repeat(40));

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final ObjectNode tree = Json.object("{metadata: {name: 'r', generation: 1}}");

  private void spec(String text) {
    tree.set("spec", Json.tree(text));
  }

  private Resource.GitRepository repository() {
    return new StoredObject(REF, tree, 1).as(Resource.GitRepository.class);
  }

  private RolloutAction plan(Revision head) {
    return RolloutPlanner.plan(repository(), "", head);
  }

  private GitRepositoryStatusView view() {
    return new GitRepositoryStatusView(repository(), "", now);
  }

  private GitRepositoryStatus write(GitRepositoryStatus status) {
    tree.set("status", ObjectWriter.tree(status));
    return status;
  }

  private static Running running(Revision revision) {
    return new Running(revision, 3, Optional.empty(), List.of());
  }

  private List<String> results() {
    GitRepositoryStatus status = Objects.requireNonNull(repository().status());
    return Objects.requireNonNull(status.history()).stream().map(Attempt::result).toList();
  }

  @Test
  void withoutAGateWhatIsAppliedIsKept() {
    spec("{url: '/r'}");
    assertThat(plan(GOOD)).isEqualTo(new RolloutAction.Apply(GOOD));
    write(view().applied(running(GOOD)));
    assertThat(plan(GOOD)).isEqualTo(new RolloutAction.Keep(GOOD));
    assertThat(plan(NEXT)).isEqualTo(new RolloutAction.Apply(NEXT));
    write(view().failed(null, "Unreachable", "no route"));
    assertThat(plan(GOOD)).isEqualTo(new RolloutAction.Apply(GOOD));
    assertThat(results()).containsExactly("Applied");
  }

  @Test
  void whatDoesNotBecomeHealthyGivesWayAndIsNotTriedAgain() {
    spec("{url: '/r', healthGate: {timeout: '10s'}}");
    write(view().progressing(running(GOOD), List.of("x")));
    write(view().applied(running(GOOD)));
    assertThat(plan(GOOD)).isEqualTo(new RolloutAction.Keep(GOOD));

    now = now.plusSeconds(60);
    write(view().progressing(running(BAD), List.of("container/default/web: no")));
    assertThat(plan(BAD)).isEqualTo(new RolloutAction.Watch(BAD, now.plus(Duration.ofSeconds(10))));
    write(view().unhealthy(BAD, List.of("container/default/web: no")));
    assertThat(plan(BAD)).isEqualTo(new RolloutAction.Refuse(BAD, Optional.of(GOOD)));

    GitRepositoryStatus returned = write(view().returned(BAD, running(GOOD)));
    assertThat(returned.lastAppliedRevision()).isEqualTo(GOOD.toString());
    assertThat(Conditions.message(returned.conditions(), "Ready"))
        .isEqualTo(
            BAD + ": not Ready within 10 s: container/default/web: no (" + GOOD + " goes on)");
    assertThat(results()).containsExactly("Returned", "Unhealthy", "Healthy");
    assertThat(plan(BAD)).isEqualTo(new RolloutAction.Refuse(BAD, Optional.of(GOOD)));
    assertThat(write(view().returned(BAD, running(GOOD)))).isEqualTo(returned);
    assertThat(plan(NEXT)).isEqualTo(new RolloutAction.Apply(NEXT));

    ((ObjectNode) tree.path("metadata")).put("generation", 2);
    assertThat(plan(BAD)).isEqualTo(new RolloutAction.Apply(BAD));
  }

  @Test
  void whatShallStayStays() {
    spec("{url: '/r', healthGate: {onFailure: 'Stay'}}");
    write(view().applied(running(GOOD)));
    write(view().progressing(running(BAD), List.of("x")));
    write(view().unhealthy(BAD, List.of("x")));
    assertThat(plan(BAD)).isEqualTo(new RolloutAction.Refuse(BAD, Optional.of(BAD)));
  }

  @Test
  void aNewerCommitSupersedesOneThatWasStillOnItsWay() {
    spec("{url: '/r', healthGate: {}}");
    write(view().progressing(running(GOOD), List.of("x")));
    write(view().progressing(running(NEXT), List.of("x")));
    assertThat(results()).containsExactly("Progressing", "Superseded");
    for (int i = 0; i < 20; i++) {
      write(view().failed(new Revision("main", "%040d".formatted(i)), "Invalid", "m"));
    }
    assertThat(results()).hasSize(10);
  }
}
