package dev.jctl.controller.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class OverlayTest {
  private static final Overlay NONE = new Overlay(Optional.empty(), List.of(), List.of());
  private static final String WEB =
      """
      apiVersion: jctl.dev/v1
      kind: Container
      metadata: {name: web}
      spec:
        image: registry.test/web:1
        networks: [{name: front}]
        env: [{name: MODE, value: dev}]
        envFrom: [{configMapRef: {name: settings}}]
      """;
  private static final String FRONT =
      """
      apiVersion: jctl.dev/v1
      kind: Network
      metadata: {name: front}
      spec: {}
      """;

  /** Files by path. */
  private record InMemory(Map<String, String> files) implements SourceFiles {
    @Override
    public Optional<String> text(String path) {
      return Optional.ofNullable(files.get(path));
    }

    @Override
    public boolean isDirectory(String path) {
      return path.isEmpty() || files.keySet().stream().anyMatch(f -> f.startsWith(path + "/"));
    }

    @Override
    public List<SourceFile> manifests(String directory) {
      return new TreeMap<>(files)
          .entrySet().stream()
              .filter(e -> directory.isEmpty() || e.getKey().startsWith(directory + "/"))
              .map(e -> new SourceFile(e.getKey(), e.getValue()))
              .toList();
    }
  }

  private static JsonNode object(List<ManifestDocument> documents, String kind) {
    return documents.stream()
        .filter(d -> d.kind().kind().equals(kind))
        .findFirst()
        .orElseThrow()
        .tree();
  }

  private static List<ManifestDocument> render(Overlay overlay, Map<String, String> files) {
    return overlay.render(new InMemory(files), ".");
  }

  private static Overlay variables(Map<String, String> values) {
    return new Overlay(Optional.of(values), List.of(), List.of());
  }

  @Test
  void variablesHaveValuesDefaultsOrAPlaceWhereTheyAreMissing() {
    String text =
        WEB.replace("dev}", "\"${MODE}${X:-x}${EMPTY:-} $${RAW} $HOME\"}").replace(":1", ":${TAG}");
    JsonNode web =
        object(
            render(variables(Map.of("MODE", "prod", "TAG", "2")), Map.of("w.yaml", text)),
            "Container");
    assertThat(web.at("/spec/env/0/value").asText()).isEqualTo("prodx ${RAW} $HOME");
    assertThat(web.at("/spec/image").asText()).isEqualTo("registry.test/web:2");
    assertThatThrownBy(() -> render(variables(Map.of("TAG", "2")), Map.of("w.yaml", text)))
        .isInstanceOf(ManifestException.class)
        .hasMessageStartingWith("w.yaml:7:30: variable MODE has no value; known are [TAG]");
    assertThat(
            object(
                    render(NONE, Map.of("w.yaml", WEB.replace("value: dev", "value: \"${X}\""))),
                    "Container")
                .at("/spec/env/0/value")
                .asText())
        .isEqualTo("${X}");
    assertThatThrownBy(
            () -> render(variables(Map.of("MODE", "a\nb: c", "TAG", "")), Map.of("w.yaml", text)))
        .hasMessageContaining("several lines");
  }

  @Test
  void patchesChangePartsOfWhatTheyAreFor() {
    String merge = "spec: {env: [{name: MORE, value: x}], restartPolicy: Never}";
    String json = "[{op: replace, path: /spec/image, value: other}]";
    ObjectPatch.Target all = new ObjectPatch.Target(null, ".*", null, List.of());
    ObjectPatch.Target web = new ObjectPatch.Target("Container", "we.", null, List.of());
    Overlay overlay =
        new Overlay(
            Optional.empty(),
            List.of(
                ObjectPatch.parse("p", "metadata: {labels: {a: b}}", all).getFirst(),
                ObjectPatch.parse("p", merge, web).getFirst(),
                ObjectPatch.parse("p", json, web).getFirst()),
            List.of());
    List<ManifestDocument> documents = render(overlay, Map.of("w.yaml", WEB, "f.yaml", FRONT));
    JsonNode container = object(documents, "Container");
    assertThat(container.at("/spec/env").findValuesAsText("name"))
        .containsExactlyInAnyOrder("MODE", "MORE");
    assertThat(container.at("/spec/image").asText()).isEqualTo("other");
    assertThat(object(documents, "Network").at("/metadata/labels/a").asText()).isEqualTo("b");

    ObjectPatch lost =
        ObjectPatch.parse("spec.patches[0]", "kind: Container\nmetadata: {name: x}", null)
            .getFirst();
    assertThatThrownBy(
            () ->
                render(
                    new Overlay(Optional.empty(), List.of(lost), List.of()), Map.of("w.yaml", WEB)))
        .hasMessageStartingWith("spec.patches[0]: no object is");
    assertThatThrownBy(() -> ObjectPatch.parse("p", json, null))
        .hasMessage("p: a JSON patch needs a target: which kind and name it is for");
  }

  @Test
  void imagesAreReplacedByName() {
    ImageOverride tag = new ImageOverride("registry.test/web", null, "2", null);
    ImageOverride moved = new ImageOverride("registry.test/web", "mirror:5000/web", null, null);
    ImageOverride other = new ImageOverride("registry.test/we", "x", "2", null);
    for (var expected :
        Map.of(tag, "registry.test/web:2", moved, "mirror:5000/web:1", other, "registry.test/web:1")
            .entrySet()) {
      Overlay overlay = new Overlay(Optional.empty(), List.of(), List.of(expected.getKey()));
      assertThat(
              object(render(overlay, Map.of("w.yaml", WEB)), "Container")
                  .at("/spec/image")
                  .asText())
          .isEqualTo(expected.getValue());
    }
  }

  @Test
  void aKustomizationBuildsOnAnother() {
    Map<String, String> files =
        new TreeMap<>(
            Map.of(
                "base/kustomization.yaml", "resources: [web.yaml, net]",
                "base/web.yaml", WEB,
                "base/net/kustomization.yaml", "resources: [front.yaml]",
                "base/net/front.yaml", FRONT,
                "base/left-out.yaml", "nothing: here",
                "prod/web.yaml",
                    """
                    kind: Container
                    metadata: {name: web}
                    spec: {env: [{name: MODE, value: prod}]}
                    """,
                "prod/app.conf", "a=1\n",
                "prod/env", "# comment\nKEY=value=1\n"));
    files.put(
        "prod/kustomization.yaml",
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [../base]
        namePrefix: prod-
        namespace: live
        commonLabels: {app: shop}
        images: [{name: registry.test/web, newTag: "7"}]
        patches: [{path: web.yaml}]
        configMapGenerator: [{name: settings, literals: [a=b], files: [app.conf, x=app.conf], envs: [env]}]
        """);
    List<ManifestDocument> documents = NONE.render(new InMemory(files), "./prod/");
    JsonNode web = object(documents, "Container");
    assertThat(web.at("/metadata/name").asText()).isEqualTo("prod-web");
    assertThat(web.at("/metadata/namespace").asText()).isEqualTo("live");
    assertThat(web.at("/metadata/labels/app").asText()).isEqualTo("shop");
    assertThat(web.at("/spec/image").asText()).isEqualTo("registry.test/web:7");
    assertThat(web.at("/spec/env/0/value").asText()).isEqualTo("prod");
    assertThat(web.at("/spec/networks/0/name").asText()).isEqualTo("prod-front");
    assertThat(web.at("/spec/envFrom/0/configMapRef/name").asText()).isEqualTo("prod-settings");
    JsonNode settings = object(documents, "ConfigMap");
    assertThat(settings.path("data").toString())
        .isEqualTo("{\"a\":\"b\",\"app.conf\":\"a=1\\n\",\"x\":\"a=1\\n\",\"KEY\":\"value=1\"}");
    assertThat(documents).hasSize(3);
  }

  @Test
  void whatAKustomizationCannotMeanIsTold() {
    assertWrong("resources: [../x]", "../x: leads out of the source");
    assertWrong("resources: [https://example.org/x]", "only files of this source are read");
    assertWrong("resources: [gone.yaml]", "there is no file gone.yaml");
    assertWrong("helmCharts: []", "helmCharts: not supported here; known are ");
    assertWrong("resources: [a]\n", "builds on itself");
    assertWrong("resources: [", "kustomization.yaml:1:");
    assertWrong("configMapGenerator: [{name: x, literals: [nothing]}]", "expected KEY=value");
  }

  private static void assertWrong(String kustomization, String message) {
    Map<String, String> files =
        Map.of("kustomization.yaml", kustomization, "a/kustomization.yaml", "resources: [../a]");
    assertThatThrownBy(() -> render(NONE, files))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining(message);
  }
}
