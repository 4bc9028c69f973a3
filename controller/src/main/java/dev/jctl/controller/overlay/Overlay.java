package dev.jctl.controller.overlay;

import dev.jctl.controller.overlay.SourceFiles.SourceFile;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is changed about the manifests of a source before they are applied.
 *
 * @param variables empty: {@code ${…}} is text like any other
 * @param patches after those of a kustomization
 * @param images after the patches
 */
public record Overlay(
    Optional<Map<String, String>> variables,
    List<ObjectPatch> patches,
    List<ImageOverride> images) {
  public Overlay {
    patches = List.copyOf(patches);
    images = List.copyOf(images);
  }

  /**
   * The objects of a directory: what its kustomization says when it has one, else all manifests in
   * it and below.
   *
   * @throws dev.jctl.manifests.codec.ManifestException with file, line and column
   */
  public List<ManifestDocument> render(SourceFiles source, String path) {
    String directory = KustomizeBuild.join("", path);
    SourceFiles files =
        variables.map(values -> source.mapped(new Variables(values)::substitute)).orElse(source);
    List<ManifestDocument> documents =
        KustomizeBuild.kustomization(files, directory).isEmpty()
            ? plain(files.manifests(directory))
            : new KustomizeBuild(files).build(directory);
    for (ObjectPatch patch : patches) {
      documents = patch.apply(documents);
    }
    for (ImageOverride image : images) {
      documents = documents.stream().map(image::apply).toList();
    }
    return documents;
  }

  private static List<ManifestDocument> plain(List<SourceFile> files) {
    return ManifestReader.readAll(
        files.stream().map(f -> new ManifestReader.Source(f.path(), f.text())).toList());
  }
}
