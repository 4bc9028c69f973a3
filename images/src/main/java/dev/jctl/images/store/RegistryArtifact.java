package dev.jctl.images.store;

import dev.jctl.images.ArchiveFile;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.Artifact;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.Lease;
import dev.jctl.images.layer.SmallArchive;
import dev.jctl.images.oci.ArtifactManifest;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.registry.RegistrySession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;

/** Files in a registry. What is fetched goes with the next collection of garbage. */
record RegistryArtifact(RegistrySession session, ImageReference reference) {
  private static final long MAX_BYTES = 32L << 20;

  Artifact load(BlobStore blobs, TrustCheck trust) {
    String what = reference.toString();
    byte[] manifest = session.manifest(what, reference.version());
    Descriptor layer = ArtifactManifest.parse(what, manifest).archive(what);
    if (layer.size() > MAX_BYTES) {
      throw new ImageException(
          Reason.UNSUPPORTED, what + ": larger than " + (MAX_BYTES >> 20) + " MiB");
    }
    try (Lease lease = blobs.lease()) {
      trust.require(
          reference, Digest.of(manifest), new RegistrySignatures(session, reference, blobs, lease));
      lease.fetch(
          what, layer.digest(), layer.size(), out -> session.blob(what, layer, out, n -> {}));
      return new Artifact(Digest.of(manifest).toString(), files(what, blobs, layer.digest()));
    }
  }

  private static List<ArchiveFile> files(String what, BlobStore blobs, Digest digest) {
    try (InputStream in = Files.newInputStream(blobs.path(digest))) {
      return SmallArchive.read(what, in);
    } catch (IOException e) {
      throw new ImageException(Reason.IO, what + ": " + e.getMessage(), e);
    }
  }
}
