package dev.jctl.images.store;

import dev.jctl.images.content.BlobStore;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.reference.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was pushed to this instance.
 *
 * @param tagged manifests whose tags say that they are about the image
 */
record StoredSignatures(BlobStore blobs, List<String> tagged) implements SignatureOrigin {
  StoredSignatures {
    tagged = List.copyOf(tagged);
  }

  @Override
  public List<String> candidates(Digest manifest) {
    List<String> digests = new ArrayList<>(tagged);
    blobs.referrers().of(manifest).forEach(referrer -> digests.add(referrer.toString()));
    return digests;
  }

  @Override
  public Optional<byte[]> manifest(String version) {
    return Optional.of(Digest.parse(version)).filter(blobs::has).map(digest -> read(digest));
  }

  private byte[] read(Digest digest) {
    return blobs.read("signatures " + digest, digest, Documents.MAX_BYTES);
  }

  @Override
  public byte[] content(Descriptor layer) {
    return blobs.read("signature " + layer.digest(), layer.digest(), (int) layer.size());
  }
}
