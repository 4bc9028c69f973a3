package dev.jctl.controller.gitrepository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.GitRepositorySpec;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DependenciesTest {
  private final Map<ObjectRef, StoredObject> objects = new HashMap<>();
  private final Dependencies dependencies =
      new Dependencies(ref -> Optional.ofNullable(objects.get(ref)));

  private static ObjectRef repository(String name) {
    return new ObjectRef(ResourceKind.GIT_REPOSITORY, "default", name);
  }

  private GitRepositorySpec put(String name, String dependsOn) {
    String text =
        "{metadata: {name: '%s'}, spec: {url: '/r', dependsOn: %s}}".formatted(name, dependsOn);
    StoredObject object = new StoredObject(repository(name), Json.object(text), 1);
    objects.put(object.ref(), object);
    return object.as(Resource.GitRepository.class).spec();
  }

  private void put(ResourceKind kind, String namespace, String name, String status) {
    ObjectNode tree = Json.object("{metadata: {name: '%s'}, status: %s}".formatted(name, status));
    ObjectRef ref = new ObjectRef(kind, namespace, name);
    objects.put(ref, new StoredObject(ref, tree, 1));
  }

  @Test
  void aConditionOfAnyObjectIsWaitedFor() {
    GitRepositorySpec spec =
        put(
            "r",
            "[{name: 'infra'}, {kind: 'Container', namespace: 'db', name: 'db',"
                + " condition: 'Primary'}, {kind: 'Node', name: 'n'}]");
    assertThat(dependencies.unmet(repository("r"), spec))
        .containsExactly(
            "spec.dependsOn: gitrepository/default/infra is not there",
            "spec.dependsOn: container/db/db is not there",
            "spec.dependsOn: node/n is not there");
    put("infra", "[]");
    put(ResourceKind.NODE, "", "n", "{conditions: [{type: 'Ready', status: 'True'}]}");
    put(
        ResourceKind.CONTAINER,
        "db",
        "db",
        "{conditions: [{type: 'Primary', status: 'False', message: 'it follows'}]}");
    assertThat(dependencies.unmet(repository("r"), spec))
        .containsExactly(
            "spec.dependsOn: gitrepository/default/infra is not Ready yet",
            "spec.dependsOn: container/db/db is not Primary: it follows");
  }

  @Test
  void aCycleIsFoundAndOneOfOthersIsNot() {
    put("a", "[{name: 'b'}]");
    put("b", "[{name: 'x'}, {name: 'c'}]");
    put("c", "[{name: 'a'}]");
    put("x", "[{name: 'y'}]");
    put("y", "[{name: 'x'}]");
    put("z", "[{name: 'x'}]");
    assertThat(dependencies.cycle(repository("a")))
        .extracting(ObjectRef::name)
        .containsExactly("a", "b", "c", "a");
    assertThat(dependencies.cycle(repository("z"))).isEmpty();
    put("self", "[{name: 'self'}]");
    assertThat(dependencies.cycle(repository("self"))).hasSize(2);
  }
}
