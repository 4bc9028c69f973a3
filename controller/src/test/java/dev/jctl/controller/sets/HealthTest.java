package dev.jctl.controller.sets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HealthTest {
  private static Health of(ResourceKind kind, String status) {
    String text = "{metadata: {name: 'o', generation: 2}, status: %s}".formatted(status);
    return Health.of(new StoredObject(new ObjectRef(kind, "default", "o"), Json.object(text), 1));
  }

  @Test
  void onlyAStatusOfThisGenerationCounts() {
    String ready = "conditions: [{type: 'Ready', status: 'True'}]";
    assertThat(of(ResourceKind.CONTAINER, "{observedGeneration: 2, " + ready + "}").isReady())
        .isTrue();
    assertThat(of(ResourceKind.CONTAINER, "{observedGeneration: 1, " + ready + "}").isReady())
        .isFalse();
    assertThat(of(ResourceKind.IMAGE, "{}").isReady()).isFalse();
    assertThat(
            of(
                ResourceKind.IMAGE,
                "{conditions: [{type: 'Ready', status: 'False', reason: 'R', message: 'm'}]}"))
        .isEqualTo(new Health(Health.State.WAITING, "R", "m"));
  }

  @Test
  void whatHasNoReadinessAndWhatIsDoneIsHealthy() {
    assertThat(of(ResourceKind.CONFIG_MAP, "{}").isReady()).isTrue();
    assertThat(of(ResourceKind.NAMESPACE, "{phase: 'Active'}").isReady()).isTrue();
    assertThat(of(ResourceKind.SERVICE, "{}").isReady()).isTrue();
    assertThat(of(ResourceKind.CRON_JOB, "{}").isReady()).isTrue();
    assertThat(of(ResourceKind.POD, "{phase: 'Succeeded'}").isReady()).isTrue();
    assertThat(of(ResourceKind.JOB, "{conditions: [{type: 'Complete', status: 'True'}]}").isReady())
        .isTrue();
  }

  @Test
  void whatOnlyAChangeCanMendHasFailed() {
    assertThat(of(ResourceKind.POD, "{phase: 'Failed'}").state()).isEqualTo(Health.State.FAILED);
    assertThat(of(ResourceKind.JOB, "{conditions: [{type: 'Failed', status: 'True'}]}").state())
        .isEqualTo(Health.State.FAILED);
    assertThat(of(ResourceKind.JOB, "{active: 1}").state()).isEqualTo(Health.State.WAITING);
  }

  @Test
  void allReplicasCountAndThoseOfADeploymentAreOfItsNewestTemplate() {
    String seen = "observedGeneration: 2, replicas: 1, availableReplicas: 1";
    assertThat(of(ResourceKind.DEPLOYMENT, "{" + seen + ", updatedReplicas: 1}").isReady())
        .isTrue();
    assertThat(of(ResourceKind.DEPLOYMENT, "{" + seen + ", updatedReplicas: 0}").isReady())
        .isFalse();
    assertThat(of(ResourceKind.REPLICA_SET, "{" + seen + "}").isReady()).isTrue();
  }

  @Test
  void whatSomebodyDeletedIsMissing() {
    assertThat(Health.of(Optional.empty()).isMissing()).isTrue();
  }
}
