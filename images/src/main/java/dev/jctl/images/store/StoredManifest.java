package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.BlobWriter;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.Digest;

/** An image all of whose blobs are in the store: whatever it lacks cannot be had. */
record StoredManifest(String name) implements ImageOrigin {
  static StoredImage load(String digest, ImageImport into) {
    Digest top = Digest.parse(digest);
    into.lease().holds(top);
    return into.fetch(new StoredManifest(digest), new Descriptor("", top, -1), null);
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
