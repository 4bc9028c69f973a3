package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.BlobWriter;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;

/** An image all of whose blobs are in the store: whatever it lacks cannot be had. */
record StoredManifest(String name) implements ImageOrigin {
  static StoredImage load(ImageSource.Manifest source, TrustCheck trust, ImageImport into) {
    Digest top = Digest.parse(source.digest());
    into.lease().holds(top);
    trust.require(
        ImageReference.parse(source.reference()),
        top,
        new StoredSignatures(into.blobs(), source.signatures()));
    return into.fetch(new StoredManifest(source.digest()), new Descriptor("", top, -1), null);
  }

  @Override
  public void manifest(Descriptor descriptor, BlobWriter out) {
    throw lacking(descriptor);
  }

  @Override
  public void config(Descriptor descriptor, BlobWriter out) {
    throw lacking(descriptor);
  }

  @Override
  public void layer(Descriptor descriptor, BlobWriter out, ProgressMeter meter) {
    throw lacking(descriptor);
  }

  private ImageException lacking(Descriptor descriptor) {
    return new ImageException(
        Reason.NOT_FOUND,
        "%s: %s is not in the store; push it again".formatted(name, descriptor.digest()));
  }
}
