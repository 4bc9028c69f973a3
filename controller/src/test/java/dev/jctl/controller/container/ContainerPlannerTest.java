package dev.jctl.controller.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.codec.ManifestReader;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContainerPlannerTest {
  private static StoredObject container(String spec) {
    String yaml =
        "{apiVersion: jctl.dev/v1, kind: Container, metadata: {name: web}, spec: {image: box"
            + spec
            + "}}";
    ObjectNode tree = ManifestReader.read("web.yaml", yaml).getFirst().tree();
    tree.withObject("/metadata").put("uid", "c1");
    return new StoredObject(new ObjectRef(ResourceKind.CONTAINER, "default", "web"), tree, 1);
  }

  private static StoredObject podOf(StoredObject container) {
    ContainerAction action = ContainerPlanner.plan(container, Optional.empty());
    ObjectNode pod = ((ContainerAction.CreatePod) action).pod();
    return new StoredObject(new ObjectRef(ResourceKind.POD, "default", "web"), pod, 1);
  }

  private static ContainerAction changed(String before, String after) {
    return ContainerPlanner.plan(container(after), Optional.of(podOf(container(before))));
  }

  @Test
  void makesAPodThatSaysAllThatTheContainerSays() {
    ObjectNode pod =
        podOf(
                container(
                    ", networks: [{name: front, aliases: [www]}], stopSignal: SIGINT,"
                        + " volumeMounts: [{name: my-data, mountPath: /data}], hostname: h,"
                        + " init: true"))
            .tree();
    assertThat(pod.at("/metadata/annotations/jctl.dev~1networks").asText())
        .isEqualTo("[{\"name\":\"front\",\"aliases\":[\"www\"]}]");
    assertThat(pod.at("/metadata/annotations/jctl.dev~1stop-signal").asText()).isEqualTo("SIGINT");
    assertThat(pod.at("/metadata/annotations/jctl.dev~1init").asText()).isEqualTo("true");
    assertThat(pod.at("/metadata/ownerReferences/0/controller").asBoolean()).isTrue();
    assertThat(pod.at("/spec/volumes/0/name").asText()).isEqualTo("my-data");
    assertThat(pod.at("/spec/volumes/0/persistentVolumeClaim/claimName").asText())
        .isEqualTo("my-data");
    assertThat(pod.at("/spec/containers/0/volumeMounts/0/name").asText()).isEqualTo("my-data");
    assertThat(pod.at("/spec/hostname").asText()).isEqualTo("h");
  }

  @Test
  void plansNothingFromTheReachedState() {
    String spec = ", command: [a], env: [{name: A, value: b}], resources: {limits: {cpu: 1}}";
    assertThat(changed(spec, spec)).isEqualTo(new ContainerAction.Keep());
  }

  @Test
  void updatesWhatMayChangeAndReplacesThePodForTheRest() {
    assertThat(changed("", ", publish: [\"8000-8010:8000-8010\"]"))
        .isInstanceOfSatisfying(
            ContainerAction.UpdatePod.class,
            u -> assertThat(u.fields()).containsExactly("annotations"));
    assertThat(changed("", ", ports: [{containerPort: 80, hostPort: 8080}]"))
        .isInstanceOfSatisfying(
            ContainerAction.UpdatePod.class, u -> assertThat(u.fields()).containsExactly("ports"));
    assertThat(changed(", command: [a]", ", command: [b], tty: true"))
        .isEqualTo(new ContainerAction.ReplacePod(List.of("command", "tty")));
    assertThat(changed("", ", volumeMounts: [{name: d, mountPath: /d}]"))
        .isEqualTo(new ContainerAction.ReplacePod(List.of("volumeMounts")));
  }

  @Test
  void anUpdateReachesTheStateFromWhichNothingIsPlanned() {
    StoredObject now = container(", resources: {limits: {memory: 1Mi}}");
    StoredObject pod = podOf(container(", ports: [{containerPort: 80}]"));
    ContainerAction.UpdatePod update =
        (ContainerAction.UpdatePod) ContainerPlanner.plan(now, Optional.of(pod));
    ContainerPlanner.update(pod.tree(), update.template(), update.fields());
    assertThat(ContainerPlanner.plan(now, Optional.of(pod))).isEqualTo(new ContainerAction.Keep());
    assertThat(pod.tree().at("/spec/containers/0/ports").isMissingNode()).isTrue();
  }

  @Test
  void leavesAForeignPodOfItsNameAlone() {
    StoredObject pod = podOf(container(""));
    pod.tree().withObject("/metadata").remove("ownerReferences");
    assertThat(ContainerPlanner.plan(container(""), Optional.of(pod)))
        .isInstanceOf(ContainerAction.Refuse.class);
  }
}
