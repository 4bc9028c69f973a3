package dev.jctl.images.oci;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest or index of any sort names, images or not. OCI image spec 1.1, manifest.md and
 * image-index.md.
 *
 * @param mediaType of itself
 * @param manifests of an index
 * @param blobs of a manifest: its configuration and layers
 * @param subject what it is about; null for nothing
 * @param artifactType what it is, empty for an image
 */
public record ManifestLinks(
    String mediaType,
    List<Digest> manifests,
    List<Digest> blobs,
    @Nullable Digest subject,
    String artifactType,
    Map<String, String> annotations) {
  public ManifestLinks {
    manifests = List.copyOf(manifests);
    blobs = List.copyOf(blobs);
    annotations = Map.copyOf(annotations);
  }

  /**
   * @throws ImageException CORRUPT naming document and JSON path; UNSUPPORTED
   */
  public static ManifestLinks parse(String document, byte[] content) {
    JsonCursor root = JsonCursor.parse(document, content);
    if (root.field("schemaVersion").map(v -> v.node().asInt() != 2).orElse(true)) {
      throw new ImageException(
          Reason.UNSUPPORTED, document + ": $.schemaVersion must be 2; push the image again");
    }
    String mediaType = mediaType(root);
    boolean isIndex = MediaTypes.isIndex(mediaType);
    if (!isIndex && !MediaTypes.isManifest(mediaType)) {
      throw new ImageException(
          Reason.UNSUPPORTED,
          document + ": media type " + mediaType + " is neither a manifest nor an index");
    }
    return new ManifestLinks(
        mediaType,
        isIndex ? digests(root.elements("manifests")) : List.of(),
        isIndex ? List.of() : blobs(root),
        root.field("subject").map(s -> s.required("digest").digest()).orElse(null),
        artifactType(root, isIndex),
        root.textMap("annotations"));
  }

  /** All that it names but its subject. */
  public Stream<Digest> content() {
    return Stream.concat(manifests.stream(), blobs.stream());
  }

  /** OCI leaves it out of the document where it is one of OCI's. */
  private static String mediaType(JsonCursor root) {
    String said = root.text("mediaType");
    if (!said.isEmpty()) {
      return said;
    }
    return root.field("manifests").isPresent() ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
  }

  private static List<Digest> blobs(JsonCursor root) {
    List<JsonCursor> all = new ArrayList<>(List.of(root.required("config")));
    all.addAll(root.elements("layers"));
    return digests(all);
  }

  private static List<Digest> digests(List<JsonCursor> descriptors) {
    return descriptors.stream().map(d -> d.required("digest").digest()).distinct().toList();
  }

  /** Of a manifest that does not say it, the media type of its configuration. */
  private static String artifactType(JsonCursor root, boolean isIndex) {
    String said = root.text("artifactType");
    return said.isEmpty() && !isIndex ? root.required("config").text("mediaType") : said;
  }
}
