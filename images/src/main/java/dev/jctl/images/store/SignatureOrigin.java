package dev.jctl.images.store;

import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.Digest;
import java.util.List;
import java.util.Optional;

/** Where signatures of a manifest may be: in layers of other manifests. */
interface SignatureOrigin {
  /** By tag or digest. */
  List<String> candidates(Digest manifest);

  /** Empty when there is none. */
  Optional<byte[]> manifest(String version);

  /**
   * @param layer small
   */
  byte[] content(Descriptor layer);

  /** Where none can be. */
  record None() implements SignatureOrigin {
    @Override
    public List<String> candidates(Digest manifest) {
      return List.of();
    }

    @Override
    public Optional<byte[]> manifest(String version) {
      return Optional.empty();
    }

    @Override
    public byte[] content(Descriptor layer) {
      throw new IllegalStateException("there is no layer " + layer.digest());
    }
  }
}
