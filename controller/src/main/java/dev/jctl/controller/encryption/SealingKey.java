package dev.jctl.controller.encryption;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** 256 random bits, and the name by which what they sealed refers to them. Never printed. */
final class SealingKey {
  static final int BYTES = 32;

  /** Enough to tell a handful of keys apart. */
  static final int ID_BYTES = 4;

  private final byte[] secret;
  private final byte[] id;

  private SealingKey(byte[] secret) {
    this.secret = secret;
    this.id = Arrays.copyOf(digest(secret), ID_BYTES);
  }

  static SealingKey random() {
    byte[] secret = new byte[BYTES];
    new SecureRandom().nextBytes(secret);
    return new SealingKey(secret);
  }

  /**
   * @throws IllegalArgumentException when it is no key; the message does not say what it is
   */
  static SealingKey parse(String base64) {
    byte[] secret;
    try {
      secret = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not base64", e);
    }
    if (secret.length != BYTES) {
      throw new IllegalArgumentException(
          "expected " + BYTES + " bytes in base64, found " + secret.length);
    }
    return new SealingKey(secret);
  }

  private static byte[] digest(byte[] secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  String base64() {
    return Base64.getEncoder().encodeToString(secret);
  }

  byte[] secret() {
    return secret.clone();
  }

  byte[] idBytes() {
    return id.clone();
  }

  String id() {
    return HexFormat.of().formatHex(id);
  }

  @Override
  public String toString() {
    return "key " + id();
  }
}
