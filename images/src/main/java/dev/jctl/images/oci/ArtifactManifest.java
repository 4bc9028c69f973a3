package dev.jctl.images.oci;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.util.List;

/**
 * What a manifest of anything but an image names. OCI image spec, manifest.md, "Guidelines for
 * Artifact Usage".
 */
public record ArtifactManifest(List<Descriptor> layers) {
  public ArtifactManifest {
    layers = List.copyOf(layers);
  }

  /**
   * @param document for messages
   * @throws ImageException CORRUPT; UNSUPPORTED for what has no layers
   */
  public static ArtifactManifest parse(String document, byte[] content) {
    JsonCursor root = JsonCursor.parse(document, content);
    if (root.field("layers").isEmpty()) {
      throw new ImageException(
          Reason.UNSUPPORTED, document + ": it has no layers: it is no artifact but an index");
    }
    return new ArtifactManifest(
        root.required("layers").elements().stream().map(Descriptor::read).toList());
  }

  /**
   * The layer with the files: the first that is a tar, as Flux takes it.
   *
   * @throws ImageException UNSUPPORTED when there is none
   */
  public Descriptor archive(String document) {
    return layers.stream()
        .filter(layer -> layer.mediaType().matches(".*[.+]tar([.+](gzip|gz|zstd))?"))
        .findFirst()
        .orElseThrow(
            () ->
                new ImageException(Reason.UNSUPPORTED, document + ": none of its layers is a tar"));
  }
}
