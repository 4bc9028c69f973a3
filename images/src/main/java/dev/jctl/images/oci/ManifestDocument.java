package dev.jctl.images.oci;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.util.List;

/** What a tag or digest leads to: one image, or a choice of images. */
public sealed interface ManifestDocument {
  /**
   * One image: its configuration, and its layers, lowest first. OCI image spec, manifest.md; Docker
   * schema 2.
   */
  record ImageManifest(Descriptor config, List<Descriptor> layers) implements ManifestDocument {
    public ImageManifest {
      layers = List.copyOf(layers);
    }
  }

  /** Images for several platforms. OCI image spec, image-index.md; Docker manifest list. */
  record ImageIndex(List<Descriptor> manifests) implements ManifestDocument {
    public ImageIndex {
      manifests = List.copyOf(manifests);
    }
  }

  /**
   * Reads either, by what is in it: OCI leaves {@code mediaType} optional.
   *
   * @param document for messages, {@code manifest sha256:…}
   * @throws ImageException CORRUPT naming document and JSON path; UNSUPPORTED for what is no image
   */
  static ManifestDocument parse(String document, byte[] content) {
    JsonCursor root = JsonCursor.parse(document, content);
    String mediaType = root.text("mediaType");
    if (MediaTypes.isIndex(mediaType)) {
      return index(root);
    }
    if (MediaTypes.isManifest(mediaType)) {
      return manifest(root);
    }
    if (!mediaType.isEmpty()) {
      throw unsupported(document, "media type " + mediaType + " is not an image");
    }
    if (root.field("schemaVersion").map(v -> v.node().asInt() == 1).orElse(false)) {
      throw unsupported(
          document, "Docker manifest schema 1 has been retired; push the image again");
    }
    return root.field("manifests").isPresent() ? index(root) : manifest(root);
  }

  /**
   * What it is to be called in HTTP; OCI leaves it out of the document where it is one of OCI's.
   */
  static String mediaType(byte[] content) {
    String mediaType = JsonCursor.parse("manifest", content).text("mediaType");
    return mediaType.isEmpty() ? MediaTypes.OCI_MANIFEST : mediaType;
  }

  private static ImageIndex index(JsonCursor root) {
    return new ImageIndex(
        root.required("manifests").elements().stream().map(Descriptor::read).toList());
  }

  private static ImageManifest manifest(JsonCursor root) {
    Descriptor config = Descriptor.read(root.required("config"));
    if (!MediaTypes.isConfig(config.mediaType())) {
      throw unsupported(
          root.document(), "it holds " + config.mediaType() + ", which is not a container image");
    }
    List<Descriptor> layers =
        root.required("layers").elements().stream().map(Descriptor::read).toList();
    for (Descriptor layer : layers) {
      if (!MediaTypes.isLayer(layer.mediaType())) {
        throw unsupported(
            root.document(), "layer " + layer.digest() + " has media type " + layer.mediaType());
      }
    }
    return new ImageManifest(config, layers);
  }

  private static ImageException unsupported(String document, String why) {
    return new ImageException(Reason.UNSUPPORTED, document + ": " + why);
  }
}
