package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.Lease;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.registry.RegistrySession;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where cosign puts them: under a tag made of the digest, or as referrers. */
record RegistrySignatures(
    RegistrySession session, ImageReference image, BlobStore blobs, Lease lease)
    implements SignatureOrigin {
  @Override
  public List<String> candidates(Digest manifest) {
    List<String> versions = new ArrayList<>(List.of(ImageReference.signatureTag(manifest)));
    session.referrers(image.toString(), manifest).stream()
        .map(referrer -> referrer.digest().toString())
        .forEach(versions::add);
    return versions;
  }

  @Override
  public Optional<byte[]> manifest(String version) {
    try {
      return Optional.of(session.manifest(image.toString(), version));
    } catch (ImageException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public byte[] content(Descriptor layer) {
    String what = image + ": signature " + layer.digest();
    lease.fetch(what, layer.digest(), layer.size(), out -> session.blob(what, layer, out, n -> {}));
    return blobs.read(what, layer.digest(), (int) layer.size());
  }
}
