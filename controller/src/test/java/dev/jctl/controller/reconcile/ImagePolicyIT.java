package dev.jctl.controller.reconcile;

import static dev.jctl.manifests.model.ResourceKind.CONFIG_MAP;
import static dev.jctl.manifests.model.ResourceKind.CONTAINER;
import static dev.jctl.manifests.model.ResourceKind.IMAGE;
import static dev.jctl.manifests.model.ResourceKind.POD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.git.WorkTree;
import dev.jctl.images.ImageException;
import dev.jctl.shim.spec.Observed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images that follow a policy, with real reconcilers on a machine in memory. */
@Timeout(120)
class ImagePolicyIT {
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

  /** Again: it is looked at now, as timers run on the real clock. */
  private void apply(String policy) {
    engine.apply(
        """
        apiVersion: jctl.dev/v1
        kind: Image
        metadata: {name: web, labels: {asked: "%d"}}
        spec: {reference: "r.test/web:stable", policy: {%s}}
        ---
        apiVersion: jctl.dev/v1
        kind: Container
        metadata: {name: site}
        spec: {image: web, command: [sh]}
        """
            .formatted(engine.clock.instant().toEpochMilli(), policy));
  }

  private void awaitFollowed(String tag, String result) {
    engine.awaitStatus(
        IMAGE,
        "web",
        s ->
            s.at("/followed/selected").asText().startsWith("r.test/web:" + tag + "@")
                && s.at("/followed/result").asText().equals(result));
  }

  private String runs() {
    return engine.status(IMAGE, "web").path("imageID").asText();
  }

  @Test
  void aNewVersionIsTakenAndOneThatCannotBeHadGivesWay() {
    engine.images.tag("r.test/web", "1.0.0");
    String policy = "semver: 1.x, interval: 1h, healthTimeout: 30m";
    apply(policy);
    awaitFollowed("1.0.0", "Healthy");
    engine.awaitReady(CONTAINER, "site");
    String before = engine.running("site");

    engine.images.tag("r.test/web", "1.0.0", "1.1.0", "2.0.0");
    engine.clock.moveOn(Duration.ofHours(1));
    apply(policy);
    awaitFollowed("1.1.0", "Healthy");
    assertThat(engine.running("site")).isNotEqualTo(before);
    String good = runs();

    engine.images.tag("r.test/web", "1.1.0", "1.2.0");
    engine.images.move("r.test/web:1.2.0", "sha256:bad");
    engine.images.fail("r.test/web:1.2.0@sha256:bad", ImageException.Reason.CORRUPT);
    engine.clock.moveOn(Duration.ofHours(1));
    apply(policy);
    awaitFollowed("1.2.0", "Progressing");
    engine.clock.moveOn(Duration.ofHours(1));
    apply(policy);
    awaitFollowed("1.1.0", "Returned");
    engine.awaitReady(IMAGE, "web");
    assertThat(runs()).isEqualTo(good);
    engine.awaitEvent("Returned", "r.test/web:1.2.0@sha256:bad was not ready in time");
    engine.awaitStatus(IMAGE, "web", s -> s.path("conditions").toString().contains("\"Rejected\""));
  }

  @Test
  void theDigestOfATagIsFollowed() {
    engine.images.move("r.test/web:stable", "sha256:one");
    apply("digest: true, interval: 1s");
    awaitFollowed("stable", "Healthy");
    engine.images.move("r.test/web:stable", "sha256:two");
    engine.awaitStatus(
        IMAGE,
        "web",
        s ->
            s.at("/followed/healthy").asText().equals("r.test/web:stable@sha256:two")
                && s.path("repoDigest").asText().equals("r.test/web@sha256:two"));
  }

  @Test
  void aRegistryWithNothingThatFitsIsTold() {
    engine.images.tag("r.test/web", "nightly");
    apply("semver: 1.x");
    engine.awaitStatus(
        IMAGE,
        "web",
        s ->
            Engine.ready(s).path("reason").asText().equals("NothingSelected")
                && Engine.ready(s).path("message").asText().contains("none of the 1 tags"));
  }

  @Test
  void whatIsHealthyIsWrittenBackAsACommit() throws IOException {
    WorkTree tree = new WorkTree(directory.resolve("work"));
    String marked = "image: r.test/web:0.9.0 # {\"$imagepolicy\": \"default:web\"}\n";
    tree.commit(
        Map.of(
            "a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  " + marked));
    Path bare = directory.resolve("bare");
    tree.git("clone", "-q", "--bare", ".", bare.toString());
    engine.images.tag("r.test/web", "1.0.0");
    apply("semver: 1.x, interval: 1h");
    awaitFollowed("1.0.0", "Healthy");
    engine.apply(
        """
        apiVersion: jctl.dev/v1
        kind: GitRepository
        metadata: {name: machine}
        spec: {url: %s, interval: 1h, imageUpdates: {authorName: Robot}}
        """
            .formatted(bare));
    awaitValue("r.test/web:1.0.0");

    engine.images.tag("r.test/web", "1.0.0", "1.1.0");
    engine.clock.moveOn(Duration.ofMinutes(61));
    apply("semver: 1.x, interval: 1h");
    awaitValue("r.test/web:1.1.0");
    tree.git("pull", "-q", bare.toString(), "main");
    assertThat(tree.git("log", "--format=%an %s"))
        .startsWith(
            "Robot Images that their policies select\nRobot Images that their policies select\n");
    assertThat(Files.readString(tree.directory().resolve("a.yaml")))
        .endsWith("image: r.test/web:1.1.0 # {\"$imagepolicy\": \"default:web\"}\n");
  }

  private void awaitValue(String image) {
    engine.awaitThat(
        () ->
            engine
                .find(CONFIG_MAP, "a")
                .filter(o -> o.tree().at("/data/image").asText().equals(image))
                .isPresent());
  }

  // --- pullPolicy Always

  private static String always(String name) {
    return """
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: %s}
    spec: {image: "r.test/app:1", imagePullPolicy: %s, command: [sh]}
    ---
    """
        .formatted(name, name.equals("keeps") ? "IfNotPresent" : "Always");
  }

  private String imageOf(String container) {
    return engine.runtime.container(engine.running(container)).orElseThrow().spec().layers().get(0);
  }

  private void end(String container) {
    engine.runtime.end(engine.running(container), 1, 0);
  }

  private void awaitReason(String container, String text) {
    engine.awaitStatus(CONTAINER, container, s -> Engine.ready(s).toString().contains(text));
  }

  @Test
  void aTagIsLookedUpAtEachStartAndWhatRunsGoesOn() {
    engine.apply(always("first") + always("second"));
    engine.awaitReady(CONTAINER, "first");
    engine.awaitReady(CONTAINER, "second");
    String untouched = engine.running("second");
    String before = imageOf("first");
    engine.images.move("r.test/app:1", "sha256:two");
    end("first");
    engine.awaitThat(() -> engine.runtime.containers().toString().contains("-first-1"));
    engine.awaitReady(CONTAINER, "first");
    assertThat(imageOf("first")).isNotEqualTo(before);
    assertThat(engine.running("second")).as("what runs goes on").isEqualTo(untouched);

    engine.restart();
    engine.apply(always("third"));
    engine.awaitReady(CONTAINER, "third");
    assertThat(imageOf("third")).isEqualTo(imageOf("first"));
    assertThat(engine.running("second")).isEqualTo(untouched);

    engine.images.move("r.test/app:1", "sha256:three");
    String image = engine.all(IMAGE).getFirst().ref().name();
    engine.apply(
        """
        apiVersion: jctl.dev/v1
        kind: Image
        metadata: {name: %s, annotations: {jctl.dev/pull: now}}
        spec: {reference: "r.test/app:1"}
        """
            .formatted(image));
    engine.awaitThat(() -> engine.runtime.containers().toString().contains("-second-1"));
    engine.awaitReady(CONTAINER, "second");
    assertThat(imageOf("second")).as("whoever asks gets it everywhere").isNotEqualTo(before);
  }

  @Test
  void aRegistryThatIsAwayKeepsOnlyThoseThatHaveToAskIt() {
    engine.apply(always("asks") + always("goeson"));
    engine.awaitReady(CONTAINER, "asks");
    engine.awaitReady(CONTAINER, "goeson");
    String untouched = engine.running("goeson");
    engine.images.fail("r.test/app:1", ImageException.Reason.UNREACHABLE);
    end("asks");
    awaitReason("asks", "Asks what r.test/app:1 is: pull r.test/app:1: UNREACHABLE");
    engine.apply(always("keeps"));
    engine.awaitReady(CONTAINER, "keeps");
    assertThat(engine.running("goeson")).isEqualTo(untouched);
    engine.images.repair("r.test/app:1");
    engine.awaitReady(CONTAINER, "asks");
    engine.awaitStatus(
        IMAGE,
        engine.all(IMAGE).getFirst().ref().name(),
        s -> !s.path("conditions").toString().contains("UpToDate"));
  }

  // --- volumes that show images

  private void applyReader(String pod) {
    engine.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          containers:
            - {name: reader, image: "r.test/box:1", volumeMounts: [{name: site, mountPath: /site}]}
            - {name: other, image: "r.test/box:1", volumeMounts: [{name: site, mountPath: /site}]}
          volumes: [{name: site, image: {reference: "r.test/app:1", pullPolicy: Always}}]
        """
            .formatted(pod));
  }

  private List<String> shownIn(String pod) {
    String uid = engine.find(POD, pod).orElseThrow().uid();
    return engine.runtime.containers().stream()
        .filter(c -> c.state() instanceof Observed.State.Running)
        .map(Observed.Container::spec)
        .filter(spec -> spec.sandboxId().equals(uid))
        .map(spec -> spec.volumes().getFirst().source().toString())
        .distinct()
        .toList();
  }

  @Test
  void aVolumesTagIsLookedUpForEachPodAndAllItsContainersGoOnWithThat() {
    applyReader("first");
    engine.awaitReady(POD, "first");
    List<String> before = shownIn("first");
    assertThat(before).hasSize(1);

    engine.images.move("r.test/app:1", "sha256:two");
    applyReader("second");
    engine.awaitReady(POD, "second");
    List<String> after = shownIn("second");
    assertThat(after).hasSize(1).isNotEqualTo(before);

    engine.images.move("r.test/app:1", "sha256:three");
    engine.restart();
    String uid = engine.find(POD, "first").orElseThrow().uid();
    String first =
        engine.runtime.containers().stream()
            .map(Observed.Container::spec)
            .filter(spec -> spec.sandboxId().equals(uid) && spec.id().contains("-reader-"))
            .findFirst()
            .orElseThrow()
            .id();
    engine.runtime.end(first, 1, 0);
    engine.awaitThat(() -> engine.runtime.containers().toString().contains("-reader-1"));
    engine.awaitReady(POD, "first");
    assertThat(shownIn("first")).as("also in a container that is started again").isEqualTo(before);
    assertThat(shownIn("second")).isEqualTo(after);
  }

  @Test
  void aPodWaitsForARegistryThatItsVolumeHasToAsk() {
    applyReader("first");
    engine.awaitReady(POD, "first");
    engine.images.fail("r.test/app:1", ImageException.Reason.UNREACHABLE);
    applyReader("second");
    engine.awaitStatus(
        POD,
        "second",
        s -> s.toString().contains("Asks what r.test/app:1 is: pull r.test/app:1: UNREACHABLE"));
    assertThat(shownIn("second")).isEmpty();
    engine.images.repair("r.test/app:1");
    engine.awaitReady(POD, "second");
    assertThat(shownIn("second")).isEqualTo(shownIn("first"));
  }
}
