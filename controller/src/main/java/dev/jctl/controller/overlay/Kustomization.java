package dev.jctl.controller.overlay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.overlay.ObjectPatch.Target;
import dev.jctl.manifests.codec.PlainYaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of a {@code kustomization.yaml} that is understood here;
 * kustomize.config.k8s.io/v1beta1.
 *
 * @param labels on each object
 */
record Kustomization(
    String where,
    List<String> resources,
    List<PatchEntry> patches,
    List<ImageOverride> images,
    @Nullable String namespace,
    String namePrefix,
    String nameSuffix,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<Generator> generators) {
  static final List<String> NAMES =
      List.of("kustomization.yaml", "kustomization.yml", "Kustomization");
  private static final Set<String> KNOWN =
      Set.of(
          "apiVersion",
          "kind",
          "metadata",
          "resources",
          "patches",
          "patchesStrategicMerge",
          "images",
          "namespace",
          "namePrefix",
          "nameSuffix",
          "commonLabels",
          "labels",
          "commonAnnotations",
          "configMapGenerator",
          "secretGenerator",
          "generatorOptions");

  /**
   * @param text of the patch itself; null: it is in the file {@code path}
   */
  record PatchEntry(@Nullable String path, @Nullable String text, @Nullable Target target) {}

  /**
   * @param kind ConfigMap or Secret
   * @param files {@code path} or {@code key=path}
   * @param envs files with lines {@code KEY=value}
   */
  record Generator(
      String kind,
      String name,
      @Nullable String namespace,
      List<String> literals,
      List<String> files,
      List<String> envs) {}

  /**
   * @throws dev.jctl.manifests.codec.ManifestException for what is not understood: an overlay that
   *     is only half applied would be another one
   */
  static Kustomization parse(String where, String text) {
    List<JsonNode> documents = PlainYaml.read(where, text);
    if (documents.size() != 1 || !documents.getFirst().isObject()) {
      throw ObjectPatch.wrong(where, "expected one document with resources, patches, images, …");
    }
    JsonNode tree = documents.getFirst();
    tree.fieldNames()
        .forEachRemaining(
            field -> {
              if (!KNOWN.contains(field)) {
                throw ObjectPatch.wrong(
                    where,
                    field + ": not supported here; known are " + String.join(", ", sorted()));
              }
            });
    return new Kustomization(
        where,
        texts(tree.path("resources")),
        patches(tree),
        images(tree.path("images")),
        text(tree, "namespace"),
        tree.path("namePrefix").asText(""),
        tree.path("nameSuffix").asText(""),
        labels(tree),
        map(tree.path("commonAnnotations")),
        generators(tree));
  }

  private static List<String> sorted() {
    return KNOWN.stream().sorted().toList();
  }

  private static @Nullable String text(JsonNode object, String field) {
    return object.hasNonNull(field) ? object.path(field).asText() : null;
  }

  static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  private static Map<String, String> map(JsonNode object) {
    Map<String, String> map = new LinkedHashMap<>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
    return map;
  }

  private static Map<String, String> labels(JsonNode tree) {
    Map<String, String> labels = map(tree.path("commonLabels"));
    tree.path("labels").forEach(item -> labels.putAll(map(item.path("pairs"))));
    return labels;
  }

  private static List<PatchEntry> patches(JsonNode tree) {
    List<PatchEntry> patches = new ArrayList<>();
    for (JsonNode item : tree.path("patches")) {
      patches.add(
          new PatchEntry(text(item, "path"), text(item, "patch"), target(item.path("target"))));
    }
    for (String entry : texts(tree.path("patchesStrategicMerge"))) {
      boolean inline = entry.contains("\n");
      patches.add(new PatchEntry(inline ? null : entry, inline ? entry : null, null));
    }
    return patches;
  }

  private static @Nullable Target target(JsonNode target) {
    if (!target.isObject()) {
      return null;
    }
    String selector = target.path("labelSelector").asText("");
    return new Target(
        text(target, "kind"),
        text(target, "name"),
        text(target, "namespace"),
        selector.isEmpty() ? List.of() : List.of(selector.split(",")));
  }

  private static List<ImageOverride> images(JsonNode list) {
    List<ImageOverride> images = new ArrayList<>();
    for (JsonNode item : list) {
      images.add(
          new ImageOverride(
              item.path("name").asText(),
              text(item, "newName"),
              text(item, "newTag"),
              text(item, "digest")));
    }
    return images;
  }

  private static List<Generator> generators(JsonNode tree) {
    List<Generator> generators = new ArrayList<>();
    for (String kind : List.of("ConfigMap", "Secret")) {
      String field = kind.equals("Secret") ? "secretGenerator" : "configMapGenerator";
      for (JsonNode item : tree.path(field)) {
        List<String> envs = new ArrayList<>(texts(item.path("envs")));
        if (item.hasNonNull("env")) {
          envs.add(item.path("env").asText());
        }
        generators.add(
            new Generator(
                kind,
                item.path("name").asText(),
                text(item, "namespace"),
                texts(item.path("literals")),
                texts(item.path("files")),
                envs));
      }
    }
    return generators;
  }
}
