package dev.jctl.controller.reconcile;

import static dev.jctl.controller.reconcile.Engine.configMap;
import static dev.jctl.manifests.model.ResourceKind.CONFIG_MAP;
import static dev.jctl.manifests.model.ResourceKind.MANIFEST_SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.images.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Manifests that are in no git repository, followed by real reconcilers. */
@Timeout(120)
class ManifestSourceIT {
  @TempDir Path directory;
  private Engine engine;

  @BeforeEach
  void start() {
    engine = new Engine(directory.resolve("engine"));
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  /** With an interval that does not end during the test. */
  private void follow(String source) {
    engine.apply(
        """
        apiVersion: jctl.dev/v1
        kind: ManifestSource
        metadata: {name: here}
        spec: {interval: 1h, healthGate: {timeout: 1h}, %s}
        """
            .formatted(source));
  }

  private void awaitReason(String reason, String... texts) {
    engine.awaitStatus(
        MANIFEST_SOURCE,
        "here",
        s ->
            Engine.ready(s).path("reason").asText().equals(reason)
                && List.of(texts).stream()
                    .allMatch(text -> Engine.ready(s).path("message").asText().contains(text)));
  }

  private void awaitValue(String name, String value) {
    engine.awaitThat(
        () ->
            engine
                .find(CONFIG_MAP, name)
                .filter(o -> o.tree().at("/data/key").asText().equals(value))
                .isPresent());
  }

  @Test
  void whatChangesInADirectoryIsAppliedAtOnceAndWhatIsWrongIsNot() throws IOException {
    Path files = Files.createDirectories(directory.resolve("files"));
    Files.writeString(files.resolve("a.yaml"), configMap("a", "one"));
    follow("directory: " + files);
    engine.awaitReady(MANIFEST_SOURCE, "here");
    awaitValue("a", "one");

    Path below = Files.createDirectories(files.resolve("new/deep"));
    Files.writeString(below.resolve("b.yaml"), configMap("b", "one"));
    awaitValue("b", "one");
    Files.writeString(below.resolve("b.yaml"), configMap("b", "two"));
    awaitValue("b", "two");

    Files.writeString(files.resolve("a.yaml"), configMap("a", "three") + "nonsense: 1\n");
    awaitReason("InvalidManifest", "a.yaml:6:1", "directory@sha1:", " goes on");
    Files.createSymbolicLink(files.resolve("passwd.yaml"), Path.of("/etc/passwd"));
    awaitReason("BadContent", "passwd.yaml is a symbolic link");
    awaitValue("a", "one");
    Files.delete(files.resolve("passwd.yaml"));
    Files.delete(files.resolve("a.yaml"));
    engine.awaitGone(CONFIG_MAP, "a");
    engine.awaitReady(MANIFEST_SOURCE, "here");
    assertThat(engine.find(CONFIG_MAP, "b")).isPresent();
  }

  @Test
  void anArchiveIsReadWhenItIsReplaced() throws Exception {
    Path archive = directory.resolve("set.tar.gz");
    follow("path: deploy, archive: " + archive);
    awaitReason("NoSuchPath", "there is no file " + archive);
    pack(archive, configMap("a", "one"));
    awaitValue("a", "one");
    pack(archive, configMap("a", "two"));
    awaitValue("a", "two");
    assertThat(engine.status(MANIFEST_SOURCE, "here").path("lastAppliedRevision").asText())
        .startsWith("archive@sha1:");
    Files.writeString(archive, "no archive");
    awaitReason("BadContent", "set.tar.gz", " goes on");
    engine.delete(MANIFEST_SOURCE, "here");
    engine.awaitGone(MANIFEST_SOURCE, "here");
    engine.awaitGone(CONFIG_MAP, "a");
  }

  private void pack(Path archive, String manifest) throws IOException, InterruptedException {
    Path deploy = Files.createDirectories(directory.resolve("pack/deploy"));
    Files.writeString(deploy.resolve("a.yaml"), manifest);
    Path made = directory.resolve("made.tar.gz");
    Process tar =
        new ProcessBuilder("tar", "-czf", made + "", "-C", deploy.getParent() + "", "./deploy")
            .start();
    assertThat(tar.waitFor()).isZero();
    Files.move(made, archive, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void anArtifactFollowsItsRangeAndReturnsToTheLastHealthyOne() {
    engine.images.tag("r.test/set", "1.0.0", "1.1.0", "2.0.0", "nightly");
    engine.images.artifact("r.test/set:1.1.0", "a.yaml", configMap("a", "good"));
    follow("oci: {url: 'oci://r.test/set', ref: {semver: 1.x}}");
    engine.awaitReady(MANIFEST_SOURCE, "here");
    awaitValue("a", "good");
    String good = engine.status(MANIFEST_SOURCE, "here").path("lastAppliedRevision").asText();
    assertThat(good).startsWith("1.1.0@sha256:");

    engine.images.fail("r.test/gone:1", ImageException.Reason.NOT_FOUND);
    engine.images.tag("r.test/set", "1.1.0", "1.2.0");
    engine.images.artifact(
        "r.test/set:1.2.0",
        "a.yaml",
        configMap("a", "bad")
            + "---\n"
            + "{apiVersion: jctl.dev/v1, kind: Container, metadata: {name: web}, spec: {image:"
            + " 'r.test/gone:1'}}\n");
    engine.clock.moveOn(Duration.ofHours(2));
    engine.apply(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: a}
        data: {key: touched}
        """);
    awaitReason("Progressing", "1.2.0@sha256:");
    engine.clock.moveOn(Duration.ofHours(2));
    awaitReason("Unhealthy", "1.2.0@sha256:", good + " goes on");
    awaitValue("a", "good");
  }
}
