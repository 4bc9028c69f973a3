package dev.jctl.images.trust;

import dev.jctl.images.ImageException;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.JsonCursor;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A signature as cosign keeps it: what was signed is a blob, the rest is in the annotations of its
 * descriptor.
 *
 * @see <a
 *     href="https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md">SIGNATURE_SPEC.md</a>
 */
public final class ImageSignature {
  /** Of the blob. */
  public static final String MEDIA_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";

  private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
  private static final String CERTIFICATE = "dev.sigstore.cosign/certificate";
  private static final String CHAIN = "dev.sigstore.cosign/chain";
  private static final String BUNDLE = "dev.sigstore.cosign/bundle";
  private static final String PAYLOAD_TYPE = "cosign container image signature";

  /** It does not count; the message says why. */
  static final class Refused extends Exception {
    @java.io.Serial private static final long serialVersionUID = 1L;

    Refused(String why) {
      super(why);
    }
  }

  private final byte[] payload;
  private final Map<String, String> annotations;

  /**
   * @param payload not changed any more
   */
  public ImageSignature(byte[] payload, Map<String, String> annotations) {
    this.payload = payload;
    this.annotations = Map.copyOf(annotations);
  }

  public static boolean isOne(Descriptor layer) {
    return layer.mediaType().equals(MEDIA_TYPE);
  }

  /**
   * Whether it says of that very manifest in that repository what is required.
   *
   * @return why not; empty when it does
   */
  public Optional<String> refusal(
      Requirement.SigstoreSigned requirement, ImageReference image, Digest manifest) {
    try {
      signed(requirement);
      claims(requirement.repository() == null ? image.name() : requirement.repository(), manifest);
      return Optional.empty();
    } catch (Refused e) {
      return Optional.ofNullable(e.getMessage());
    } catch (ImageException | IllegalArgumentException e) {
      return Optional.of("it is malformed: " + e.getMessage());
    }
  }

  private void signed(Requirement.SigstoreSigned requirement) throws Refused {
    byte[] signature = Base64.getDecoder().decode(annotation(SIGNATURE));
    Requirement.@Nullable Authority authority = requirement.authority();
    if (authority != null) {
      VouchedKey vouched =
          VouchedKey.of(authority, annotation(CERTIFICATE), annotations.getOrDefault(CHAIN, ""));
      LogEntry entry = LogEntry.parse(annotation(BUNDLE), authority.log());
      entry.isOf(payload, signature, vouched.certificate());
      vouched.wasValid(entry.time());
      if (!verifies(vouched.certificate().getPublicKey(), payload, signature)) {
        throw new Refused("its certificate's key has not made it");
      }
    } else if (requirement.keys().stream().noneMatch(key -> verifies(key, payload, signature))) {
      throw new Refused("none of the policy's keys has made it");
    }
  }

  private String annotation(String name) throws Refused {
    String value = annotations.get(name);
    if (value == null) {
      throw new Refused("it has no annotation " + name);
    }
    return value;
  }

  /** With the algorithms that cosign uses for a key's kind. */
  static boolean verifies(PublicKey key, byte[] content, byte[] signature) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> "Ed25519";
        };
    try {
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(key);
      verifier.update(content);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Simple signing: containers-signature(5). Only to be believed when the signature is right. */
  private void claims(String repository, Digest manifest) throws Refused {
    JsonCursor critical = JsonCursor.parse("signature", payload).required("critical");
    String type = critical.required("type").text();
    if (!type.equals(PAYLOAD_TYPE)) {
      throw new Refused("it is a signature of type \"" + type + "\"");
    }
    Digest about = critical.required("image").required("docker-manifest-digest").digest();
    if (!about.equals(manifest)) {
      throw new Refused("it is about " + about);
    }
    String name = critical.required("identity").required("docker-reference").text();
    if (!repository(name).equals(repository)) {
      throw new Refused("it is about " + name + ", not " + repository);
    }
  }

  /** go-containerregistry, which cosign uses, names Docker's registry by its host. */
  private static String repository(String name) {
    return ImageReference.parse(name.replaceFirst("^index\\.docker\\.io/", "docker.io/")).name();
  }
}
