package dev.jctl.images.reference;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A SHA-256 of some bytes, written {@code sha256:<64 hex digits>}. */
public record Digest(String hex) implements Comparable<Digest> {
  private static final String PREFIX = "sha256:";
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  public Digest {
    if (!isHex(hex)) {
      throw new ImageException(
          Reason.CORRUPT, "\"" + hex + "\" is not a SHA-256 in 64 lower-case hex digits");
    }
  }

  /**
   * @throws ImageException UNSUPPORTED for another algorithm, CORRUPT for anything else
   */
  public static Digest parse(String text) {
    if (text.startsWith(PREFIX)) {
      return new Digest(text.substring(PREFIX.length()));
    }
    if (text.startsWith("sha512:") || text.startsWith("blake3:")) {
      throw new ImageException(
          Reason.UNSUPPORTED, "digest \"" + text + "\": only sha256 is supported");
    }
    throw new ImageException(Reason.CORRUPT, "\"" + text + "\" is not a digest (sha256:<hex>)");
  }

  /** Whether these are the 64 lower-case hex digits of a digest. */
  public static boolean isHex(String text) {
    return HEX.matcher(text).matches();
  }

  public static Digest of(byte[] content) {
    return finish(sha256(), content);
  }

  /** The digest of all that was fed into {@code hash}, which starts anew. */
  public static Digest of(MessageDigest hash) {
    return finish(hash, new byte[0]);
  }

  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static Digest finish(MessageDigest hash, byte[] last) {
    return new Digest(HexFormat.of().formatHex(hash.digest(last)));
  }

  @Override
  public int compareTo(Digest other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
