package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.Lease;
import dev.jctl.images.oci.ConfigDocument;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.oci.ManifestDocument;
import dev.jctl.images.oci.ManifestDocument.ImageIndex;
import dev.jctl.images.oci.ManifestDocument.ImageManifest;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.oci.PlatformChoice;
import dev.jctl.images.reference.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings one image in: from a descriptor down to the layers, whatever the origin.
 *
 * @param lease holds all that is fetched until the image is listed
 */
record ImageImport(BlobStore blobs, Lease lease, Platform host, ProgressMeter meter) {
  private static final int MAX_INDEX_DEPTH = 4;

  /**
   * @param repoDigest as in {@link StoredImage}
   */
  StoredImage fetch(ImageOrigin origin, Descriptor top, @Nullable String repoDigest) {
    Descriptor chosen = top;
    for (int depth = 0; depth < MAX_INDEX_DEPTH; depth++) {
      switch (manifest(origin, chosen)) {
        case ImageIndex index ->
            chosen = PlatformChoice.choose(origin.name(), index.manifests(), host);
        case ImageManifest manifest -> {
          return image(origin, chosen.digest(), manifest, repoDigest);
        }
      }
    }
    throw new ImageException(
        Reason.CORRUPT, origin.name() + ": indexes within indexes, deeper than " + MAX_INDEX_DEPTH);
  }

  private ManifestDocument manifest(ImageOrigin origin, Descriptor descriptor) {
    String what = origin.name() + ": manifest " + descriptor.digest();
    return ManifestDocument.parse(
        what, document(what, descriptor, out -> origin.manifest(descriptor, out)));
  }

  private byte[] document(String what, Descriptor descriptor, Lease.Source source) {
    if (descriptor.size() > Documents.MAX_BYTES) {
      throw new ImageException(
          Reason.CORRUPT, what + ": larger than " + Documents.MAX_BYTES + " bytes");
    }
    lease.fetch(what, descriptor.digest(), descriptor.size(), source);
    return blobs.read(what, descriptor.digest(), Documents.MAX_BYTES);
  }

  private StoredImage image(
      ImageOrigin origin, Digest digest, ImageManifest manifest, @Nullable String repoDigest) {
    String what = origin.name() + ": configuration " + manifest.config().digest();
    ConfigDocument config =
        ConfigDocument.parse(
            what, document(what, manifest.config(), out -> origin.config(manifest.config(), out)));
    PlatformChoice.check(origin.name(), config.platform(), host);
    StoredImage image = describe(what, digest, manifest, config, repoDigest);
    meter.expect(manifest.layers().size(), image.sizeBytes());
    new LayerFetches(lease, origin, meter).fetchAll(manifest.layers());
    return image;
  }

  /** The image as it will be listed. */
  StoredImage describe(
      String what,
      Digest digest,
      ImageManifest manifest,
      ConfigDocument config,
      @Nullable String repoDigest) {
    return new StoredImage(
        manifest.config().digest().toString(),
        digest.toString(),
        repoDigest,
        config.platform().os().isEmpty() ? host.os() : config.platform().os(),
        config.platform().architecture().isEmpty()
            ? host.architecture()
            : config.platform().architecture(),
        config.config(),
        layers(what, manifest.layers(), config.diffIds()),
        manifest.layers().stream().mapToLong(Descriptor::size).sum());
  }

  private static List<StoredImage.Layer> layers(
      String what, List<Descriptor> layers, List<Digest> diffIds) {
    if (layers.size() != diffIds.size()) {
      throw new ImageException(
          Reason.CORRUPT,
          "%s: $.rootfs.diff_ids names %d layers, the manifest %d"
              .formatted(what, diffIds.size(), layers.size()));
    }
    List<StoredImage.Layer> list = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Descriptor layer = layers.get(i);
      list.add(
          new StoredImage.Layer(
              layer.digest().toString(),
              diffIds.get(i).toString(),
              layer.mediaType(),
              layer.size()));
    }
    return list;
  }
}
