package dev.jctl.controller.overlay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.overlay.Kustomization.PatchEntry;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestReader;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a directory with a kustomization says, those that it builds on included. */
final class KustomizeBuild {
  private static final int MAX_DEPTH = 20;

  private final SourceFiles files;

  /** On the way now; one that comes again would build on itself. */
  private final Set<String> under = new LinkedHashSet<>();

  KustomizeBuild(SourceFiles files) {
    this.files = files;
  }

  /** The path of a directory's kustomization; empty when it has none. */
  static String kustomization(SourceFiles files, String directory) {
    return Kustomization.NAMES.stream()
        .map(name -> join(directory, name))
        .filter(path -> files.text(path).isPresent())
        .findFirst()
        .orElse("");
  }

  List<ManifestDocument> build(String directory) {
    String where = kustomization(files, directory);
    if (where.isEmpty()) {
      throw ObjectPatch.wrong(
          directory.isEmpty() ? "." : directory, "there is no kustomization.yaml in it");
    }
    if (!under.add(where) || under.size() > MAX_DEPTH) {
      throw ObjectPatch.wrong(where, "builds on itself, or too deep: " + String.join(" → ", under));
    }
    Kustomization all = Kustomization.parse(where, text(where, where));
    List<ManifestDocument> documents = new ArrayList<>();
    for (String resource : all.resources()) {
      documents.addAll(resource(where, directory, resource));
    }
    all.generators()
        .forEach(
            g ->
                documents.add(
                    GeneratedObject.of(where, g, file -> text(where, join(directory, file)))));
    under.remove(where);
    return transformed(all, directory, documents);
  }

  private List<ManifestDocument> resource(String where, String directory, String resource) {
    if (resource.contains("://")) {
      throw ObjectPatch.wrong(
          where, "resources: " + resource + " is elsewhere; only files of this source are read");
    }
    String path = join(directory, resource);
    if (files.isDirectory(path)) {
      return build(path);
    }
    return ManifestReader.readAll(List.of(new ManifestReader.Source(path, text(where, path))));
  }

  private String text(String where, String path) {
    return files.text(path).orElseThrow(() -> ObjectPatch.wrong(where, "there is no file " + path));
  }

  private List<ManifestDocument> transformed(
      Kustomization all, String directory, List<ManifestDocument> read) {
    List<ManifestDocument> documents = read;
    for (PatchEntry entry : all.patches()) {
      String path = entry.path() == null ? "" : join(directory, entry.path());
      String where = path.isEmpty() ? all.where() : path;
      String text =
          path.isEmpty() ? Objects.requireNonNullElse(entry.text(), "") : text(all.where(), path);
      for (ObjectPatch patch : ObjectPatch.parse(where, text, entry.target())) {
        documents = patch.apply(documents);
      }
    }
    for (ImageOverride image : all.images()) {
      documents = documents.stream().map(image::apply).toList();
    }
    List<ManifestDocument> labelled = documents.stream().map(d -> labelled(all, d)).toList();
    return renamed(all, labelled);
  }

  private static ManifestDocument labelled(Kustomization all, ManifestDocument document) {
    ObjectNode tree = document.tree().deepCopy();
    ObjectNode metadata = tree.withObject("/metadata");
    if (all.namespace() != null && document.kind().namespaced()) {
      metadata.put("namespace", all.namespace());
    }
    all.labels().forEach((key, value) -> metadata.withObject("/labels").put(key, value));
    all.annotations().forEach((key, value) -> metadata.withObject("/annotations").put(key, value));
    return new ManifestDocument(document.source(), document.kind(), tree, document.positions());
  }

  private static List<ManifestDocument> renamed(
      Kustomization all, List<ManifestDocument> documents) {
    if (all.namePrefix().isEmpty() && all.nameSuffix().isEmpty()) {
      return documents;
    }
    Map<ResourceKind, Map<String, String>> names = new EnumMap<>(ResourceKind.class);
    List<ManifestDocument> renamed = new ArrayList<>();
    for (ManifestDocument document : documents) {
      ObjectNode tree = document.tree().deepCopy();
      if (document.kind() != ResourceKind.NAMESPACE) {
        String name = tree.at("/metadata/name").asText();
        String now = all.namePrefix() + name + all.nameSuffix();
        tree.withObject("/metadata").put("name", now);
        names.computeIfAbsent(document.kind(), kind -> new HashMap<>()).put(name, now);
      }
      renamed.add(
          new ManifestDocument(document.source(), document.kind(), tree, document.positions()));
    }
    NameReferences references = new NameReferences(names);
    return renamed.stream().map(references::apply).toList();
  }

  /** Without dots: {@code base}, of {@code overlay} and {@code ../base}; never above the root. */
  static String join(String directory, String path) {
    List<String> steps = new ArrayList<>();
    for (String step : (directory + "/" + path).split("/", -1)) {
      if (step.equals("..")) {
        if (steps.isEmpty()) {
          throw ObjectPatch.wrong(path, "leads out of the source");
        }
        steps.removeLast();
      } else if (!step.isEmpty() && !step.equals(".")) {
        steps.add(step);
      }
    }
    return String.join("/", steps);
  }
}
