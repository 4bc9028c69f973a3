package dev.jctl.controller.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.controller.workload.Owners;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicaSetPlannerTest {
  private static final StoredObject SET =
      new StoredObject(
          new ObjectRef(ResourceKind.REPLICA_SET, "default", "web"),
          Json.object(
              "{metadata:{name:'web',uid:'s'},spec:{replicas:2,selector:{matchLabels:{app:'web'}}}}"),
          1);

  private static StoredObject pod(String name, String app, String phase, String ready) {
    ObjectNode tree =
        Json.object(
            "{metadata:{name:'%s',labels:{app:'%s'}},status:{phase:'%s',conditions:[{type:'Ready',status:'%s',lastTransitionTime:'2026-11-28T12:00:00Z'}]}}"
                .formatted(name, app, phase, ready));
    return new StoredObject(new ObjectRef(ResourceKind.POD, "default", name), tree, 1);
  }

  private static StoredObject own(StoredObject pod) {
    Owners.adopt(pod.tree(), SET);
    return pod;
  }

  @Test
  void makesThoseThatAreMissingAndReplacesThoseThatEnded() {
    assertThat(ReplicaSetPlanner.plan(SET, List.of(own(pod("a", "web", "Failed", "False")))))
        .containsExactly(new ReplicaSetAction.Create(2));
  }

  @Test
  void deletesThoseThatAreNotReadyFirst() {
    StoredObject starting = own(pod("b", "web", "Pending", "False"));
    List<StoredObject> pods =
        List.of(
            own(pod("a", "web", "Running", "True")),
            starting,
            own(pod("c", "web", "Running", "True")));
    assertThat(ReplicaSetPlanner.plan(SET, pods))
        .containsExactly(new ReplicaSetAction.Delete(starting));
  }

  @Test
  void takesInPodsOfNobodyAndLetsGoThoseThatLostTheirLabel() {
    StoredObject orphan = pod("a", "web", "Running", "True");
    StoredObject relabelled = own(pod("b", "debug", "Running", "True"));
    assertThat(ReplicaSetPlanner.plan(SET, List.of(orphan, relabelled)))
        .containsExactlyInAnyOrder(
            new ReplicaSetAction.Adopt(orphan),
            new ReplicaSetAction.Release(relabelled),
            new ReplicaSetAction.Create(1));
  }

  @Test
  void touchesNothingWhenItIsDeleted() {
    StoredObject deleted = new StoredObject(SET.ref(), SET.tree().deepCopy(), 2);
    deleted.tree().withObject("/metadata").put("deletionTimestamp", "2026-11-28T12:00:00Z");
    assertThat(ReplicaSetPlanner.plan(deleted, List.of())).isEmpty();
  }
}
