package dev.jctl.controller.encryption;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A value sealed by AES-256-GCM (NIST SP 800-38D). Each has a key and a nonce of its own, derived
 * (HKDF-SHA256, RFC 5869) from the sealing key and 256 random bits, so that no number of writes
 * wears a key out. Where it is stored is authenticated with it: what is moved to another object's
 * place does not open.
 *
 * <pre>version 1 | id of the key 4 | salt 32 | ciphertext | tag 16</pre>
 */
final class Envelope {
  /** JSON never begins so: what does not is a value of before there was sealing. */
  private static final byte VERSION = 1;

  private static final int SALT_BYTES = 32;
  private static final int TAG_BITS = 128;
  private static final int NONCE_BYTES = 12;
  private static final int HEAD_BYTES = 1 + SealingKey.ID_BYTES + SALT_BYTES;
  private static final byte[] PURPOSE = "jctl secret 1".getBytes(StandardCharsets.US_ASCII);
  private static final SecureRandom RANDOM = new SecureRandom();

  private Envelope() {}

  /** It is damaged, of another place, or of a later version. */
  static final class SealBroken extends Exception {
    @java.io.Serial private static final long serialVersionUID = 1L;

    SealBroken(String message, Throwable cause) {
      super(message, cause);
    }
  }

  static boolean isOne(byte[] value) {
    return value.length > 0 && value[0] == VERSION;
  }

  /** Of the key that opens it. */
  static String keyId(byte[] sealed) {
    int end = Math.min(sealed.length, 1 + SealingKey.ID_BYTES);
    return HexFormat.of().formatHex(sealed, 1, end);
  }

  static byte[] seal(SealingKey key, String place, byte[] value) {
    byte[] salt = new byte[SALT_BYTES];
    RANDOM.nextBytes(salt);
    byte[] head = ByteBuffer.allocate(HEAD_BYTES).put(VERSION).put(key.idBytes()).put(salt).array();
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, salt, head, place);
      byte[] sealed = Arrays.copyOf(head, HEAD_BYTES + cipher.getOutputSize(value.length));
      cipher.doFinal(value, 0, value.length, sealed, HEAD_BYTES);
      return sealed;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal " + place, e);
    }
  }

  static byte[] open(SealingKey key, String place, byte[] sealed) throws SealBroken {
    if (sealed.length < HEAD_BYTES + TAG_BITS / 8) {
      throw new SealBroken("it is cut short", new IllegalArgumentException());
    }
    byte[] head = Arrays.copyOf(sealed, HEAD_BYTES);
    byte[] salt = Arrays.copyOfRange(sealed, HEAD_BYTES - SALT_BYTES, HEAD_BYTES);
    try {
      return cipher(Cipher.DECRYPT_MODE, key, salt, head, place)
          .doFinal(sealed, HEAD_BYTES, sealed.length - HEAD_BYTES);
    } catch (GeneralSecurityException e) {
      throw new SealBroken("it was changed, or belongs to another object", e);
    }
  }

  private static Cipher cipher(int mode, SealingKey key, byte[] salt, byte[] head, String place)
      throws GeneralSecurityException {
    byte[] derived =
        KDF.getInstance("HKDF-SHA256")
            .deriveData(
                HKDFParameterSpec.ofExtract()
                    .addIKM(key.secret())
                    .addSalt(salt)
                    .thenExpand(PURPOSE, SealingKey.BYTES + NONCE_BYTES));
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        mode,
        new SecretKeySpec(derived, 0, SealingKey.BYTES, "AES"),
        new GCMParameterSpec(TAG_BITS, derived, SealingKey.BYTES, NONCE_BYTES));
    cipher.updateAAD(head);
    cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
