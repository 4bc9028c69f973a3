package dev.jctl.controller.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.config.ConfigData;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.Observed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodPlannerTest {
  private static final String SIMPLE =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        restartPolicy: %s
        containers: [{name: main, image: box, command: [sh]%s}]
      """;

  private static PodLife simple(String policy, String more) {
    return new PodLife(Pods.desired(SIMPLE.formatted(policy, more)));
  }

  private static final String EMPTY_DIR =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        volumes: [{name: scratch, emptyDir: {sizeLimit: 1Mi}}]
        containers:
          - {name: main, image: box, volumeMounts: [{name: scratch, mountPath: /scratch}]}
      """;

  private static final String EPHEMERAL =
      "  ephemeralContainers: [{name: look, image: box, targetContainerName: m0}]\n";

  /** Any Pod that the manifest reader accepts, of the parts that the planner looks at. */
  private static String generated(Random random) {
    List<String> inits = new ArrayList<>();
    for (int i = 0; i < random.nextInt(3); i++) {
      String sidecar = random.nextBoolean() ? ", restartPolicy: Always" : "";
      inits.add("{name: i" + i + ", image: box" + random.nextInt(2) + sidecar + "}");
    }
    List<String> mains = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      String port =
          random.nextBoolean() ? ", ports: [{containerPort: 80, hostPort: " + (80 + i) + "}]" : "";
      String limits =
          random.nextBoolean()
              ? ", resources: {limits: {memory: " + (1 + random.nextInt(3)) + "Mi}}"
              : "";
      String mount = random.nextBoolean() ? ", volumeMounts: [{name: e, mountPath: /e}]" : "";
      mains.add("{name: m" + i + ", image: box" + random.nextInt(2) + port + limits + mount + "}");
    }
    String policy = List.of("Always", "OnFailure", "Never").get(random.nextInt(3));
    String hostname = random.nextInt(4) == 0 ? "  hostname: other\n" : "";
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
        + hostname
        + "  restartPolicy: "
        + policy
        + "\n"
        + "  volumes: [{name: e, emptyDir: {}}, {name: d, persistentVolumeClaim: {claimName: d}}]\n"
        + "  initContainers: "
        + inits
        + "\n"
        + "  containers: "
        + mains
        + "\n"
        + (random.nextInt(3) == 0 ? EPHEMERAL : "");
  }

  /** The machine refuses what is done before what it needs, so that order is tested as well. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void settlesAfterAnythingThatHappensAndLeavesNothingBehind(long seed) {
    Random random = new Random(seed);
    for (int life = 0; life < 20; life++) {
      PodLife pod = new PodLife(Pods.desired(generated(random)));
      for (int event = 0; event < 12; event++) {
        pod.settle();
        assertThat(pod.plan().actions()).as("seed %d", seed).isEmpty();
        happen(random, pod);
      }
      pod.deleting = true;
      pod.settle();
      assertThat(pod.released).as("seed %d", seed).isTrue();
      assertThat(pod.runtime.sandboxes()).isEmpty();
      assertThat(pod.containers()).isEmpty();
      assertThat(pod.runtime.ports().ports()).isEmpty();
      assertThat(pod.runtime.volumes()).noneMatch(v -> v.spec().id().startsWith("pod-"));
    }
  }

  @Test
  void putsAnEphemeralContainerAmongTheProcessesOfItsTargetOnceAndNeverAgain() {
    PodLife pod = new PodLife(Pods.desired(SIMPLE.formatted("Always", "")));
    pod.settle();
    String with =
        SIMPLE.formatted("Always", "")
            + "  ephemeralContainers: [{name: look, image: box, targetContainerName: main}]\n";
    pod.change(Pods.desired(with));
    List<PodAction.RunContainer> run = only(PodAction.RunContainer.class, pod.settle());
    assertThat(run).extracting(PodAction.RunContainer::name).containsExactly("look");
    String main = PodNames.containerId(Pods.UID, "main", 0);
    assertThat(run.getFirst().spec().processesOf()).isEqualTo(main);

    pod.runtime.end(PodNames.containerId(Pods.UID, "look", 0), 1, 0);
    assertThat(pod.settle()).isEmpty();
    pod.runtime.removeSandbox(Pods.UID);
    assertThat(only(PodAction.RunContainer.class, pod.settle()))
        .extracting(PodAction.RunContainer::name)
        .containsExactly("main");
  }

  @Test
  void aNewSandboxAndItsFirstContainerAreOneStepWhereNothingIsDoneInBetween() {
    DesiredPod pod = Pods.desired(SIMPLE.formatted("Always", ""));
    assertThat(new PodLife(pod).plan().steps())
        .singleElement()
        .isInstanceOfSatisfying(
            PodStep.RunFirst.class,
            both -> {
              assertThat(both.sandbox().spec().id()).isEqualTo(Pods.UID);
              assertThat(both.container().name()).isEqualTo("main");
            });
    PodAction.CreateSandbox create = new PodAction.CreateSandbox(pod.sandbox());
    PodAction.PublishPorts publish = new PodAction.PublishPorts(Pods.UID, List.of());
    PodPlan published = new PodPlan(List.of(create, publish), Map.of(), Optional.empty(), null);
    assertThat(published.steps()).containsExactly(create, publish);
  }

  @Test
  void sharesProcessesAndHasInitsWhereThatIsAskedFor() {
    String yaml = SIMPLE.formatted("Always", "");
    DesiredPod plain = Pods.desired(yaml);
    assertThat(plain.sandbox().sharedProcesses()).isFalse();
    assertThat(plain.containers().getFirst().template().init()).isFalse();

    PodLife pod = new PodLife(plain);
    pod.settle();
    pod.change(Pods.desired(yaml + "  shareProcessNamespace: true\n"));
    assertThat(pod.plan().change())
        .isEqualTo(new PodPlan.Change.Recreated(List.of("shareProcessNamespace")));
    assertThat(only(PodAction.CreateSandbox.class, pod.settle()))
        .hasSize(1)
        .allMatch(create -> create.spec().sharedProcesses());

    String named = "name: p, annotations: {jctl.dev/init: \"true\"}";
    pod.change(Pods.desired(yaml.replace("name: p", named) + "  shareProcessNamespace: true\n"));
    assertThat(pod.plan().change()).isEqualTo(new PodPlan.Change.Recreated(List.of("init")));
    assertThat(only(PodAction.RunContainer.class, pod.settle()))
        .hasSize(1)
        .allMatch(run -> run.spec().init());
  }

  @Test
  void anEvictedPodIsEndedSoonAndGivesItsDiskBackOnceThatIsTold() {
    PodLife pod = new PodLife(Pods.desired(EMPTY_DIR));
    pod.settle();
    String volume = PodNames.volumeId(Pods.UID, "scratch");
    String main = PodNames.containerId(Pods.UID, "main", 0);
    pod.eviction = Optional.of("too much");
    assertThat(pod.settle())
        .containsExactly(new PodAction.StopContainers(List.of(main), 1, "too much"));
    assertThat(pod.runtime.volumes()).extracting(v -> v.spec().id()).contains(volume);

    pod.terminal = true;
    assertThat(pod.settle()).containsExactly(new PodAction.Vacate(Pods.UID, List.of(volume)));
    assertThat(pod.runtime.volumes()).extracting(v -> v.spec().id()).doesNotContain(volume);
  }

  private static final String PAUSED = SIMPLE.replace("name: p}", "name: p, annotations: %s}");

  private static DesiredPod paused(String value, String more) {
    return Pods.desired(PAUSED.formatted("{jctl.dev/paused: \"" + value + "\"}", "Always", more));
  }

  @Test
  void pausesWhatRunsAndResumesItBeforeItIsToEnd() {
    String main = PodNames.containerId(Pods.UID, "main", 0);
    PodLife pod = new PodLife(paused("true", ""));
    assertThat(pod.settle())
        .as("it is started first")
        .last()
        .isEqualTo(new PodAction.PauseContainer(main, "main"));
    pod.change(paused("false", ""));
    assertThat(pod.plan().change()).isEqualTo(new PodPlan.Change.InPlace(List.of("paused")));
    assertThat(pod.settle()).containsExactly(new PodAction.ResumeContainer(main, "main"));

    pod.change(paused("true", ""));
    pod.settle();
    pod.change(paused("true", ", env: [{name: A, value: b}]"));
    assertThat(pod.plan().actions())
        .startsWith(new PodAction.ResumeContainer(main, "main"))
        .hasExactlyElementsOfTypes(PodAction.ResumeContainer.class, PodAction.StopContainers.class);
    pod.settle();
    pod.deleting = true;
    assertThat(pod.plan().actions())
        .hasExactlyElementsOfTypes(PodAction.ResumeContainer.class, PodAction.StopContainers.class);
  }

  @Test
  void anEphemeralContainerWaitsForItsTarget() {
    String with =
        SIMPLE.formatted("Always", "")
            + "  ephemeralContainers: [{name: look, image: box, targetContainerName: main}]\n";
    PodLife pod = simple("Always", "");
    pod.settle();
    pod.runtime.end(PodNames.containerId(Pods.UID, "main", 0), 1, 0);
    pod.settle();
    pod.runtime.end(PodNames.containerId(Pods.UID, "main", 1), 1, 0);
    pod.change(Pods.desired(with));
    assertThat(pod.plan().waiting())
        .hasEntrySatisfying("look", w -> assertThat(w.reason()).isEqualTo("AwaitingTarget"));
    pod.moveOn(Duration.ofMinutes(5));
    assertThat(only(PodAction.RunContainer.class, pod.settle()))
        .extracting(PodAction.RunContainer::name)
        .containsExactly("main", "look");
  }

  private static void happen(Random random, PodLife pod) {
    List<String> running = pod.running();
    switch (random.nextInt(6)) {
      case 0, 1 -> {
        if (!running.isEmpty()) {
          String id = running.get(random.nextInt(running.size()));
          pod.runtime.end(id, random.nextInt(2), 0);
        }
      }
      case 2 -> pod.moveOn(Duration.ofSeconds(random.nextInt(600)));
      case 3 -> pod.change(Pods.desired(generated(random)));
      case 4 -> {
        if (!running.isEmpty()) {
          pod.runtime.unmountVolumes(running.getFirst());
        }
      }
      default -> {
        if (pod.runtime.sandbox(Pods.UID).isPresent()) {
          pod.runtime.removeInterface(Pods.UID, "default.default");
        }
      }
    }
  }

  @Test
  void anEmptyDirThatWasUnmountedIsMountedAgainOnce() {
    PodLife pod =
        new PodLife(
            Pods.desired(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: p}
                spec:
                  containers: [{name: main, image: box}]
                  volumes: [{name: tmp, emptyDir: {medium: Memory}}]
                """));
    pod.settle();
    pod.lost.add(PodNames.volumeId(Pods.UID, "tmp"));
    assertThat(pod.settle()).singleElement().isInstanceOf(PodAction.RepairEmptyDir.class);
    assertThat(pod.running()).hasSize(1);
  }

  private static DesiredPod configured(String policy, String colour) {
    ObjectRef ref = new ObjectRef(ResourceKind.CONFIG_MAP, "default", "settings");
    String map = "{metadata:{uid:'u'},data:{colour:'%s'}}".formatted(colour);
    return Pods.desired(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, annotations: {jctl.dev/on-config-change: %s}}
        spec:
          containers:
          - {name: main, image: box, volumeMounts: [{name: etc, mountPath: /etc/app}]}
          - {name: other, image: box}
          volumes: [{name: etc, configMap: {name: settings}}]
        """
            .formatted(policy),
        new ConfigData(List.of(new StoredObject(ref, Json.object(map), 1))));
  }

  private static <T extends PodAction> List<T> only(Class<T> type, List<PodAction> actions) {
    return actions.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void aChangeOfConfigurationIsToldOnceToThoseWhoUseIt() {
    PodLife pod = new PodLife(configured("SIGHUP", "red"));
    assertThat(only(PodAction.TellConfig.class, pod.settle())).isEmpty();
    List<String> running = pod.running();
    for (String colour : List.of("blue", "green")) {
      pod.change(configured("SIGHUP", colour));
      List<PodAction> done = pod.settle();
      assertThat(only(PodAction.TellConfig.class, done))
          .extracting(PodAction.TellConfig::name)
          .containsExactly("main");
      assertThat(done.getFirst()).isInstanceOf(PodAction.WriteFiles.class);
    }
    assertThat(pod.running()).isEqualTo(running);
  }

  @Test
  void aChangeOfConfigurationRestartsThoseWhoUseItOrNobodyByThePolicy() {
    PodLife kept = new PodLife(configured("Keep", "red"));
    kept.settle();
    kept.change(configured("Keep", "blue"));
    assertThat(only(PodAction.StopContainers.class, kept.settle())).isEmpty();

    PodLife restarted = new PodLife(configured("Restart", "red"));
    restarted.settle();
    restarted.change(configured("Restart", "blue"));
    assertThat(only(PodAction.StopContainers.class, restarted.settle()))
        .extracting(PodAction.StopContainers::why)
        .containsExactly("configuration changed");
    assertThat(restarted.running()).hasSize(2);
    assertThat(restarted.plan().waiting()).isEmpty();
  }

  @Test
  void restartsAnExitedContainerByItsPolicy() {
    for (String policy : List.of("Always", "OnFailure", "Never")) {
      for (int code : List.of(0, 1)) {
        PodLife pod = simple(policy, "");
        pod.settle();
        pod.runtime.end(pod.running().getFirst(), code, 0);
        pod.settle();
        boolean runs = policy.equals("Always") || (policy.equals("OnFailure") && code == 1);
        assertThat(pod.running()).as("%s, exit code %d", policy, code).hasSize(runs ? 1 : 0);
      }
    }
  }

  @Test
  void backsOffLongerWithEveryCrashAndForgetsAfterTenMinutesOfRunning() {
    PodLife pod = simple("Always", "");
    pod.settle();
    for (int seconds : List.of(0, 10, 20, 40, 80, 160, 300, 300)) {
      pod.runtime.end(pod.running().getFirst(), 1, 0);
      if (seconds > 0) {
        pod.settle();
        assertThat(pod.plan().waiting().values())
            .extracting(Resolution.Waiting::reason)
            .containsExactly("CrashLoopBackOff");
        pod.moveOn(Duration.ofSeconds(seconds - 1));
        assertThat(pod.settle()).isEmpty();
        pod.moveOn(Duration.ofSeconds(1));
      }
      pod.settle();
      assertThat(pod.running()).hasSize(1);
    }
    pod.moveOn(Duration.ofMinutes(10));
    pod.runtime.end(pod.running().getFirst(), 1, 0);
    pod.settle();
    assertThat(pod.running()).hasSize(1);
  }

  @Test
  void makesTheNextAttemptBeforeItRemovesTheOneThatItKnowsTheExitFrom() {
    PodLife pod = simple("Always", "");
    pod.settle();
    pod.runtime.end(pod.running().getFirst(), 137, 9);
    List<PodAction> done = pod.settle();
    assertThat(done).hasSize(2);
    assertThat(done.get(0)).isInstanceOf(PodAction.RunContainer.class);
    assertThat(done.get(1)).isInstanceOf(PodAction.RemoveContainer.class);
    Attempt attempt = new Attempt(pod.containers().getFirst());
    assertThat(attempt.number()).isEqualTo(1);
    assertThat(attempt.label(PodNames.LAST_EXIT)).contains("\"signal\":9");
  }

  @Test
  void changesLimitsInPlaceAndSaysSo() {
    PodLife pod = simple("Always", ", resources: {limits: {memory: 1Mi}}");
    pod.settle();
    pod.change(Pods.desired(SIMPLE.formatted("Always", ", resources: {limits: {memory: 2Mi}}")));
    assertThat(pod.plan().change()).isEqualTo(new PodPlan.Change.InPlace(List.of("resources")));
    assertThat(pod.settle()).hasExactlyElementsOfTypes(PodAction.UpdateResources.class);
  }

  @Test
  void recreatesForAnythingElseAndNamesTheFields() {
    PodLife pod = simple("Never", "");
    pod.settle();
    pod.change(Pods.desired(SIMPLE.formatted("Never", ", env: [{name: A, value: b}], tty: true")));
    assertThat(pod.plan().change())
        .isEqualTo(new PodPlan.Change.Recreated(List.of("env", "stdin")));
    pod.settle();
    assertThat(pod.containers()).hasSize(1);
    assertThat(pod.containers().getFirst().state()).isInstanceOf(Observed.State.Running.class);
  }

  @Test
  void goesOnAfterARestartOfTheMachineWithANewAttempt() {
    PodLife pod = simple("Always", "");
    pod.settle();
    pod.runtime.reboot();
    pod.change(pod.desired);
    pod.settle();
    assertThat(pod.running()).hasSize(1);
    assertThat(pod.containers().getFirst().spec().attempt()).isEqualTo(1);
  }
}
