package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.content.StorageFailure;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * What lies beside an image in its OCI layout, as {@code cosign save} and copies with all referrers
 * write it.
 *
 * @param others manifests that the layout's index names
 */
record LayoutSignatures(String name, ArchiveFiles files, List<Descriptor> others)
    implements SignatureOrigin {
  /** What cosign says of a manifest in a layout. */
  private static final String KIND = "kind";

  private static final String IMAGE_KINDS =
      "dev.cosignproject.cosign/image|dev.cosignproject.cosign/imageIndex";

  LayoutSignatures {
    others = List.copyOf(others);
  }

  /** About an image, and none itself. */
  static boolean isAbout(Descriptor descriptor) {
    String kind = descriptor.annotations().getOrDefault(KIND, "");
    return kind.startsWith("dev.cosignproject.cosign/") && !kind.matches(IMAGE_KINDS);
  }

  @Override
  public List<String> candidates(Digest manifest) {
    return others.stream().map(d -> d.digest().toString()).toList();
  }

  @Override
  public Optional<byte[]> manifest(String version) {
    return Optional.of(read(Digest.parse(version), Documents.MAX_BYTES));
  }

  // Whether it is what its digest says does not matter: the signature is what is believed.
  @Override
  public byte[] content(Descriptor layer) {
    return read(layer.digest(), (int) layer.size());
  }

  private byte[] read(Digest digest, int maxBytes) {
    try (InputStream in = files.required(name, OciLayout.path(digest))) {
      byte[] content = in.readNBytes(maxBytes + 1);
      if (content.length > maxBytes) {
        throw new ImageException(
            Reason.CORRUPT, name + ": " + digest + " is larger than it was said to be");
      }
      return content;
    } catch (IOException e) {
      throw StorageFailure.of(name + ": " + digest, e);
    }
  }
}
