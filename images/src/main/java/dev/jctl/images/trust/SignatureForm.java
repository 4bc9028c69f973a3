package dev.jctl.images.trust;

import dev.jctl.images.reference.Digest;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.List;

/** How a signature is written down. */
sealed interface SignatureForm permits SimpleSigning, SigstoreBundle {
  /** Whether somebody has made it whom the policy knows. */
  void signed(Requirement.SigstoreSigned requirement) throws Refused;

  /**
   * Whether it is about that image. Only to be believed of one that is signed.
   *
   * @param repository that the image is of
   */
  void claims(Requirement.Identity identity, String repository, Digest manifest) throws Refused;

  static void byOneOf(List<PublicKey> keys, byte[] content, byte[] signature) throws Refused {
    if (!verifies(keys, content, signature)) {
      throw new Refused("none of the policy's keys has made it");
    }
  }

  /** Made with a key that lived for minutes, while it lived. */
  static void byVouched(VouchedKey vouched, Instant time, byte[] content, byte[] signature)
      throws Refused {
    vouched.wasValid(time);
    vouched.wasPublished();
    if (!verifies(vouched.certificate().getPublicKey(), content, signature)) {
      throw new Refused("its certificate's key has not made it");
    }
  }

  /** Whether one of the keys has made it. */
  static boolean verifies(List<PublicKey> keys, byte[] content, byte[] signature) {
    return keys.stream().anyMatch(key -> verifies(key, content, signature));
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
}
