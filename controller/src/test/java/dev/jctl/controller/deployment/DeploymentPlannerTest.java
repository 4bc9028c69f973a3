package dev.jctl.controller.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.controller.workload.Owners;
import dev.jctl.manifests.model.DeploymentStatus;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeploymentPlannerTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  /** ReplicaSets in memory, whose Pods become available when the test says so. */
  private static final class Cluster {
    final Map<String, ObjectNode> sets = new LinkedHashMap<>();
    ObjectNode deployment;
    Optional<String> config = Optional.empty();
    int made;

    Cluster(String spec) {
      deployment =
          Json.object(
              "{metadata:{name:'web',namespace:'default',uid:'d',generation:1},spec:" + spec + "}");
      spec().set("selector", Json.object("{matchLabels:{app:'web'}}"));
      image("one");
    }

    ObjectNode spec() {
      return deployment.withObject("/spec");
    }

    void image(String image) {
      spec()
          .set(
              "template",
              Json.object(
                  "{metadata:{labels:{app:'web'}},spec:{containers:[{name:'a',image:'"
                      + image
                      + "'}]}}"));
    }

    StoredObject stored() {
      return new StoredObject(ref(ResourceKind.DEPLOYMENT, "web"), deployment.deepCopy(), 1);
    }

    List<StoredObject> storedSets() {
      List<StoredObject> all = new ArrayList<>();
      sets.forEach(
          (name, tree) ->
              all.add(new StoredObject(ref(ResourceKind.REPLICA_SET, name), tree.deepCopy(), 1)));
      return all;
    }

    Rollout rollout() {
      return Rollout.of(stored(), storedSets(), config);
    }

    List<DeploymentAction> plan() {
      int old = Rollout.told(rollout().old(), "replicas");
      return DeploymentPlanner.plan(stored(), storedSets(), config, old);
    }

    /** Plans and carries out. */
    List<DeploymentAction> step() {
      List<DeploymentAction> actions = plan();
      actions.forEach(this::carryOut);
      return actions;
    }

    void carryOut(DeploymentAction action) {
      switch (action) {
        case DeploymentAction.Adopt a -> Owners.adopt(set(a.set()), stored());
        case DeploymentAction.Create c -> {
          ObjectNode tree = c.set().deepCopy();
          tree.withObject("/metadata")
              .put("uid", "s" + made)
              .put("creationTimestamp", NOW.plusSeconds(made++).toString());
          sets.put(tree.at("/metadata/name").asText(), tree);
        }
        case DeploymentAction.Scale s ->
            set(s.set()).withObject("/spec").put("replicas", s.replicas());
        case DeploymentAction.Annotate a -> {
          ObjectNode tree =
              a.object().ref().kind() == ResourceKind.DEPLOYMENT ? deployment : set(a.object());
          a.annotations().forEach(tree.withObject("/metadata/annotations")::put);
        }
        case DeploymentAction.Delete d -> sets.remove(d.set().ref().name());
      }
    }

    private ObjectNode set(StoredObject stored) {
      return Objects.requireNonNull(sets.get(stored.ref().name()));
    }

    /** Pods are made and removed at once; some of those that are not available become it. */
    void podsFollow(int becomeAvailable) {
      int left = becomeAvailable;
      for (ObjectNode set : sets.values()) {
        int wanted = set.at("/spec/replicas").asInt();
        int available = Math.min(wanted, set.at("/status/availableReplicas").asInt());
        int more = Math.min(left, wanted - available);
        left -= more;
        set.putObject("status")
            .put("replicas", wanted)
            .put("readyReplicas", available + more)
            .put("availableReplicas", available + more);
      }
    }

    int wanted() {
      return sets.values().stream().mapToInt(set -> set.at("/spec/replicas").asInt()).sum();
    }

    int available() {
      return sets.values().stream()
          .mapToInt(
              s ->
                  Math.min(
                      s.at("/spec/replicas").asInt(), s.at("/status/availableReplicas").asInt()))
          .sum();
    }

    void settle() {
      for (int i = 0; i < 200; i++) {
        boolean nothing = step().isEmpty();
        podsFollow(100);
        if (nothing && plan().isEmpty()) {
          return;
        }
      }
      throw new AssertionError("does not come to rest: " + sets);
    }
  }

  private static ObjectRef ref(ResourceKind kind, String name) {
    return new ObjectRef(kind, "default", name);
  }

  @Test
  void makesAReplicaSetThatIsNamedAndLabelledByItsTemplate() {
    Cluster cluster = new Cluster("{replicas:3}");
    cluster.settle();
    ObjectNode set = cluster.sets.values().iterator().next();
    String hash = set.at("/metadata/labels/pod-template-hash").asText();
    assertThat(set.at("/metadata/name").asText()).isEqualTo("web-" + hash);
    assertThat(set.at("/spec/selector/matchLabels/pod-template-hash").asText()).isEqualTo(hash);
    assertThat(set.at("/spec/template/metadata/labels/pod-template-hash").asText()).isEqualTo(hash);
    assertThat(set.at("/spec/replicas").asInt()).isEqualTo(3);
    assertThat(cluster.deployment.at("/metadata/annotations").path(Revisions.REVISION).asText())
        .isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void neverHasTooManyOrTooFewPodsWhileItRolls(long seed) {
    Random random = new Random(seed);
    int replicas = 1 + random.nextInt(10);
    String surge =
        random.nextBoolean() ? "'" + 10 * random.nextInt(11) + "%'" : "" + random.nextInt(3);
    String unavailable =
        random.nextBoolean() ? "'" + 10 * random.nextInt(10) + "%'" : "" + random.nextInt(3);
    Cluster cluster =
        new Cluster(
            "{replicas:%d,strategy:{type:'RollingUpdate',rollingUpdate:{maxSurge:%s,maxUnavailable:%s}}}"
                .formatted(replicas, surge, unavailable));
    cluster.settle();
    for (int change = 0; change < 3; change++) {
      cluster.image("image" + change);
      int most = replicas + cluster.rollout().maxSurge();
      int least = replicas - cluster.rollout().maxUnavailable();
      for (int i = 0; i < 200 && !isDone(cluster); i++) {
        cluster.step();
        assertThat(cluster.wanted())
            .as("seed %s: %s", seed, cluster.sets)
            .isLessThanOrEqualTo(most);
        assertThat(cluster.available())
            .as("seed %s: %s", seed, cluster.sets)
            .isGreaterThanOrEqualTo(least);
        cluster.podsFollow(random.nextInt(3));
      }
      assertThat(isDone(cluster)).as("seed %s: %s", seed, cluster.sets).isTrue();
    }
  }

  private static boolean isDone(Cluster cluster) {
    return new DeploymentStatusView(cluster.rollout(), NOW).isComplete()
        && cluster.plan().isEmpty();
  }

  @Test
  void endsAllOldPodsFirstWhenItRecreates() {
    Cluster cluster = new Cluster("{replicas:2,strategy:{type:'Recreate'}}");
    cluster.settle();
    cluster.image("two");
    assertThat(cluster.step()).singleElement().isInstanceOf(DeploymentAction.Scale.class);
    assertThat(cluster.plan()).as("while old Pods end").isEmpty();
    cluster.podsFollow(0);
    assertThat(cluster.step()).singleElement().isInstanceOf(DeploymentAction.Create.class);
  }

  @Test
  void goesBackToTheReplicaSetOfAFormerTemplateUnderANewNumber() {
    Cluster cluster = new Cluster("{replicas:1}");
    cluster.settle();
    cluster.image("two");
    cluster.settle();
    cluster.image("one");
    cluster.settle();
    assertThat(cluster.sets).hasSize(2);
    assertThat(cluster.deployment.at("/metadata/annotations").path(Revisions.REVISION).asText())
        .isEqualTo("3");
    assertThat(cluster.rollout().newest().map(Rollout::wanted)).contains(1);
  }

  @Test
  void otherConfigurationIsAnotherReplicaSetButNotWhenItIsTheFirstOrMissing() {
    Cluster cluster = new Cluster("{replicas:1}");
    cluster.settle();
    String first = newest(cluster);
    cluster.config = Optional.of("a");
    cluster.settle();
    assertThat(newest(cluster)).as("what it waited for").isEqualTo(first);
    cluster.config = Optional.of("b");
    cluster.settle();
    String second = newest(cluster);
    assertThat(second).isNotEqualTo(first);
    assertThat(cluster.available()).isEqualTo(1);
    cluster.config = Optional.empty();
    cluster.settle();
    assertThat(newest(cluster)).as("while something is missing").isEqualTo(second);
    cluster.config = Optional.of("a");
    cluster.settle();
    assertThat(newest(cluster)).as("the same as before").isEqualTo(first);
    assertThat(cluster.sets).hasSize(2);
  }

  private static String newest(Cluster cluster) {
    return cluster.rollout().newest().orElseThrow().ref().name();
  }

  @Test
  void keepsAsManyFormerReplicaSetsAsItIsToldTo() {
    Cluster cluster = new Cluster("{replicas:1,revisionHistoryLimit:2}");
    for (int i = 0; i < 5; i++) {
      cluster.image("image" + i);
      cluster.settle();
    }
    assertThat(cluster.sets).hasSize(3);
  }

  @Test
  void followsTheNumberButNotTheTemplateWhilePaused() {
    Cluster cluster = new Cluster("{replicas:2}");
    cluster.settle();
    cluster.spec().put("paused", true).put("replicas", 4);
    cluster.image("two");
    cluster.settle();
    assertThat(cluster.sets).hasSize(1);
    assertThat(cluster.wanted()).isEqualTo(4);
  }

  @Test
  void aRolloutThatDoesNotMoveIsToldAsFailedAfterItsDeadline() {
    Cluster cluster = new Cluster("{replicas:1,progressDeadlineSeconds:60}");
    cluster.step();
    cluster.podsFollow(0);
    tell(cluster, NOW);
    assertThat(progressing(cluster)).isEqualTo("True ReplicaSetUpdated");
    tell(cluster, NOW.plusSeconds(59));
    assertThat(progressing(cluster)).isEqualTo("True ReplicaSetUpdated");
    tell(cluster, NOW.plusSeconds(61));
    assertThat(progressing(cluster)).isEqualTo("False ProgressDeadlineExceeded");
    cluster.podsFollow(1);
    tell(cluster, NOW.plusSeconds(62));
    assertThat(progressing(cluster)).isEqualTo("True NewReplicaSetAvailable");
  }

  private static void tell(Cluster cluster, Instant now) {
    DeploymentStatus status = new DeploymentStatusView(cluster.rollout(), now).status();
    cluster.deployment.set("status", dev.jctl.controller.status.ObjectWriter.tree(status));
  }

  private static String progressing(Cluster cluster) {
    return cluster
        .deployment
        .at("/status/conditions")
        .valueStream()
        .filter(c -> c.path("type").asText().equals("Progressing"))
        .map(c -> c.path("status").asText() + " " + c.path("reason").asText())
        .findFirst()
        .orElse("");
  }
}
