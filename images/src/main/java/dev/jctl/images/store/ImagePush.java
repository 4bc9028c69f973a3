package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.PushedImage;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.Lease;
import dev.jctl.images.content.StorageFailure;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.oci.ManifestLinks;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.registry.BlobSource;
import dev.jctl.images.registry.RegistrySession;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An image on its way into a registry: its blobs, and when all are there its manifest.
 *
 * @param lease holds all of it
 */
record ImagePush(
    BlobStore blobs, Lease lease, StoredImage image, ImageReference to, ProgressMeter meter) {
  /** This platform's image. */
  PushedImage one(RegistrySession session) {
    Digest digest = Digest.parse(image.manifestDigest());
    requireNamed(digest);
    return push(session, digest, List.of(digest));
  }

  /**
   * The index with the images of all its platforms.
   *
   * @param index all of whose content is here
   */
  PushedImage all(RegistrySession session, Digest index) {
    if (index.equals(to.digest()) || to.digest() == null) {
      List<Digest> manifests = new ArrayList<>();
      addBelow(index, manifests);
      return push(session, index, manifests);
    }
    return one(session);
  }

  private void requireNamed(Digest digest) {
    if (to.digest() != null && !digest.equals(to.digest())) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH,
          "%s: the image's manifest is %s; push it by that digest or by a tag"
              .formatted(to, digest));
    }
  }

  /** Each after those that it names: a registry refuses what names anything that it lacks. */
  private void addBelow(Digest manifest, List<Digest> all) {
    if (!all.contains(manifest)) {
      links(manifest).manifests().forEach(below -> addBelow(below, all));
      all.add(manifest);
    }
  }

  private ManifestLinks links(Digest manifest) {
    return ManifestLinks.parse(to + ": manifest " + manifest, content(manifest));
  }

  private byte[] content(Digest manifest) {
    return blobs.read(to + ": manifest " + manifest, manifest, Documents.MAX_BYTES);
  }

  /**
   * @param manifests in this order, the last of them under the name that is asked for
   */
  private PushedImage push(RegistrySession session, Digest top, List<Digest> manifests) {
    List<Digest> sent =
        manifests.stream().flatMap(m -> links(m).blobs().stream()).distinct().toList();
    meter.expect(sent.size(), sent.stream().mapToLong(this::size).sum());
    AFewAtOnce.each(to.toString(), sent, blob -> send(session, blob));
    for (Digest manifest : manifests) {
      String version = manifest.equals(top) ? to.version() : manifest.toString();
      session.putManifest(to.toString(), version, links(manifest).mediaType(), content(manifest));
    }
    return new PushedImage(to.toString(), top.toString(), content(top).length);
  }

  private long size(Digest blob) {
    try {
      return Files.size(blobs.path(blob));
    } catch (IOException e) {
      throw StorageFailure.of(to + ": blob " + blob, e);
    }
  }

  private void send(RegistrySession session, Digest blob) {
    if (!lease.holds(blob)) {
      throw new ImageException(Reason.NOT_FOUND, to + ": blob " + blob + " is not in the store");
    }
    BlobSource source = new BlobSource(blob, size(blob), blobs.path(blob));
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
