package dev.jctl.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApplyRecord;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.sets.SetApply;
import dev.jctl.images.ImageException;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a set's revisions, with real reconcilers on a machine in memory. */
@Timeout(120)
class ManifestSetsIT {
  private static final ResourceKind SET = ResourceKind.MANIFEST_SET;
  private static final String IMAGE =
      """
      apiVersion: jctl.dev/v1
      kind: Image
      metadata: {name: box}
      spec: {reference: "r.example/box:1"}
      ---
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

  private static String container(String name, String image) {
    return """
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: %s}
    spec: {image: %s, command: [sh]}
    ---
    """
        .formatted(name, image);
  }

  private ManifestSets.Outcome apply(String yaml) {
    return engine.sets.apply(
        new SetApply(
            Engine.ref(SET, "site"),
            Engine.items(yaml),
            SetApply.Leaving.DELETED,
            SetApply.Bad.REFUSED,
            Optional.of("30s"),
            new SetApply.Origin.Manifests(),
            new Resources.ApplyOptions("test", false, false),
            leaving -> {},
            ApplyRecord.NONE));
  }

  private JsonNode status() {
    return engine.status(SET, "site");
  }

  private String result(int index) {
    JsonNode entry = status().path("history").path(index);
    return entry.path("revision").asText() + " " + entry.path("result").asText();
  }

  @Test
  void aRevisionThatIsNotHealthyInItsTimeIsTakenBackAndNotAppliedAgain() {
    apply(IMAGE + container("web", "box") + container("old", "box"));
    engine.awaitReady(SET, "site");
    engine.awaitThat(() -> result(0).equals("1 Healthy"));

    engine.images.fail("r.example/missing:1", ImageException.Reason.UNAUTHORIZED);
    String bad = IMAGE + container("web", "r.example/missing:1");
    assertThat(apply(bad).revision()).contains(2L);
    engine.awaitGone(ResourceKind.CONTAINER, "old");
    engine.awaitStatus(SET, "site", s -> s.path("notReady").size() == 1);
    engine.clock.moveOn(Duration.ofSeconds(31));
    engine.restart();
    engine.awaitStatus(SET, "site", s -> result(1).equals("2 RolledBack"));
    engine.awaitEvent("RolledBack", "not ready within 30s: Container/default/web");
    engine.awaitReady(SET, "site");
    engine.awaitReady(ResourceKind.CONTAINER, "old");
    assertThat(status().path("history").path(0).path("cause").asText())
        .isEqualTo("revision 2 was not healthy");
    assertThatThrownBy(() -> apply(bad))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("revision 2 had the same manifests and was taken back");
    assertThat(status().path("revision").asInt()).isEqualTo(3);
  }

  @Test
  void aRevisionWhoseObjectsAreReadyAsBeforeIsHealthyToo() {
    String settings =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {colour: %s}
        """;
    apply(settings.formatted("red"));
    engine.awaitThat(() -> result(0).equals("1 Healthy"));
    assertThat(apply(settings.formatted("blue")).revision()).contains(2L);
    engine.awaitThat(() -> result(0).equals("2 Healthy"));

    List<String> versions = versions();
    assertThat(apply(settings.formatted("blue")).revision()).isEmpty();
    assertThat(versions()).as("the same again is no write").isEqualTo(versions);
  }

  private List<String> versions() {
    return Stream.of(engine.find(SET, "site"), engine.find(ResourceKind.CONFIG_MAP, "settings"))
        .map(o -> o.orElseThrow().tree().at("/metadata/resourceVersion").asText())
        .toList();
  }

  @Test
  void whatIsPutBackWhileItIsStillBeingDeletedIsMadeOnceItIsGone() {
    apply(IMAGE + container("web", "box"));
    engine.awaitReady(SET, "site");
    apply(IMAGE);
    apply(IMAGE + container("web", "box"));
    engine.awaitStatus(SET, "site", s -> s.path("objects").asInt() == 2);
    engine.awaitThat(
        () ->
            result(0).equals("3 Healthy")
                && engine.find(ResourceKind.CONTAINER, "web").isPresent());
  }

  @Test
  void aDeletedSetTakesItsObjectsAndRevisionsAlong() {
    apply(IMAGE + container("web", "box"));
    engine.awaitReady(SET, "site");
    engine.delete(SET, "site");
    engine.awaitGone(SET, "site");
    assertThat(engine.find(ResourceKind.CONTAINER, "web")).isEmpty();
    assertThat(engine.find(ResourceKind.IMAGE, "box")).isEmpty();
    assertThat(apply(IMAGE).revision()).contains(1L);
  }
}
