package dev.jctl.controller.reconcile;

import static dev.jctl.manifests.model.ResourceKind.CRON_JOB;
import static dev.jctl.manifests.model.ResourceKind.DEPLOYMENT;
import static dev.jctl.manifests.model.ResourceKind.JOB;
import static dev.jctl.manifests.model.ResourceKind.POD;
import static dev.jctl.manifests.model.ResourceKind.REPLICA_SET;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kinds in apps and batch, with the real store and all reconcilers. */
class WorkloadsIT {
  private static final String IMAGE =
      """
      apiVersion: jctl.dev/v1
      kind: Image
      metadata: {name: box}
      spec: {files: [{path: /bin/sh, content: "x"}]}
      ---
      """;

  @TempDir Path directory;
  private Engine engine;

  @BeforeEach
  void start() {
    engine = new Engine(directory);
    engine.apply(IMAGE);
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  private static String deployment(int replicas, String command) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: %d
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: a, image: box, command: [%s]}]}
    """
        .formatted(replicas, command);
  }

  private void deploy(int replicas, String command) {
    engine.apply(deployment(replicas, command));
    engine.awaitStatus(
        DEPLOYMENT,
        "web",
        s ->
            s.path("observedGeneration").asLong() == generation()
                && s.path("updatedReplicas").asInt() == replicas
                && s.path("replicas").asInt() == replicas
                && s.path("availableReplicas").asInt() == replicas);
  }

  private long generation() {
    return engine.find(DEPLOYMENT, "web").orElseThrow().tree().at("/metadata/generation").asLong();
  }

  private List<StoredObject> all(ResourceKind kind) {
    return engine.all(kind);
  }

  @Test
  void rollsFromOneTemplateToTheNextAndScales() {
    deploy(3, "one");
    assertThat(all(POD)).hasSize(3).allMatch(p -> p.ref().name().startsWith("web-"));
    deploy(3, "two");
    assertThat(all(REPLICA_SET)).hasSize(2);
    engine.awaitThat(
        () -> all(POD).size() == 3 && all(POD).stream().allMatch(p -> command(p).equals("two")));
    deploy(1, "two");
    engine.awaitThat(() -> all(POD).size() == 1);
    assertThat(condition(engine.status(DEPLOYMENT, "web"), "Progressing"))
        .isEqualTo("NewReplicaSetAvailable");
  }

  private static String command(StoredObject pod) {
    return pod.tree().at("/spec/containers/0/command/0").asText();
  }

  private static String condition(JsonNode status, String type) {
    return status
        .path("conditions")
        .valueStream()
        .filter(c -> c.path("type").asText().equals(type))
        .map(c -> c.path("reason").asText())
        .findFirst()
        .orElse("");
  }

  @Test
  void aPodThatIsDeletedComesBackAndAllGoesWithTheDeployment() {
    deploy(2, "one");
    StoredObject pod = all(POD).getFirst();
    engine.resources.delete(pod.ref(), Resources.DeleteOptions.DEFAULT);
    engine.awaitThat(
        () -> all(POD).stream().noneMatch(p -> p.uid().equals(pod.uid())) && all(POD).size() == 2);
    engine.delete(DEPLOYMENT, "web");
    engine.awaitThat(
        () -> all(POD).isEmpty() && all(REPLICA_SET).isEmpty() && all(DEPLOYMENT).isEmpty());
    engine.awaitThat(() -> engine.runtime.containers().isEmpty());
  }

  @Test
  void aJobIsCompleteWhenItsPodsHaveSucceeded() {
    engine.apply(
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: work}
        spec:
          completions: 2
          template: {spec: {restartPolicy: Never, containers: [{name: a, image: box, command: [sh]}]}}
        """);
    for (int i = 0; i < 2; i++) {
      engine.awaitThat(() -> running().size() == 1);
      engine.runtime.end(running().getFirst(), 0, 0);
      int done = i + 1;
      engine.awaitStatus(JOB, "work", s -> s.path("succeeded").asInt() == done);
    }
    engine.awaitStatus(JOB, "work", s -> !condition(s, "Complete").isEmpty());
    assertThat(engine.find(JOB, "work").orElseThrow().tree().at("/spec/selector/matchLabels"))
        .hasSize(1);
    engine.delete(JOB, "work");
    engine.awaitThat(() -> all(POD).isEmpty());
  }

  private List<String> running() {
    return engine.runtime.containers().stream()
        .filter(c -> c.state() instanceof dev.jctl.shim.spec.Observed.State.Running)
        .map(c -> c.spec().id())
        .toList();
  }

  @Test
  void aCronJobMakesAJobWhenItsTimeHasCome() {
    engine.apply(
        """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: nightly}
        spec:
          schedule: "0 3 * * *"
          jobTemplate:
            spec:
              template:
                spec: {restartPolicy: Never, containers: [{name: a, image: box, command: [sh]}]}
        """);
    engine.awaitStatus(CRON_JOB, "nightly", s -> s.isObject());
    assertThat(all(JOB)).isEmpty();
    engine.clock.moveOn(Duration.ofDays(1));
    engine.restart();
    engine.awaitThat(() -> all(JOB).size() == 1);
    engine.awaitStatus(CRON_JOB, "nightly", s -> s.path("active").size() == 1);
    assertThat(all(JOB).getFirst().ref().name()).startsWith("nightly-");
  }
}
