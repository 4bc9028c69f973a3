package dev.jctl.controller.gitrepository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MemberHealthTest {
  private static List<String> notReady(ResourceKind kind, String status) {
    String text = "{metadata: {name: 'o', generation: 2}, status: %s}".formatted(status);
    ObjectRef ref = new ObjectRef(kind, "default", "o");
    return MemberHealth.notReady(List.of(new StoredObject(ref, Json.object(text), 1)));
  }

  @Test
  void onlyAStatusOfThisGenerationCounts() {
    String ready = "conditions: [{type: 'Ready', status: 'True'}]";
    assertThat(notReady(ResourceKind.CONTAINER, "{observedGeneration: 2, " + ready + "}"))
        .isEmpty();
    assertThat(notReady(ResourceKind.CONTAINER, "{observedGeneration: 1, " + ready + "}"))
        .containsExactly("container/default/o: not looked at yet");
    assertThat(notReady(ResourceKind.IMAGE, "{}"))
        .containsExactly("image/default/o: no status yet");
    assertThat(
            notReady(
                ResourceKind.IMAGE,
                "{conditions: [{type: 'Ready', status: 'False', reason: 'R', message: 'm'}]}"))
        .containsExactly("image/default/o: R: m");
  }

  @Test
  void whatHasNoReadinessAndWhatIsDoneIsHealthy() {
    assertThat(notReady(ResourceKind.CONFIG_MAP, "{}")).isEmpty();
    assertThat(notReady(ResourceKind.NAMESPACE, "{phase: 'Active'}")).isEmpty();
    assertThat(notReady(ResourceKind.POD, "{phase: 'Succeeded'}")).isEmpty();
    assertThat(notReady(ResourceKind.CRON_JOB, "{}")).isEmpty();
    assertThat(notReady(ResourceKind.JOB, "{active: 1}")).isEmpty();
  }

  @Test
  void replicasCountAndAJobMustNotHaveFailed() {
    assertThat(notReady(ResourceKind.DEPLOYMENT, "{readyReplicas: 1, updatedReplicas: 1}"))
        .isEmpty();
    assertThat(notReady(ResourceKind.DEPLOYMENT, "{readyReplicas: 1, updatedReplicas: 0}"))
        .containsExactly("deployment/default/o: 1 of 1 ready, 0 updated");
    assertThat(
            notReady(
                ResourceKind.JOB,
                "{conditions: [{type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded'}]}"))
        .containsExactly("job/default/o: BackoffLimitExceeded");
  }
}
