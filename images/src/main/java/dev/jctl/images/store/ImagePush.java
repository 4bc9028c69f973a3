package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.PushedImage;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.Lease;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.oci.ManifestDocument;
import dev.jctl.images.oci.ManifestDocument.ImageManifest;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.registry.BlobSource;
import dev.jctl.images.registry.RegistrySession;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One image on its way into a registry: its blobs, and when all are there its manifest.
 *
 * @param lease holds all of it
 */
record ImagePush(
    BlobStore blobs, Lease lease, StoredImage image, ImageReference to, ProgressMeter meter) {
  PushedImage with(RegistrySession session) {
    Digest digest = Digest.parse(image.manifestDigest());
    if (to.digest() != null && !digest.equals(to.digest())) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH,
          "%s: the image's manifest is %s; push it by that digest or by a tag"
              .formatted(to, digest));
    }
    byte[] content = blobs.read(to + ": manifest " + digest, digest, Documents.MAX_BYTES);
    ImageManifest manifest = manifest(content);
    List<Descriptor> sent =
        Stream.concat(manifest.layers().stream(), Stream.of(manifest.config())).distinct().toList();
    meter.expect(sent.size(), sent.stream().mapToLong(Descriptor::size).sum());
    AFewAtOnce.each(to.toString(), sent, blob -> send(session, blob));
    session.putManifest(to.toString(), to.version(), ManifestDocument.mediaType(content), content);
    return new PushedImage(to.toString(), digest.toString(), content.length);
  }

  private ImageManifest manifest(byte[] content) {
    String what = to + ": manifest " + image.manifestDigest();
    return switch (ManifestDocument.parse(what, content)) {
      case ImageManifest manifest -> manifest;
      case ManifestDocument.ImageIndex index ->
          throw new ImageException(Reason.CORRUPT, what + ": an index where a manifest should be");
    };
  }

  private void send(RegistrySession session, Descriptor blob) {
    if (!lease.holds(blob.digest())) {
      throw new ImageException(
          Reason.NOT_FOUND, to + ": blob " + blob.digest() + " is not in the store");
    }
    BlobSource source = new BlobSource(blob.digest(), blob.size(), blobs.path(blob.digest()));
    session.upload(to.toString(), source, beside(image.repoDigest()), meter::add);
    meter.layerDone();
  }

  /** The repository that it was pulled from, when it is another one of the same registry. */
  private Optional<String> beside(@Nullable String repoDigest) {
    if (repoDigest == null) {
      return Optional.empty();
    }
    ImageReference from = ImageReference.parse(repoDigest);
    return from.registry().equals(to.registry()) && !from.repository().equals(to.repository())
        ? Optional.of(from.repository())
        : Optional.empty();
  }
}
