package dev.jctl.images.oci;

import java.util.List;

/**
 * One image of a docker-archive's {@code manifest.json}: names of files in the archive.
 *
 * @param tags {@code nginx:1.27}
 */
public record DockerArchiveImage(String config, List<String> tags, List<String> layers) {
  public DockerArchiveImage {
    tags = List.copyOf(tags);
    layers = List.copyOf(layers);
  }

  public static List<DockerArchiveImage> parse(String document, byte[] content) {
    return JsonCursor.parse(document, content).elements().stream()
        .map(
            at ->
                new DockerArchiveImage(
                    at.required("Config").text(), at.texts("RepoTags"), at.texts("Layers")))
        .toList();
  }
}
