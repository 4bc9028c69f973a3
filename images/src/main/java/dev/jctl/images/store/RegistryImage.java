package dev.jctl.images.store;

import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.BlobWriter;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.registry.RegistrySession;
import java.io.IOException;

/** An image in a registry. */
record RegistryImage(RegistrySession session, ImageReference reference) implements ImageOrigin {
  StoredImage load(TrustCheck trust, ImageImport into) {
    byte[] top = top(into);
    trust.require(
        reference,
        Digest.of(top),
        new RegistrySignatures(session, reference, into.blobs(), into.lease()));
    Digest digest = into.lease().put(name() + ": manifest", top);
    return into.fetch(this, new Descriptor("", digest, top.length), reference.pinned(digest));
  }

  /** What is named by digest and already here need not be asked for. */
  private byte[] top(ImageImport into) {
    Digest pinned = reference.digest();
    return pinned != null && into.lease().holds(pinned)
        ? into.blobs().read(name() + ": manifest " + pinned, pinned, Documents.MAX_BYTES)
        : session.manifest(name(), reference.version());
  }

  @Override
  public String name() {
    return reference.toString();
  }

  @Override
  public void manifest(Descriptor descriptor, BlobWriter out) throws IOException {
    out.write(session.manifest(name(), descriptor.digest().toString()));
  }

  @Override
  public void config(Descriptor descriptor, BlobWriter out) {
    session.blob(name(), descriptor, out, n -> {});
  }

  @Override
  public void layer(Descriptor descriptor, BlobWriter out, ProgressMeter meter) {
    session.blob(name(), descriptor, out, meter::add);
  }
}
