package dev.jctl.controller.reconcile;

import static dev.jctl.manifests.model.ResourceKind.CONTAINER;
import static dev.jctl.manifests.model.ResourceKind.EVENT;
import static dev.jctl.manifests.model.ResourceKind.IMAGE;
import static dev.jctl.manifests.model.ResourceKind.NAMESPACE;
import static dev.jctl.manifests.model.ResourceKind.NETWORK;
import static dev.jctl.manifests.model.ResourceKind.PERSISTENT_VOLUME_CLAIM;
import static dev.jctl.manifests.model.ResourceKind.POD;
import static dev.jctl.manifests.model.ResourceKind.SERVICE;
import static dev.jctl.manifests.model.ResourceKind.VOLUME;
import static dev.jctl.manifests.model.ResourceKind.VOLUME_SNAPSHOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.images.ImageException;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.ServiceSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcilersIT {
  private static final Path WEB = Path.of("../examples/web/web.yaml");
  private static final String IMAGE_YAML =
      """
      apiVersion: jctl.dev/v1
      kind: Image
      metadata: {name: box}
      spec: {files: [{path: /bin/sh, content: "x"}]}
      """;

  @TempDir Path directory;
  private Engine engine;

  @BeforeEach
  void start() {
    engine = new Engine(directory);
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  private static String container(String name, String more) {
    return """
    ---
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: %s}
    spec:
      image: box
      command: [sh]
    %s
    """
        .formatted(name, more.indent(2));
  }

  private void applyWeb() throws IOException {
    engine.apply(Files.readString(WEB));
    engine.awaitReady(CONTAINER, "web");
    engine.awaitReady(CONTAINER, "writer");
  }

  private void deleteWeb() {
    engine.delete(CONTAINER, "web");
    engine.delete(CONTAINER, "writer");
    engine.delete(NETWORK, "front");
    engine.delete(VOLUME, "data");
    engine.delete(IMAGE, "web");
  }

  @Test
  void runsTheWebExampleAndRemovesAllOfIt() throws IOException {
    applyWeb();
    JsonNode status = engine.status(CONTAINER, "web");
    assertThat(status.path("phase").asText()).isEqualTo("Running");
    assertThat(status.path("observedGeneration").asLong()).isEqualTo(1);
    assertThat(status.path("networks").path(0).path("ip").asText()).startsWith("10.90.0.");
    engine.awaitStatus(NETWORK, "front", s -> s.path("attached").size() == 2);
    engine.awaitStatus(VOLUME, "data", s -> s.path("usedBy").size() == 2);

    deleteWeb();
    for (var kind : List.of(CONTAINER, POD)) {
      engine.awaitGone(kind, "web");
      engine.awaitGone(kind, "writer");
    }
    engine.awaitGone(NETWORK, "front");
    engine.awaitGone(VOLUME, "data");
    engine.awaitGone(IMAGE, "web");
    engine.awaitThat(engine.runtime::isEmpty);
    engine.awaitThat(() -> engine.images.size() == 0);
    assertThat(engine.all(EVENT))
        .as("what was asked for is no warning")
        .noneMatch(event -> event.tree().path("reason").asText().equals("ContainerDied"));
  }

  @Test
  void changesNothingWhenTheSameIsAppliedAgainOrTheControllerIsStartedAgain() throws IOException {
    applyWeb();
    engine.awaitStatus(VOLUME, "data", s -> s.path("usedBy").size() == 2);
    List<String> calls = engine.runtime.calls();
    engine.apply(Files.readString(WEB));
    engine.restart();
    engine.apply(IMAGE_YAML + container("later", ""));
    engine.awaitReady(CONTAINER, "later");
    engine.awaitReady(CONTAINER, "web");
    String pod = engine.find(POD, "later").orElseThrow().uid();
    String prefix = pod.replace("-", "").substring(0, 12);
    assertThat(engine.runtime.calls().subList(calls.size(), engine.runtime.calls().size()))
        .allMatch(
            c ->
                c.contains(pod) || c.contains(prefix) || c.equals("ensureNetwork default.default"));
  }

  @Test
  void anImageOfWhichTheDiskHasChangedALayerIsBroughtAgain() {
    engine.images.damage("r.test/app:1");
    engine.apply(
        "{apiVersion: jctl.dev/v1, kind: Image, metadata: {name: app},"
            + " spec: {reference: 'r.test/app:1'}}");
    engine.awaitEvent("DigestMismatch", "the disk has changed it since it was written");
    engine.awaitReady(IMAGE, "app");
  }

  @Test
  void restartsAKilledProcessAtOnceAndThenBacksOff() {
    engine.apply(IMAGE_YAML + container("job", ""));
    engine.awaitReady(CONTAINER, "job");
    engine.runtime.end(engine.running("job"), 137, 9);
    engine.awaitStatus(CONTAINER, "job", s -> s.path("restartCount").asInt() == 1);
    engine.awaitReady(CONTAINER, "job");
    engine.awaitEvent("ContainerDied", "exit code 137, signal 9");
    JsonNode last = engine.status(POD, "job").path("containerStatuses").path(0).path("lastState");
    assertThat(last.path("terminated").path("signal").asInt()).isEqualTo(9);

    engine.runtime.end(engine.running("job"), 1, 0);
    engine.awaitStatus(CONTAINER, "job", s -> "CrashLoopBackOff".equals(s.path("phase").asText()));
    assertThat(Engine.ready(engine.status(CONTAINER, "job")).path("message").asText())
        .contains("back-off 10s")
        .contains("exit code 1");
    engine.clock.moveOn(Duration.ofSeconds(11));
    engine.awaitStatus(CONTAINER, "job", s -> s.path("restartCount").asInt() == 2);
    engine.awaitReady(CONTAINER, "job");
  }

  @Test
  void tellsHowAContainerEndedThatIsNotStartedAgain() {
    engine.apply(IMAGE_YAML + container("once", "restartPolicy: Never"));
    engine.awaitReady(CONTAINER, "once");
    engine.runtime.end(engine.running("once"), 137, 9);
    engine.awaitStatus(
        CONTAINER,
        "once",
        s ->
            "Failed".equals(s.path("phase").asText())
                && Engine.ready(s).path("reason").asText().equals("Error")
                && Engine.ready(s).path("message").asText().contains("exit code 137"));
  }

  @Test
  void appliesLimitsAndPortsInPlaceAndTheRestByRecreation() {
    engine.apply(IMAGE_YAML + container("app", "resources: {limits: {memory: 64Mi}}"));
    engine.awaitReady(CONTAINER, "app");
    String first = engine.running("app");

    engine.apply(container("app", "resources: {limits: {memory: 128Mi}}"));
    engine.awaitStatus(
        CONTAINER, "app", s -> s.path("lastChange").asText().equals("InPlace: resources"));
    engine.apply(
        container(
            "app",
            "resources: {limits: {memory: 128Mi}}\nports: [{containerPort: 80, hostPort: 8080}]"));
    engine.awaitStatus(
        CONTAINER, "app", s -> s.path("lastChange").asText().equals("InPlace: ports"));
    engine.awaitThat(() -> engine.runtime.ports().ports().size() == 1);
    assertThat(engine.running("app")).isEqualTo(first);

    engine.apply(container("app", "env: [{name: A, value: b}]"));
    engine.awaitStatus(
        CONTAINER,
        "app",
        s ->
            s.path("lastChange").asText().startsWith("Recreated: env")
                && s.path("observedGeneration").asLong() == 4
                && "True".equals(Engine.ready(s).path("status").asText()));
    assertThat(engine.running("app")).isNotEqualTo(first);
    engine.awaitThat(() -> engine.runtime.ports().ports().isEmpty());
  }

  @Test
  void recreatesContainersWhenTheirImageChanges() {
    engine.apply(IMAGE_YAML + container("app", ""));
    engine.awaitReady(CONTAINER, "app");
    String before = engine.status(CONTAINER, "app").path("imageID").asText();
    engine.apply(IMAGE_YAML.replace("\"x\"", "\"y\""));
    engine.awaitStatus(
        CONTAINER,
        "app",
        s ->
            !s.path("imageID").asText().equals(before)
                && "True".equals(Engine.ready(s).path("status").asText()));
    assertThat(engine.status(CONTAINER, "app").path("lastChange").asText())
        .isEqualTo("Recreated: image");
  }

  @Test
  void pullsWithSecretsAndTriesAgainWhenTheyCome() {
    String reference = "r.example/team/web:1";
    engine.images.guard(reference);
    engine.apply(container("app", "imagePullSecrets: [{name: regcred}]").replace("box", reference));
    engine.awaitStatus(
        CONTAINER,
        "app",
        s -> Engine.ready(s).path("message").asText().contains("Secret regcred does not exist"));
    engine.awaitEvent("Unauthorized", reference + ": Secret regcred does not exist");

    engine.apply(pullSecret("other.example"));
    engine.awaitEvent("Unauthorized", "Secret regcred has none for r.example");
    engine.apply(pullSecret("r.example"));
    engine.awaitReady(CONTAINER, "app");
    assertThat(engine.all(IMAGE)).singleElement().asString().doesNotContain("hunter2");
    engine.all(EVENT).forEach(e -> assertThat(e.tree().toString()).doesNotContain("hunter2"));
  }

  @Test
  void bringsAnImageInAnewWhenItIsAskedForAndKeepsTheOldOneUntilThen() {
    String image =
        """
        apiVersion: jctl.dev/v1
        kind: Image
        metadata: {name: web, annotations: {jctl.dev/pull: "%s"}}
        spec: {reference: "r.example/web:1"}
        """;
    engine.apply(image.formatted("first"));
    engine.awaitReady(IMAGE, "web");
    String id = engine.status(IMAGE, "web").path("imageID").asText();

    engine.images.fail("r.example/web:1", ImageException.Reason.UNREACHABLE);
    engine.apply(image.formatted("second"));
    engine.awaitStatus(
        IMAGE,
        "web",
        s ->
            s.path("phase").asText().equals("Failed")
                && s.path("observedPull").asText().equals("second"));
    assertThat(engine.status(IMAGE, "web").path("imageID").asText()).isEqualTo(id);
    engine.images.repair("r.example/web:1");
    engine.awaitReady(IMAGE, "web");
    engine.apply(
        "{apiVersion: jctl.dev/v1, kind: Image, metadata: {name: also}, spec: {imageID: '"
            + "sha256:"
            + "0".repeat(64)
            + "'}}");
    engine.awaitEvent("NotFound", "0000");
  }

  private static String pullSecret(String registry) {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: regcred}
    type: kubernetes.io/dockerconfigjson
    stringData:
      .dockerconfigjson: '{"auths": {"%s": {"username": "carol", "password": "hunter2"}}}'
    """
        .formatted(registry);
  }

  @Test
  void saysWhatAContainerWaitsForAndGoesOnWhenItComes() {
    engine.apply(container("app", "volumeMounts: [{name: data, mountPath: /data}]"));
    engine.awaitStatus(
        CONTAINER,
        "app",
        s -> Engine.ready(s).path("message").asText().contains("Image box does not exist"));
    engine.apply(IMAGE_YAML);
    engine.awaitStatus(
        CONTAINER,
        "app",
        s -> Engine.ready(s).path("message").asText().contains("Volume data does not exist"));
    engine.apply("{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: data}}");
    engine.awaitReady(CONTAINER, "app");
  }

  @Test
  void aClaimHasAVolumeMadeThatGrowsWithItAndGoesWithIt() {
    String claim =
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data}
        spec: {accessModes: [ReadWriteOnce], storageClassName: tmpfs, resources: {requests: {storage: %s}}}
        """;
    engine.apply(IMAGE_YAML);
    engine.apply(container("app", "volumeMounts: [{name: data, mountPath: /data}]"));
    engine.apply(claim.formatted("1Mi"));
    awaitClaim("data", "Bound");
    engine.awaitReady(CONTAINER, "app");
    JsonNode bound = engine.find(PERSISTENT_VOLUME_CLAIM, "data").orElseThrow().tree();
    assertThat(bound.at("/status/accessModes/0").asText()).isEqualTo("ReadWriteOnce");
    assertThat(bound.at("/spec/volumeName").asText()).isEqualTo("data");

    engine.apply(claim.formatted("2Mi"));
    engine.awaitStatus(
        PERSISTENT_VOLUME_CLAIM, "data", s -> s.at("/capacity/storage").asText().equals("2Mi"));

    engine.runtime.refuse("ensureVolume default.data 4194304", Reason.INVALID, "no room");
    engine.apply(claim.formatted("4Mi"));
    engine.awaitEvent("VolumeResizeFailed", "Volume data did not grow: no room");
    JsonNode refused = engine.status(PERSISTENT_VOLUME_CLAIM, "data");
    assertThat(refused.path("phase").asText()).isEqualTo("Bound");
    assertThat(refused.at("/capacity/storage").asText()).as("what it has").isEqualTo("2Mi");
    engine.runtime.refuseNothing();
    engine.awaitStatus(
        PERSISTENT_VOLUME_CLAIM, "data", s -> s.at("/capacity/storage").asText().equals("4Mi"));

    engine.delete(PERSISTENT_VOLUME_CLAIM, "data");
    engine.awaitStatus(
        PERSISTENT_VOLUME_CLAIM,
        "data",
        s ->
            Engine.ready(s)
                .path("message")
                .asText()
                .equals("Deletion waits for these Pods to go: app"));
    assertThat(engine.status(PERSISTENT_VOLUME_CLAIM, "data").path("phase").asText())
        .isEqualTo("Bound");
    engine.apply(container("late", "volumeMounts: [{name: data, mountPath: /data}]"));
    engine.awaitStatus(
        CONTAINER,
        "late",
        s ->
            Engine.ready(s)
                .path("message")
                .asText()
                .equals("PersistentVolumeClaim data is being deleted"));
    assertThat(engine.status(VOLUME, "data").path("phase").asText()).isEqualTo("Ready");
    engine.delete(CONTAINER, "app");
    engine.awaitGone(PERSISTENT_VOLUME_CLAIM, "data");
    engine.awaitGone(VOLUME, "data");
  }

  @Test
  void aVolumeThatGoesAfterItsClaimIsNotGivenToALatePod() {
    String volume =
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: data%s}, spec: {driver: tmpfs}}";
    // the second owner, of a kind that is not served, keeps it for as long as the test looks
    engine.apply(
        volume.formatted(
            ", ownerReferences: [{apiVersion: v1, kind: PersistentVolumeClaim, name: data, uid: a},"
                + " {apiVersion: example.com/v1, kind: Keeper, name: k, uid: b}]"));
    engine.awaitReady(VOLUME, "data");
    engine.apply(IMAGE_YAML);
    engine.apply(podWith("late", "persistentVolumeClaim: {claimName: data}"));
    engine.awaitStatus(
        POD,
        "late",
        s ->
            s.toString()
                .contains(
                    "Waits for Volume data to go, as the PersistentVolumeClaim data that it was made"
                        + " for did"));
    assertThat(engine.runtime.containers()).isEmpty();

    engine.apply(volume.formatted(", ownerReferences: []"));
    engine.awaitThat(() -> engine.runtime.containers().size() == 1);
  }

  @Test
  void whatAVolumeLeftIsNotTakenForThatOfAnotherDriver() {
    String volume =
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: kept}, spec: {driver: %s}}";
    engine.apply(volume.formatted("local"));
    engine.awaitReady(VOLUME, "kept");
    engine.delete(VOLUME, "kept");
    engine.awaitGone(VOLUME, "kept");

    engine.apply(volume.formatted("tmpfs"));
    refusesWhatWasKept("RetainedElsewhere", "which driver local keeps");
    assertThat(engine.runtime.volumes()).as("it is still there").hasSize(1);
    engine.apply(volume.formatted("local"));
    engine.awaitReady(VOLUME, "kept");
  }

  @Test
  void whatAVolumeLeftPassesForNoOtherSource() {
    String volume =
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: kept}, spec: {source: {archive:"
            + " /srv/%s.tar}}}";
    for (String again : List.of("monday", "monday")) {
      engine.apply(volume.formatted(again));
      engine.awaitReady(VOLUME, "kept");
      engine.delete(VOLUME, "kept");
      engine.awaitGone(VOLUME, "kept");
    }
    engine.apply(volume.formatted("tuesday"));
    refusesWhatWasKept(
        "RetainedContent",
        "which began as a copy of archive /srv/monday.tar, so it is not filled from archive"
            + " /srv/tuesday.tar");
    engine.apply("{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: kept}}");
    engine.awaitReady(VOLUME, "kept");
    assertThat(engine.runtime.calls().stream().filter(c -> c.startsWith("populateVolume")))
        .hasSize(1);
  }

  private void refusesWhatWasKept(String reason, String message) {
    engine.awaitStatus(
        VOLUME,
        "kept",
        s ->
            Engine.ready(s).path("reason").asText().equals(reason)
                && Engine.ready(s).path("message").asText().contains(message));
    engine.delete(VOLUME, "kept");
    engine.awaitGone(VOLUME, "kept");
  }

  @Test
  void aClaimBeginsWithWhatEitherFieldOfKubernetesNames() {
    String claim =
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: %s}, spec: {accessModes:"
            + " [ReadWriteOnce]%s}}";
    engine.apply(claim.formatted("data", ""));
    awaitClaim("data", "Bound");
    for (String field : List.of("dataSource", "dataSourceRef")) {
      String name = field.toLowerCase(Locale.ROOT);
      engine.apply(
          claim.formatted(name, ", " + field + ": {kind: PersistentVolumeClaim, name: data}"));
      awaitClaim(name, "Bound");
      assertThat(engine.find(VOLUME, name).orElseThrow().tree().at("/spec/source/volume").asText())
          .isEqualTo("data");
    }
  }

  private void awaitClaim(String name, String phase) {
    engine.awaitStatus(PERSISTENT_VOLUME_CLAIM, name, s -> s.path("phase").asText().equals(phase));
  }

  private static String claimOn(String name, String volume) {
    return "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: %s}, spec: {accessModes: [ReadWriteOnce], storageClassName: manual, volumeName: %s, resources: {requests: {storage: 2Mi}}}}"
        .formatted(name, volume);
  }

  @Test
  void aClaimIsBoundToTheVolumeThatItNamesIfThatFitsAndIsNobodys() {
    engine.apply(IMAGE_YAML);
    engine.apply(podWith("reader", "persistentVolumeClaim: {claimName: mine}"));
    engine.apply(claimOn("mine", "data"));
    awaitClaim("mine", "VolumeMissing", "Volume data does not exist");
    String volume =
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: data}, spec: {driver: tmpfs, capacity: %s}}";
    engine.apply(volume.formatted("1Mi"));
    awaitClaim("mine", "VolumeTooSmall", "Volume data has 1Mi, and 2Mi are requested");
    assertThat(engine.runtime.containers()).isEmpty();
    engine.apply(volume.formatted("4Mi"));
    awaitClaim("mine", "Bound");
    assertThat(engine.status(PERSISTENT_VOLUME_CLAIM, "mine").at("/capacity/storage").asText())
        .isEqualTo("4Mi");
    engine.awaitThat(() -> engine.runtime.containers().size() == 1);
    assertThat(mountOf("reader").source())
        .isEqualTo(new ContainerSpec.Source.Volume("default.data"));
    assertThat(engine.find(VOLUME, "mine")).isEmpty();

    engine.apply(claimOn("late", "data"));
    awaitClaim("late", "VolumeTaken", "PersistentVolumeClaim mine");
    engine.delete(PERSISTENT_VOLUME_CLAIM, "mine");
    engine.delete(POD, "reader");
    awaitClaim("late", "Bound");
    assertThat(engine.find(VOLUME, "data")).as("it was there before").isPresent();
  }

  private void awaitClaim(String name, String reason, String message) {
    awaitReason(PERSISTENT_VOLUME_CLAIM, name, reason, message);
  }

  private void awaitReason(ResourceKind kind, String name, String reason, String message) {
    engine.awaitStatus(
        kind,
        name,
        s ->
            reason.equals(Engine.ready(s).path("reason").asText())
                && Engine.ready(s).path("message").asText().contains(message));
  }

  @Test
  void anEphemeralVolumeIsAClaimThatComesAndGoesWithItsPod() {
    String pod =
        podWith(
            "job",
            "ephemeral: {volumeClaimTemplate: {metadata: {labels: {kind: scratch}}, spec:"
                + " {accessModes: [ReadWriteOnce], storageClassName: tmpfs, resources: {requests:"
                + " {storage: 1Mi}}}}}");
    engine.apply(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: job-v}, spec:"
            + " {accessModes: [ReadWriteOnce]}}");
    engine.apply(IMAGE_YAML);
    engine.apply(pod);
    engine.awaitStatus(
        POD, "job", s -> s.toString().contains("job-v was not made for this Pod, whose volume v"));
    engine.delete(PERSISTENT_VOLUME_CLAIM, "job-v");
    engine.awaitThat(() -> engine.runtime.containers().size() == 1);
    awaitClaim("job-v", "Bound");
    JsonNode claim = engine.find(PERSISTENT_VOLUME_CLAIM, "job-v").orElseThrow().tree();
    assertThat(claim.at("/metadata/labels/kind").asText()).isEqualTo("scratch");
    assertThat(mountOf("job").source()).isEqualTo(new ContainerSpec.Source.Volume("default.job-v"));
    engine.delete(POD, "job");
    engine.awaitGone(PERSISTENT_VOLUME_CLAIM, "job-v");
    engine.awaitGone(VOLUME, "job-v");
  }

  @Test
  void aClaimThatCannotBeMetSaysWhyAndOneWhoseVolumeIsGoneIsLost() {
    engine.apply(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: odd}, spec:"
            + " {accessModes: [ReadWriteOnce], storageClassName: gold}}");
    engine.awaitStatus(
        PERSISTENT_VOLUME_CLAIM,
        "odd",
        s -> Engine.ready(s).path("message").asText().contains("gold is none of local"));
    engine.apply("{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: mine}}");
    engine.apply(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: mine}, spec:"
            + " {accessModes: [ReadWriteOnce]}}");
    awaitClaim("mine", "Bound");
    engine.delete(VOLUME, "mine");
    awaitClaim("mine", "Lost");
    engine.delete(PERSISTENT_VOLUME_CLAIM, "mine");
    engine.delete(PERSISTENT_VOLUME_CLAIM, "odd");
  }

  private static String podWith(String name, String volume) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s}
    spec:
      containers: [{name: main, image: box, command: [sh], volumeMounts: [{name: v, mountPath: /v}]}]
      volumes: [{name: v, %s}]
    """
        .formatted(name, volume);
  }

  private ContainerSpec.VolumeMount mountOf(String pod) {
    String uid = engine.find(POD, pod).orElseThrow().uid();
    return engine.runtime.containers().stream()
        .filter(c -> c.spec().sandboxId().equals(uid))
        .findFirst()
        .orElseThrow()
        .spec()
        .volumes()
        .getFirst();
  }

  @Test
  void accessModesAreKept() {
    String one = "persistentVolumeClaim: {claimName: one}";
    String volume =
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: %s}, spec: {accessModes: [%s]}}";
    engine.apply(IMAGE_YAML);
    engine.apply(volume.formatted("one", "ReadWriteOncePod"));
    engine.apply(podWith("first", one));
    engine.awaitReady(POD, "first");
    engine.apply(podWith("second", one));
    engine.awaitStatus(
        POD,
        "second",
        s ->
            s.toString()
                .contains(
                    "Volume one has access mode ReadWriteOncePod, and Pod first has it; delete"
                        + " that"));
    engine.delete(POD, "first");
    engine.awaitReady(POD, "second");

    engine.apply(volume.formatted("many", "ReadOnlyMany"));
    engine.apply(podWith("reader", "persistentVolumeClaim: {claimName: many}"));
    engine.awaitReady(POD, "reader");
    assertThat(mountOf("reader").readOnly()).isTrue();
    assertThat(mountOf("second").readOnly()).isFalse();

    engine.apply(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: many}, spec:"
            + " {accessModes: [ReadWriteOnce]}}");
    engine.awaitStatus(
        PERSISTENT_VOLUME_CLAIM,
        "many",
        s ->
            Engine.ready(s)
                .path("message")
                .asText()
                .contains("Volume many has access modes ReadOnlyMany, and not ReadWriteOnce"));
    for (String pod : List.of("second", "reader")) {
      engine.delete(POD, pod);
    }
    engine.delete(PERSISTENT_VOLUME_CLAIM, "many");
  }

  @Test
  void aPodWithMoreInItsEmptyDirThanItMayHaveIsEvicted() {
    engine.apply(IMAGE_YAML);
    engine.runtime.fillVolumes(2000, Observed.VolumeUsage.Limit.MEASURED);
    engine.apply(podWith("full", "emptyDir: {sizeLimit: 1k}"));
    engine.awaitStatus(POD, "full", s -> "Failed".equals(s.path("phase").asText()));
    JsonNode status = engine.status(POD, "full");
    assertThat(status.path("reason").asText()).isEqualTo("Evicted");
    String message = "Usage of EmptyDir volume \"v\" exceeds the limit \"1k\".";
    assertThat(status.path("message").asText()).isEqualTo(message);
    engine.awaitEvent("Evicted", message);
    engine.awaitThat(
        () -> engine.runtime.sandboxes().isEmpty() && engine.runtime.volumes().isEmpty());
    engine.apply(podWith("plain", "emptyDir: {}"));
    engine.awaitReady(POD, "plain");
    assertThat(engine.status(POD, "full").path("reason").asText()).isEqualTo("Evicted");
    engine.delete(POD, "full");
    engine.awaitGone(POD, "full");
  }

  @Test
  void whatIsOnAServerTakesTheUsersOfTheMachine() {
    engine.apply(IMAGE_YAML);
    engine.apply(
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: far}, spec: {driver: nfs, nfs:"
            + " {server: 192.0.2.1, path: /x}}}");
    String far = "persistentVolumeClaim: {claimName: far}";
    engine.apply(podWith("unsaid", far));
    engine.awaitReady(POD, "unsaid");
    assertThat(engine.runtime.sandboxes())
        .extracting(s -> s.spec().users())
        .containsExactly(SandboxSpec.Users.HOST);
    for (String source : List.of(far, "nfs: {server: 192.0.2.1, path: /x}")) {
      engine.apply(podWith("own", source).replace("spec:", "spec:\n  hostUsers: false"));
      engine.awaitStatus(
          POD,
          "own",
          s ->
              Engine.ready(s).path("reason").asText().equals("UnsupportedVolume")
                  && s.toString().contains("Volume v is of nfs")
                  && s.toString().contains("leave hostUsers out"));
      engine.delete(POD, "own");
      engine.awaitGone(POD, "own");
    }
  }

  @Test
  void whatIsRetainedIsThereForALaterVolumeAndWhatAServerHasIsUnmounted() {
    String kept = "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: kept}}";
    String far =
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: far}, spec: {driver: nfs, nfs:"
            + " {server: 192.0.2.1, path: /x}}}";
    for (String volume : List.of(kept, far)) {
      engine.apply(volume);
    }
    engine.awaitReady(VOLUME, "kept");
    engine.awaitReady(VOLUME, "far");
    engine.delete(VOLUME, "kept");
    engine.delete(VOLUME, "far");
    engine.awaitGone(VOLUME, "kept");
    engine.awaitGone(VOLUME, "far");
    assertThat(engine.runtime.volumes())
        .extracting(v -> v.spec().id())
        .containsExactly("default.kept");

    engine.apply(kept.replace("}}", "}, spec: {reclaimPolicy: Delete}}"));
    engine.awaitReady(VOLUME, "kept");
    engine.delete(VOLUME, "kept");
    engine.awaitGone(VOLUME, "kept");
    assertThat(engine.runtime.volumes()).isEmpty();
  }

  @Test
  void aPodWaitsWhileItsPathIsNotAllowedOnTheMachine() throws IOException {
    Path allowed = Files.writeString(directory.resolve("host-paths"), "/srv\n");
    engine.apply(IMAGE_YAML);
    engine.apply(podWith("outside", "hostPath: {path: /etc}"));
    engine.apply(podWith("beneath", "hostPath: {path: /srv/site}"));
    engine.awaitStatus(
        POD,
        "outside",
        s ->
            Engine.ready(s).path("reason").asText().equals("HostPathNotAllowed")
                && s.toString().contains("allowed is what is below /srv"));
    engine.awaitReady(POD, "beneath");
    assertThat(mountOf("beneath"))
        .extracting(ContainerSpec.VolumeMount::source, ContainerSpec.VolumeMount::subPath)
        .containsExactly(new ContainerSpec.Source.HostPath("/srv"), "site");
    Files.delete(allowed);
    engine.delete(POD, "outside");
    engine.delete(POD, "beneath");
  }

  @Test
  void anImageIsMountedByPodsAndAsAVolume() {
    engine.apply(podWith("shows", "image: {reference: box}"));
    engine.awaitStatus(
        POD, "shows", s -> s.toString().contains("Image box does not exist in namespace default"));
    engine.apply(IMAGE_YAML);
    engine.awaitReady(POD, "shows");
    ContainerSpec.VolumeMount mount = mountOf("shows");
    assertThat(mount.source()).isInstanceOf(ContainerSpec.Source.Image.class);
    assertThat(mount.readOnly()).isTrue();
    engine.apply(
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: tree}, spec: {driver: image,"
            + " image: box}}");
    awaitVolume("tree", "What image box has, for reading only");
    engine.apply(podWith("mounts", "persistentVolumeClaim: {claimName: tree}"));
    engine.awaitReady(POD, "mounts");
    assertThat(mountOf("mounts").source()).isEqualTo(mount.source());
    for (String pod : List.of("shows", "mounts")) {
      engine.delete(POD, pod);
      engine.awaitGone(POD, pod);
    }
    engine.delete(VOLUME, "tree");
    engine.awaitGone(VOLUME, "tree");
  }

  @Test
  void waitsForConfigurationAndGivesItToFilesAndTheNextStart() {
    engine.apply(IMAGE_YAML);
    engine.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: app, labels: {tier: web}}
        spec:
          containers:
          - name: main
            image: box
            command: [sh]
            envFrom: [{configMapRef: {name: settings}, prefix: APP_}]
            env:
            - {name: KEY, valueFrom: {secretKeyRef: {name: login, key: key}}}
            - {name: NONE, valueFrom: {secretKeyRef: {name: absent, key: key, optional: true}}}
            - {name: MIB, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
            resources: {limits: {memory: 64Mi}}
            volumeMounts: [{name: all, mountPath: /etc/all}]
          volumes:
          - name: all
            projected:
              sources:
              - configMap: {name: settings, items: [{key: colour, path: conf/colour}]}
              - secret: {name: login, items: [{key: key, path: key, mode: 256}]}
              - downwardAPI:
                  items:
                  - {path: labels, fieldRef: {fieldPath: metadata.labels}}
                  - {path: mib, resourceFieldRef: {containerName: main, resource: limits.memory, divisor: 1Mi}}
        """);
    awaitMessage("ConfigMap settings does not exist in namespace default");
    engine.apply(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {colour: red}}");
    awaitMessage("Secret login does not exist in namespace default");
    engine.apply("{apiVersion: v1, kind: Secret, metadata: {name: login}, stringData: {other: x}}");
    awaitMessage("Secret login has no key key");
    engine.apply("{apiVersion: v1, kind: Secret, metadata: {name: login}, stringData: {key: abc}}");
    engine.awaitReady(POD, "app");
    Observed.Container first = engine.runtime.containers().getFirst();
    assertThat(first.spec().oci().process().env())
        .contains("APP_colour=red", "KEY=abc", "MIB=64")
        .noneMatch(e -> e.startsWith("NONE="));
    String volume = "pod-" + engine.find(POD, "app").orElseThrow().uid() + ".all";
    assertThat(contents(volume))
        .containsExactlyInAnyOrder(
            "conf/colour 644 red", "key 400 abc", "labels 644 tier=\"web\"", "mib 644 64");

    engine.apply(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {colour: blue}}");
    engine.awaitThat(() -> contents(volume).contains("conf/colour 644 blue"));
    assertThat(engine.runtime.containers())
        .extracting(c -> c.spec().id())
        .containsExactly(first.spec().id());
    engine.runtime.end(first.spec().id(), 137, 9);
    engine.awaitThat(
        () ->
            engine.runtime.containers().stream()
                .anyMatch(c -> c.spec().oci().process().env().contains("APP_colour=blue")));
    engine.delete(POD, "app");
    engine.awaitGone(POD, "app");
    assertThat(engine.runtime.volumes()).isEmpty();
  }

  /** Its labels are in another file, which tells when it was looked at. */
  private static String podWithToken(String label) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: app, labels: {look: %s}}
    spec:
      serviceAccountName: bot
      securityContext: {fsGroup: 7}
      containers: [{name: main, image: box, command: [sh]}]
      volumes:
      - name: all
        projected:
          sources:
          - serviceAccountToken: {path: api/token, audience: vault, expirationSeconds: 1000}
          - downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}
    """
        .formatted(label);
  }

  @Test
  void aPodHasATokenOfItsAccountAndAnotherWhenItIsTime() {
    engine.apply(IMAGE_YAML);
    engine.apply(podWithToken("first"));
    awaitMessage("ServiceAccount bot, of which a volume has a token, does not exist");
    engine.apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: bot}}");
    engine.awaitReady(POD, "app");
    String uid = engine.find(POD, "app").orElseThrow().uid();
    String first = tokenOf(uid, "first");
    JsonNode claims = claims(first);
    assertThat(claims.path("aud")).extracting(JsonNode::asText).containsExactly("vault");
    assertThat(claims.at("/kubernetes.io/serviceaccount/name").asText()).isEqualTo("bot");
    assertThat(claims.at("/kubernetes.io/pod/uid").asText()).isEqualTo(uid);
    assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(1000);

    engine.clock.moveOn(Duration.ofSeconds(700));
    engine.apply(podWithToken("second"));
    assertThat(tokenOf(uid, "second")).as("before four fifths of its life").isEqualTo(first);
    engine.clock.moveOn(Duration.ofSeconds(101));
    engine.apply(podWithToken("third"));
    assertThat(tokenOf(uid, "third")).isNotEqualTo(first);
    assertThat(engine.all(POD).toString() + engine.all(EVENT)).doesNotContain(first);
  }

  /** Once its labels have been written, too. */
  private String tokenOf(String uid, String label) {
    String volume = "pod-" + uid + ".all";
    engine.awaitThat(() -> contents(volume).contains("labels 644 look=\"" + label + "\""));
    return contents(volume).stream()
        .filter(file -> file.startsWith("api/token 600 "))
        .map(file -> file.substring(file.lastIndexOf(' ') + 1))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode claims(String token) {
    try {
      return ResourceCodec.MAPPER.readTree(
          Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aVolumeWaitsForItsSnapshotAndTellsWhenItIsFull() {
    engine.apply(
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: copy}, spec: {source: {snapshot:"
            + " s}}}");
    awaitVolume("copy", "VolumeSnapshot s does not exist in namespace default");
    engine.apply(
        "{apiVersion: jctl.dev/v1, kind: VolumeSnapshot, metadata: {name: s}, spec: {volume:"
            + " data}}");
    awaitVolume("copy", "Waits for VolumeSnapshot s: Waits for Volume data");
    engine.runtime.fillVolumes(900, Observed.VolumeUsage.Limit.MEASURED);
    engine.apply(
        "{apiVersion: jctl.dev/v1, kind: Volume, metadata: {name: data}, spec: {capacity: 1k}}");
    engine.awaitReady(VOLUME_SNAPSHOT, "s");
    engine.awaitReady(VOLUME, "copy");
    assertThat(engine.runtime.calls())
        .contains("populateVolume default.copy Snapshot[snapshotId=default.s]");
    awaitVolume("data", "NearlyFull");
    engine.runtime.fillVolumes(1000, Observed.VolumeUsage.Limit.MEASURED);
    awaitVolume("data", "\"reason\":\"Full\"");

    engine.delete(VOLUME_SNAPSHOT, "s");
    engine.awaitGone(VOLUME_SNAPSHOT, "s");
    assertThat(engine.runtime.snapshots()).as("retained").hasSize(1);
  }

  private void awaitVolume(String name, String message) {
    engine.awaitStatus(VOLUME, name, s -> s.toString().contains(message));
  }

  private void awaitMessage(String message) {
    engine.awaitStatus(POD, "app", s -> s.toString().contains(message));
  }

  private List<String> contents(String volume) {
    return engine.runtime.written(volume).stream()
        .map(
            f ->
                f.path()
                    + " "
                    + Integer.toOctalString(f.mode())
                    + " "
                    + new String(Base64.getDecoder().decode(f.base64()), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void makesAnOwnedImageOfAReferenceAndSaysWhyItCannotBePulled() {
    engine.images.fail("localhost:5000/app:1", ImageException.Reason.UNREACHABLE);
    engine.apply(container("app", "").replace("image: box", "image: localhost:5000/app:1"));
    engine.awaitStatus(
        CONTAINER,
        "app",
        s ->
            "AwaitingImage".equals(s.path("phase").asText())
                && Engine.ready(s).path("message").asText().contains("UNREACHABLE"));
    engine.images.repair("localhost:5000/app:1");
    engine.awaitReady(CONTAINER, "app");
    engine.delete(CONTAINER, "app");
    engine.awaitThat(() -> engine.all(IMAGE).isEmpty());
  }

  @Test
  void aContainerThatWaitsForItsImageHoldsUpNoOther() {
    engine.apply(IMAGE_YAML);
    engine.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: app}
        spec:
          restartPolicy: Never
          containers:
          - {name: late, image: other}
          - {name: first, image: box}
        """);
    engine.awaitStatus(
        POD,
        "app",
        s ->
            s.at("/containerStatuses/1/state").has("running")
                && s.at("/containerStatuses/0/state/waiting/reason")
                    .asText()
                    .equals("AwaitingImage"));
    engine.runtime.end(engine.runtime.containers().getFirst().spec().id(), 0, 0);
    engine.awaitStatus(POD, "app", s -> s.at("/containerStatuses/1/state").has("terminated"));
    assertThat(engine.status(POD, "app").path("phase").asText()).isEqualTo("Pending");

    engine.apply(IMAGE_YAML.replace("box", "other"));
    engine.awaitStatus(POD, "app", s -> s.at("/containerStatuses/0/state").has("running"));
    assertThat(engine.runtime.containers()).as("once each").hasSize(2);
  }

  @Test
  void doesNotRunAsRootWhatMustNot() {
    engine.apply(IMAGE_YAML + container("app", "securityContext: {runAsNonRoot: true}"));
    engine.awaitStatus(
        CONTAINER, "app", s -> "CreateContainerConfigError".equals(s.path("phase").asText()));
    engine.apply(container("app", "securityContext: {runAsNonRoot: true, runAsUser: 7}"));
    engine.awaitReady(CONTAINER, "app");
  }

  @Test
  void theRuntimeIsToldWhichAppArmorProfileIsAskedFor() {
    engine.apply(IMAGE_YAML);
    Map<String, String> profiles =
        Map.of(
            "securityContext: {appArmorProfile: {type: RuntimeDefault}}", "runtime/default",
            "securityContext: {appArmorProfile: {type: Unconfined}}", "unconfined",
            "securityContext: {appArmorProfile: {type: Localhost, localhostProfile: own}}", "own",
            "securityContext: {privileged: true, seLinuxOptions: {level: s0}}", "unconfined");
    profiles.forEach(
        (asked, told) -> {
          engine.apply(container("app", asked));
          engine.awaitThat(
              () ->
                  engine.runtime.containers().stream()
                      .map(c -> c.spec().oci().process().apparmorProfile())
                      .toList()
                      .equals(List.of(told)));
        });
  }

  @Test
  void reportsACommandThatIsNotInTheImage() {
    engine.runtime.forgetCommand("sh");
    engine.apply(IMAGE_YAML + container("app", ""));
    engine.awaitStatus(CONTAINER, "app", s -> "RunContainerError".equals(s.path("phase").asText()));
    assertThat(Engine.ready(engine.status(CONTAINER, "app")).path("message").asText())
        .contains("sh is not in the image");
  }

  @Test
  void namesTheHolderOfAPortThatIsTaken() {
    String port = "ports: [{containerPort: 80, hostPort: 8080}]";
    engine.apply(IMAGE_YAML + container("one", port));
    engine.awaitReady(CONTAINER, "one");
    engine.apply(container("two", port));
    engine.awaitStatus(
        CONTAINER,
        "two",
        s ->
            "PortTaken".equals(s.path("phase").asText())
                && Engine.ready(s).path("message").asText().contains("pod/default/one"));
    engine.delete(CONTAINER, "one");
    engine.awaitReady(CONTAINER, "two");
  }

  @Test
  void aNodePortThatAContainerHasPublishedIsOpenOnceItIsFree() {
    engine.apply(IMAGE_YAML + container("one", "ports: [{containerPort: 80, hostPort: 30080}]"));
    engine.awaitReady(CONTAINER, "one");
    engine.apply(
        "{apiVersion: v1, kind: Service, metadata: {name: late}, spec: {type: NodePort,"
            + " ports: [{port: 80, nodePort: 30080}]}}");
    engine.awaitStatus(
        SERVICE,
        "late",
        s ->
            "NodePortTaken".equals(Engine.ready(s).path("reason").asText())
                && Engine.ready(s).path("message").asText().contains("pod/default/one has it"));
    assertThat(engine.runtime.services()).hasSize(1);
    engine.delete(CONTAINER, "one");
    engine.awaitReady(SERVICE, "late");
  }

  @Test
  void aNodePortOnWhichAProcessListensIsToldOfAndOpenOnceItIsFree() {
    engine.runtime.processesListenOn(30081);
    engine.apply(
        "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort,"
            + " ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 81, nodePort:"
            + " 30081}]}}");
    engine.awaitEvent("NodePortTaken", "30081: a process has it; choose another node port");
    engine.awaitStatus(
        SERVICE, "web", s -> "NodePortTaken".equals(Engine.ready(s).path("reason").asText()));
    assertThat(engine.runtime.services())
        .flatExtracting(ServiceSpec::ports)
        .extracting(ServiceSpec.Port::nodePort)
        .containsExactly(30080, 0);
    engine.runtime.processesListenOn();
    engine.awaitReady(SERVICE, "web");

    engine.runtime.processesListenOn(30080);
    engine.awaitStatus(
        SERVICE, "web", s -> "NodePortTaken".equals(Engine.ready(s).path("reason").asText()));
  }

  private static final String NETWORK_YAML =
      "{apiVersion: jctl.dev/v1, kind: Network, metadata: {name: %s}, spec: {%s}}";

  @Test
  void whatTheMachineCannotDoForANetworkIsSaidAndDoneOnceItCan() {
    engine.apply(NETWORK_YAML.formatted("good", ""));
    engine.awaitReady(NETWORK, "good");
    refused("taken", Reason.SUBNET_TAKEN, "SubnetTaken", "overlaps 10.91.0.0/16 (eth0)");
    refused("named", Reason.ALREADY_EXISTS, "DeviceNameTaken", "jb1 is not ours");
    refused("old", Reason.UNSUPPORTED, "KernelModuleMissing", "modprobe bridge");
    refused("lost", Reason.NOT_FOUND, "ParentMissing", "no device eth7");
    engine.awaitReady(NETWORK, "good");
    engine.runtime.refuseNothing();
    engine.awaitReady(NETWORK, "taken");
  }

  private void refused(String name, Reason why, String reason, String message) {
    engine.runtime.refuse("ensureNetwork default." + name, why, message);
    String subnet = "10." + (100 + reason.length()) + ".0.0/24";
    engine.apply(NETWORK_YAML.formatted(name, "subnets: [" + subnet + "]"));
    awaitReason(NETWORK, name, reason, message);
  }

  @Test
  void portsThatCannotBeArePublishedForNobodyAndTheOthersKeepRunning() {
    String port = "ports: [{containerPort: 80, hostPort: 8080, protocol: SCTP}]";
    engine.apply(IMAGE_YAML + container("good", ""));
    engine.awaitReady(CONTAINER, "good");
    String uid = engine.running("good");
    engine.runtime.refuse("publishPorts 1", Reason.UNSUPPORTED, "no sctp: modprobe sctp");
    engine.apply(container("signals", port));
    engine.awaitStatus(
        CONTAINER, "signals", s -> "KernelModuleMissing".equals(s.path("phase").asText()));
    assertThat(Engine.ready(engine.status(CONTAINER, "signals")).path("message").asText())
        .contains("modprobe sctp");

    engine.runtime.refuse("ensureService default.signals", Reason.UNSUPPORTED, "no sctp");
    engine.apply(
        "{apiVersion: v1, kind: Service, metadata: {name: signals},"
            + " spec: {selector: {app: signals}, ports: [{port: 80, protocol: SCTP}]}}");
    engine.awaitStatus(
        SERVICE,
        "signals",
        s -> "KernelModuleMissing".equals(Engine.ready(s).path("reason").asText()));

    engine.apply(
        NETWORK_YAML.formatted("lan", "driver: macvlan, parent: eth0, subnets: [192.0.2.0/24]"));
    engine.apply(container("beside", port + "\nnetworks: [{name: lan}]"));
    engine.awaitStatus(
        CONTAINER, "beside", s -> "PortsUnreachable".equals(s.path("phase").asText()));
    engine.runtime.refuseNothing();
    engine.awaitReady(CONTAINER, "signals");
    assertThat(engine.running("good")).isEqualTo(uid);

    engine.apply(container("named", "networks: [{name: lan}]"));
    engine.awaitReady(CONTAINER, "named");
    assertThat(engine.runtime.sandboxes())
        .map(Observed.Sandbox::spec)
        .filteredOn(sandbox -> sandbox.hostname().equals("named"))
        .map(sandbox -> sandbox.dns().source())
        .containsExactly(SandboxSpec.Dns.Source.NETWORKS);
  }

  @Test
  void refusesAnOverlappingSubnetUntilTheOtherNetworkIsGone() {
    engine.apply(NETWORK_YAML.formatted("one", "subnets: [10.91.0.0/16]"));
    engine.awaitReady(NETWORK, "one");
    engine.apply(NETWORK_YAML.formatted("two", "subnets: [10.91.7.0/24]"));
    engine.awaitStatus(
        NETWORK,
        "two",
        s ->
            "SubnetOverlap".equals(Engine.ready(s).path("reason").asText())
                && Engine.ready(s).path("message").asText().contains("network one"));
    engine.delete(NETWORK, "one");
    engine.awaitReady(NETWORK, "two");
  }

  @Test
  void repairsDriftAndShowsIt() throws IOException {
    applyWeb();
    String uid = engine.find(POD, "web").orElseThrow().uid();
    engine.runtime.removeInterface(uid, "default.front");
    engine.awaitEvent("SandboxRepaired", "veth missing");
    engine.runtime.flushTables();
    engine.awaitStatus(
        NETWORK,
        "front",
        s ->
            s.path("drift").toString().contains("isolation rules missing")
                && s.path("drift").toString().contains("table missing"));
    engine.awaitEvent("PortsRepaired", "table missing");
    engine.runtime.unmountVolumes(engine.running("web"));
    engine.awaitEvent("MountsRepaired", "/data");
    engine.awaitStatus(CONTAINER, "web", s -> s.path("drift").size() == 3);
    Map<String, String> drift = new TreeMap<>();
    for (JsonNode each : engine.status(CONTAINER, "web").path("drift")) {
      drift.put(each.at("/fields/0").asText(), each.path("message").asText());
      assertThat(each.path("repaired").asBoolean()).isTrue();
      assertThat(Instant.parse(each.path("seen").asText()))
          .isCloseTo(Instant.now(), within(10, ChronoUnit.MINUTES));
    }
    assertThat(drift)
        .containsOnlyKeys("spec.networks", "spec.ports", "spec.volumes")
        .containsEntry("spec.ports", "table missing");
  }

  private static String tmpfs(String capacity) {
    return """
    apiVersion: jctl.dev/v1
    kind: Volume
    metadata: {name: memory}
    spec: {driver: tmpfs, capacity: %s}
    """
        .formatted(capacity);
  }

  private static boolean isListed(JsonNode status, boolean repaired) {
    return status.path("drift").size() == 1
        && status.at("/drift/0/repaired").asBoolean() == repaired;
  }

  @Test
  void driftOfAVolumeIsListedThoughAChangeOfItIsRefused() {
    engine.apply(tmpfs("2Mi"));
    engine.awaitReady(VOLUME, "memory");
    engine.runtime.refuse("ensureVolume default.memory 1048576", Reason.INVALID, "too small");
    engine.apply(tmpfs("1Mi"));
    engine.awaitStatus(VOLUME, "memory", s -> s.toString().contains("Refused"));
    engine.runtime.unmountVolume("default.memory");
    engine.awaitStatus(
        VOLUME, "memory", s -> isListed(s, true) && s.toString().contains("Refused"));
    engine.awaitEvent("VolumeRepaired", "/volumes/default.memory");
  }

  @Test
  void driftOfAVolumeIsListedWhileItCannotBeRepaired() {
    engine.apply(tmpfs("2Mi"));
    engine.awaitReady(VOLUME, "memory");
    engine.runtime.refuse("ensureVolume default.memory 2097152", Reason.NO_SPACE, "no memory");
    engine.runtime.unmountVolume("default.memory");
    engine.awaitStatus(
        VOLUME, "memory", s -> isListed(s, false) && s.toString().contains("no memory"));
    engine.runtime.refuseNothing();
    engine.awaitStatus(
        VOLUME,
        "memory",
        s -> isListed(s, true) && "True".equals(Engine.ready(s).path("status").asText()));
  }

  @Test
  void whatIsInUseIsRepairedWhileItsDeletionWaits() throws IOException {
    applyWeb();
    engine.awaitStatus(NETWORK, "front", s -> s.path("attached").size() == 2);
    engine.awaitStatus(VOLUME, "data", s -> s.path("usedBy").size() == 2);
    engine.delete(NETWORK, "front");
    engine.delete(VOLUME, "data");
    engine.awaitStatus(NETWORK, "front", s -> "Terminating".equals(s.path("phase").asText()));
    engine.awaitStatus(VOLUME, "data", s -> "Terminating".equals(s.path("phase").asText()));
    engine.runtime.unmountVolume("default.data");
    engine.awaitStatus(VOLUME, "data", s -> isListed(s, true));
    engine.runtime.removeBridge("default.front");
    engine.awaitStatus(NETWORK, "front", s -> isListed(s, true));
  }

  @Test
  void aBridgeThatComesBackWithAnInterfaceIsListedByItsNetworkAsWell() throws IOException {
    applyWeb();
    engine.runtime.removeBridgeOf(engine.find(POD, "web").orElseThrow().uid(), "default.front");
    engine.awaitStatus(
        NETWORK, "front", s -> isListed(s, true) && s.toString().contains("bridge missing"));
    engine.awaitEvent("Repaired", "bridge missing");
    engine.awaitStatus(CONTAINER, "web", s -> isListed(s, true));
  }

  @Test
  void rulesThatAnUpdatePutsBackBeforeAnybodyLooksAreListed() throws IOException {
    applyWeb();
    engine.runtime.replaceRules();
    engine.awaitStatus(
        NETWORK, "front", s -> isListed(s, true) && s.toString().contains("table missing"));
    engine.awaitThat(() -> engine.runtime.ports().changed().isEmpty());
  }

  @Test
  void aNetworkIsKeptAsItWasWhileAChangeOfItIsRefused() throws IOException {
    applyWeb();
    engine.apply(network("other", "10.91.0.0/24"));
    engine.awaitReady(NETWORK, "other");
    engine.apply(network("front", "10.91.0.0/24"));
    engine.awaitStatus(
        NETWORK,
        "front",
        s ->
            "SubnetOverlap".equals(Engine.ready(s).path("reason").asText())
                && s.path("subnets").toString().contains("10.90.0.0"));
    engine.runtime.removeBridge("default.front");
    engine.awaitStatus(
        NETWORK, "front", s -> isListed(s, true) && s.toString().contains("SubnetOverlap"));
  }

  private static String network(String name, String subnet) {
    return """
    apiVersion: jctl.dev/v1
    kind: Network
    metadata: {name: %s}
    spec: {subnets: ["%s"]}
    """
        .formatted(name, subnet);
  }

  @Test
  void mountsAreRepairedThoughTheirPodWaitsForAnImageOrAPort() throws IOException {
    applyWeb();
    String data = "volumeMounts: [{name: data, mountPath: /data}]\n";
    engine.apply(IMAGE_YAML + container("other", data));
    engine.awaitReady(CONTAINER, "other");
    engine.apply(container("other", data + "ports: [{containerPort: 80, hostPort: 8080}]"));
    engine.awaitStatus(
        CONTAINER,
        "other",
        s ->
            "PortTaken".equals(Engine.ready(s).path("reason").asText())
                && s.path("observedGeneration").asInt() == 1);
    engine.runtime.unmountVolumes(engine.running("other"));
    engine.awaitStatus(CONTAINER, "other", s -> isListed(s, true));

    engine.apply(container("third", data));
    engine.awaitReady(CONTAINER, "third");
    engine.apply(container("third", data).replace("image: box", "image: none"));
    engine.awaitStatus(CONTAINER, "third", s -> Engine.ready(s).toString().contains("none"));
    engine.runtime.unmountVolumes(engine.running("third"));
    engine.awaitStatus(CONTAINER, "third", s -> isListed(s, true));
  }

  @Test
  void mountsThatCannotBeRepairedAreListedUntilTheyAre() throws IOException {
    applyWeb();
    engine.runtime.refuse("repairMounts", Reason.KERNEL, "mount: EIO");
    engine.runtime.unmountVolumes(engine.running("web"));
    engine.awaitStatus(CONTAINER, "web", s -> isListed(s, false));
    engine.runtime.refuseNothing();
    engine.awaitStatus(CONTAINER, "web", s -> isListed(s, true));
    engine.awaitReady(CONTAINER, "web");
  }

  @Test
  void bringsEverythingBackAfterARestartOfTheMachine() throws IOException {
    applyWeb();
    engine.runtime.reboot();
    engine.awaitStatus(
        CONTAINER,
        "web",
        s ->
            s.path("restartCount").asInt() == 1
                && "True".equals(Engine.ready(s).path("status").asText()));
  }

  @Test
  void followsTheReadinessProbe() throws IOException {
    applyWeb();
    engine.runtime.answerHttpWith(503);
    engine.awaitStatus(
        CONTAINER,
        "web",
        s ->
            "False".equals(Engine.ready(s).path("status").asText())
                && Engine.ready(s).path("message").asText().contains("answered 503"));
    engine.runtime.answerHttpWith(200);
    engine.awaitReady(CONTAINER, "web");
    assertThat(engine.status(CONTAINER, "web").path("restartCount").asInt()).isZero();
  }

  @Test
  void probesAndTrafficWaitWhileAContainerIsPaused() {
    String probe =
        "livenessProbe: {exec: {command: [check]}, periodSeconds: 1, failureThreshold: 1}";
    engine.apply(IMAGE_YAML + container("still", probe));
    engine.awaitReady(CONTAINER, "still");
    String running = engine.running("still");
    engine.apply(container("still", probe + "\npaused: true"));
    engine.awaitStatus(CONTAINER, "still", s -> "Paused".equals(s.path("phase").asText()));
    assertThat(engine.status(CONTAINER, "still").path("lastChange").asText())
        .isEqualTo("InPlace: paused");
    assertThat(Engine.ready(engine.status(POD, "still")).path("reason").asText())
        .isEqualTo("Paused");
    engine.restart();
    engine.apply(container("still", probe));
    engine.awaitReady(CONTAINER, "still");
    assertThat(engine.running("still")).as("the same container").isEqualTo(running);
    assertThat(engine.runtime.calls())
        .containsSubsequence("pauseContainer " + running, "resumeContainer " + running);
  }

  @Test
  void restartsWhatFailsItsLivenessProbe() {
    engine.apply(
        IMAGE_YAML
            + container(
                "app",
                "livenessProbe: {exec: {command: ['false']}, periodSeconds: 1, failureThreshold:"
                    + " 1}"));
    engine.awaitStatus(CONTAINER, "app", s -> s.path("restartCount").asInt() >= 1);
    engine.awaitEvent("Killing", "Liveness probe failed");
  }

  @Test
  void runsInitContainersInOrderAndEndsWithTheMainOnes() {
    engine.apply(
        IMAGE_YAML
            + """
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: job}
            spec:
              restartPolicy: Never
              initContainers:
              - {name: first, image: box, command: [sh]}
              - {name: helper, image: box, command: [sh], restartPolicy: Always}
              containers: [{name: main, image: box, command: [sh]}]
            """);
    engine.awaitThat(() -> engine.runtime.containers().size() == 1);
    engine.runtime.end(engine.running("first"), 0, 0);
    engine.awaitReady(POD, "job");
    engine.runtime.end(engine.running("main"), 0, 0);
    engine.awaitStatus(POD, "job", s -> "Succeeded".equals(s.path("phase").asText()));
    assertThat(engine.runtime.containers())
        .noneMatch(c -> c.state() instanceof Observed.State.Running);
    engine.delete(POD, "job");
    engine.awaitGone(POD, "job");
  }

  @Test
  void emptiesANamespaceBeforeItGoes() {
    engine.apply(
        "{apiVersion: v1, kind: Namespace, metadata: {name: team}}\n---\n"
            + (IMAGE_YAML + container("app", ""))
                .replace("metadata: {", "metadata: {namespace: team, "));
    engine.awaitThat(
        () ->
            engine.all(CONTAINER).stream()
                .anyMatch(c -> c.tree().path("status").path("ready").asBoolean()));
    engine.delete(NAMESPACE, "team");
    engine.awaitGone(NAMESPACE, "team");
    assertThat(engine.all(POD)).isEmpty();
    assertThat(engine.all(NETWORK)).isEmpty();
  }

  @Test
  void leavesThePodOfAnOrphaningDeletion() {
    engine.apply(IMAGE_YAML + container("app", ""));
    engine.awaitReady(CONTAINER, "app");
    engine.resources.delete(
        Engine.ref(CONTAINER, "app"),
        new Resources.DeleteOptions(Resources.DeleteOptions.Propagation.ORPHAN, null, null, false));
    engine.awaitGone(CONTAINER, "app");
    assertThat(engine.find(POD, "app")).isPresent().get().matches(p -> !p.isDeleting());
  }

  @Test
  void runsAHundredContainersWithAddressesOfTheirOwn() {
    StringBuilder yaml = new StringBuilder(IMAGE_YAML);
    for (int i = 0; i < 100; i++) {
      yaml.append(container("c" + i, ""));
    }
    engine.apply(yaml.toString());
    engine.awaitThat(
        () ->
            engine.all(CONTAINER).stream()
                    .filter(c -> c.tree().path("status").path("ready").asBoolean())
                    .count()
                == 100);
    Set<String> addresses = new HashSet<>();
    for (StoredObject pod : engine.all(POD)) {
      addresses.add(pod.tree().path("status").path("podIP").asText());
    }
    assertThat(addresses).hasSize(100);
  }
}
