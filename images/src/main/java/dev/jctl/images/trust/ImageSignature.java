package dev.jctl.images.trust;

import dev.jctl.images.ImageException;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.Digest;
import java.util.Optional;

/** A signature of an image, in one of the forms that cosign gives it. */
public final class ImageSignature {
  private final SignatureForm form;

  private ImageSignature(SignatureForm form) {
    this.form = form;
  }

  public static boolean isOne(Descriptor layer) {
    return layer.mediaType().equals(SimpleSigning.MEDIA_TYPE)
        || layer.mediaType().startsWith(SigstoreBundle.MEDIA_TYPE);
  }

  /**
   * @param layer for which {@link #isOne} holds
   * @param content of it, not changed any more
   */
  public static ImageSignature of(Descriptor layer, byte[] content) {
    return new ImageSignature(
        layer.mediaType().equals(SimpleSigning.MEDIA_TYPE)
            ? new SimpleSigning(content, layer.annotations())
            : new SigstoreBundle(content));
  }

  /**
   * Whether it says of that very manifest in that repository what is required.
   *
   * @return why not; empty when it does
   */
  public Optional<String> refusal(
      Requirement.SigstoreSigned requirement, String repository, Digest manifest) {
    try {
      form.signed(requirement);
      form.claims(requirement.identity(), repository, manifest);
      return Optional.empty();
    } catch (Refused e) {
      return Optional.ofNullable(e.getMessage());
    } catch (ImageException | IllegalArgumentException e) {
      return Optional.of("it is malformed: " + e.getMessage());
    }
  }
}
