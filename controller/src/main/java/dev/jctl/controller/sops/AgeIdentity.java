package dev.jctl.controller.sops;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** A secret key of age(1) for X25519; C2SP, age.md, "The X25519 recipient type". */
public final class AgeIdentity {
  private static final String PREFIX = "age-secret-key-";
  private static final int LENGTH = 32;
  private static final byte[] INFO =
      "age-encryption.org/v1/X25519".getBytes(StandardCharsets.US_ASCII);

  private final PrivateKey key;
  private final byte[] recipient;

  private AgeIdentity(byte[] scalar) throws GeneralSecurityException {
    this.key =
        KeyFactory.getInstance("X25519")
            .generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar));
    byte[] base = new byte[LENGTH];
    base[0] = 9;
    this.recipient = agree(base);
  }

  /**
   * All in texts as age-keygen(1) writes them: a key a line, comments with #.
   *
   * @throws DecryptionException when a line is no key
   */
  public static List<AgeIdentity> parse(Collection<String> texts) {
    return texts.stream()
        .flatMap(String::lines)
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .map(AgeIdentity::ofLine)
        .toList();
  }

  private static AgeIdentity ofLine(String line) {
    try {
      byte[] scalar = Bech32.decode(PREFIX, line);
      if (scalar.length != LENGTH) {
        throw new IllegalArgumentException("it has not 32 bytes");
      }
      return new AgeIdentity(scalar);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new DecryptionException(
          "spec.decryption: a line is no key of age, AGE-SECRET-KEY-1…: " + e.getMessage(), e);
    }
  }

  private byte[] agree(byte[] share) throws GeneralSecurityException {
    byte[] bigEndian = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      bigEndian[i] = share[LENGTH - 1 - i];
    }
    bigEndian[0] &= 0x7f; // RFC 7748, section 5: the highest bit does not count
    KeyAgreement agreement = KeyAgreement.getInstance("X25519");
    agreement.init(key);
    agreement.doPhase(
        KeyFactory.getInstance("X25519")
            .generatePublic(
                new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, bigEndian))),
        true);
    return agreement.generateSecret();
  }

  /** The key of a file, when it was wrapped for this identity. */
  Optional<byte[]> unwrap(byte[] share, byte[] wrapped) throws GeneralSecurityException {
    if (share.length != LENGTH) {
      return Optional.empty();
    }
    byte[] salt = ByteBuffer.allocate(2 * LENGTH).put(share).put(recipient).array();
    try {
      return Optional.of(open(derive(agree(share), salt, INFO), new byte[12], wrapped));
    } catch (AEADBadTagException forSomebodyElse) {
      return Optional.empty();
    }
  }

  /** HKDF with SHA-256, RFC 5869, to 32 bytes. */
  static byte[] derive(byte[] key, byte[] salt, byte[] info) throws GeneralSecurityException {
    HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract().addIKM(key);
    if (salt.length > 0) {
      extract.addSalt(salt);
    }
    return KDF.getInstance("HKDF-SHA256").deriveData(extract.thenExpand(info, LENGTH));
  }

  /** ChaCha20-Poly1305, RFC 8439. */
  static byte[] open(byte[] key, byte[] nonce, byte[] sealed) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(
        Cipher.DECRYPT_MODE, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(nonce));
    return cipher.doFinal(sealed);
  }
}
