package dev.jctl.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.plan.PlannedObject;
import dev.jctl.controller.plan.PlannedObject.Action;
import dev.jctl.controller.plan.SetPlan;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is planned for a change is what the reconcilers then do, on a machine in memory. */
@Timeout(120)
class PlannedChangesIT {
  private static final String BASE =
      """
      apiVersion: jctl.dev/v1
      kind: Image
      metadata: {name: box}
      spec: {reference: "r.example/box:1"}
      ---
      apiVersion: jctl.dev/v1
      kind: Image
      metadata: {name: other}
      spec: {reference: "r.example/other:1"}
      ---
      apiVersion: jctl.dev/v1
      kind: Network
      metadata: {name: front}
      spec: {subnets: [10.90.0.0/24]}
      ---
      apiVersion: jctl.dev/v1
      kind: Network
      metadata: {name: back}
      spec: {subnets: [10.91.0.0/24]}
      ---
      apiVersion: jctl.dev/v1
      kind: Volume
      metadata: {name: data}
      ---
      """;
  private static final String ENV = "env: [{name: MODE, value: a}]";
  private static final String NETWORKS = "networks: [{name: front}]";
  private static final String PORTS = "ports: [{containerPort: 80, hostPort: 8080}]";
  private static final String RESOURCES = "resources: {limits: {memory: 64Mi}}";
  private static final String VOLUMES = "volumeMounts: [{name: data, mountPath: /data}]";

  @TempDir Path directory;
  private Engine engine;

  @BeforeEach
  void start() {
    engine = new Engine(directory);
    engine.apply(BASE + container("box", ENV, NETWORKS, PORTS, RESOURCES, VOLUMES));
    engine.awaitReady(ResourceKind.CONTAINER, "web");
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  private static String container(String image, String... fields) {
    return """
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: web}
    spec:
      image: %s
      command: [sh]
    """
            .formatted(image)
        + "  "
        + String.join("\n  ", fields)
        + "\n";
  }

  private PlannedObject plan(String yaml) {
    return plan(yaml, List.of()).getLast();
  }

  private List<PlannedObject> plan(String yaml, List<ObjectRef> pruned) {
    List<PlannedObject> plans = new ArrayList<>();
    engine.resources.applyAll(
        Engine.items(yaml),
        pruned,
        new Resources.ApplyOptions("test", true, true),
        (applied, leaving) -> {
          plans.addAll(SetPlan.of(applied, leaving, engine.resources::find));
          return Optional.empty();
        });
    return plans;
  }

  /** What became of the one container. */
  private Action executed(String yaml, List<ObjectRef> pruned, String lastChange) {
    String pod = engine.find(ResourceKind.POD, "web").orElseThrow().uid();
    String container = engine.running("web");
    int calls = engine.runtime.calls().size();
    engine.apply(yaml, pruned);
    engine.awaitStatus(
        ResourceKind.CONTAINER, "web", s -> s.path("lastChange").asText().equals(lastChange));
    engine.awaitReady(ResourceKind.CONTAINER, "web");
    List<String> since = engine.runtime.calls().subList(calls, engine.runtime.calls().size());
    boolean samePod = engine.find(ResourceKind.POD, "web").orElseThrow().uid().equals(pod);
    if (engine.running("web").equals(container)) {
      return Action.IN_PLACE;
    }
    return samePod && since.stream().noneMatch(c -> c.startsWith("createSandbox"))
        ? Action.RESTART
        : Action.RECREATE;
  }

  private void holds(Action action, String forcing, String yaml, String lastChange) {
    PlannedObject planned = plan(yaml);
    assertThat(planned.action()).as("%s", planned).isEqualTo(action);
    assertThat(planned.changes())
        .filteredOn(PlannedObject.Change::forces)
        .extracting(PlannedObject.Change::path)
        .isEqualTo(forcing.isEmpty() ? List.of() : List.of(forcing));
    assertThat(planned.unavailable().isEmpty()).isEqualTo(action == Action.IN_PLACE);
    assertThat(executed(yaml, List.of(), lastChange)).isEqualTo(action);
  }

  @Test
  void aChangedVariableRecreates() {
    String env = "env: [{name: MODE, value: b}]";
    holds(
        Action.RECREATE,
        "spec.env[0].value",
        container("box", env, NETWORKS, PORTS, RESOURCES, VOLUMES),
        "Recreated: env");
  }

  @Test
  void aChangedPortIsInPlace() {
    String ports = "ports: [{containerPort: 80, hostPort: 8081}]";
    holds(
        Action.IN_PLACE,
        "",
        container("box", ENV, NETWORKS, ports, RESOURCES, VOLUMES),
        "InPlace: ports");
  }

  @Test
  void aChangedMemoryLimitIsInPlace() {
    String resources = "resources: {limits: {memory: 128Mi}}";
    holds(
        Action.IN_PLACE,
        "",
        container("box", ENV, NETWORKS, PORTS, resources, VOLUMES),
        "InPlace: resources");
  }

  @Test
  void anotherNetworkIsInPlace() {
    String networks = "networks: [{name: back}]";
    holds(
        Action.IN_PLACE,
        "",
        container("box", ENV, networks, PORTS, RESOURCES, VOLUMES),
        "InPlace: hosts, networks, ports");
  }

  @Test
  void aRemovedVolumeRecreates() {
    holds(
        Action.RECREATE,
        "spec.volumeMounts",
        container("box", ENV, NETWORKS, PORTS, RESOURCES),
        "Recreated: volumeMounts");
  }

  @Test
  void aNetworkOfAnotherNameIsInPlaceAndTheFormerGoes() {
    String fresh =
        """
        apiVersion: jctl.dev/v1
        kind: Network
        metadata: {name: fresh}
        spec: {subnets: [10.92.0.0/24]}
        ---
        """;
    String networks = "networks: [{name: fresh}]";
    String yaml = fresh + container("box", ENV, networks, PORTS, RESOURCES, VOLUMES);
    replacing(
        yaml,
        ResourceKind.NETWORK,
        "front",
        Map.of("fresh", Action.CREATE, "web", Action.IN_PLACE, "front", Action.DELETE),
        "InPlace: hosts, networks, ports");
    engine.awaitReady(ResourceKind.NETWORK, "fresh");
  }

  @Test
  void aVolumeThatGoesRecreates() {
    replacing(
        container("box", ENV, NETWORKS, PORTS, RESOURCES),
        ResourceKind.VOLUME,
        "data",
        Map.of("web", Action.RECREATE, "data", Action.DELETE),
        "Recreated: volumeMounts");
  }

  private void replacing(
      String yaml, ResourceKind kind, String gone, Map<String, Action> actions, String lastChange) {
    List<ObjectRef> pruned = List.of(new ObjectRef(kind, "default", gone));
    Map<String, Action> planned = new HashMap<>();
    plan(yaml, pruned).forEach(p -> planned.put(p.ref().name(), p.action()));
    assertThat(planned).isEqualTo(actions);
    assertThat(executed(yaml, pruned, lastChange)).isEqualTo(actions.get("web"));
    engine.awaitGone(kind, gone);
  }

  @Test
  void anotherImageRestarts() {
    holds(
        Action.RESTART,
        "spec.image",
        container("other", ENV, NETWORKS, PORTS, RESOURCES, VOLUMES),
        "Recreated: image");
  }

  @Test
  void theSameIsNothing() {
    assertThat(plan(container("box", ENV, NETWORKS, PORTS, RESOURCES, VOLUMES)).action())
        .isEqualTo(Action.NONE);
  }

  private static final String ROLLED =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: settings}
      data: {mode: %s}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: rolled}
      spec:
        replicas: 0
        selector: {matchLabels: {app: rolled}}
        template:
          metadata: {labels: {app: rolled}, annotations: {jctl.dev/on-config-change: %s}}
          spec:
            containers: [{name: main, image: box, envFrom: [{configMapRef: {name: settings}}]}]
      """;

  @Test
  void aDeploymentRollsForItsTemplateAndForItsConfigurationWhereThatRestarts() {
    engine.apply(ROLLED.formatted("a", "Restart"));
    PlannedObject rolled = plan(ROLLED.formatted("b", "Restart"));
    assertThat(rolled.action()).isEqualTo(Action.ROLL);
    assertThat(rolled.because())
        .containsExactly(new ObjectRef(ResourceKind.CONFIG_MAP, "default", "settings"));
    assertThat(plan(ROLLED.formatted("a", "Keep")))
        .satisfies(
            keep -> {
              assertThat(keep.action()).isEqualTo(Action.ROLL);
              assertThat(keep.changes()).singleElement().matches(PlannedObject.Change::forces);
            });
    engine.apply(ROLLED.formatted("a", "Keep"));
    assertThat(plan(ROLLED.formatted("b", "Keep")).action()).isEqualTo(Action.NONE);
  }

  @Test
  void whoUsesAChangedImageIsRestartedForItAndWaitsForIt() {
    String image = BASE.replace("r.example/box:1", "r.example/box:2");
    PlannedObject web = plan(image + container("box", ENV, NETWORKS, PORTS, RESOURCES, VOLUMES));
    ObjectRef box = new ObjectRef(ResourceKind.IMAGE, "default", "box");
    assertThat(web.action()).isEqualTo(Action.RESTART);
    assertThat(web.because()).containsExactly(box);
    assertThat(web.waitsFor()).containsExactly(box);
  }
}
