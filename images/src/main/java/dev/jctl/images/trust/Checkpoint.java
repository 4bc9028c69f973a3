package dev.jctl.images.trust;

import dev.jctl.images.reference.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.interfaces.EdECPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * What a log has signed about all that is in it.
 *
 * @param size of its tree, in leaves
 * @param root hash of its tree
 * @see <a href="https://c2sp.org/tlog-checkpoint">tlog-checkpoint</a>
 */
record Checkpoint(long size, Digest root) {
  private static final String EMPTY_LINE = "\n\n";
  private static final String SIGNATURE = "\u2014 ";

  private static final int KEY_ID_BYTES = 4;
  private static final byte ED25519 = 1;
  private static final int ED25519_BYTES = 32;

  /**
   * @param note with signatures, of which others may be of witnesses
   * @see <a href="https://c2sp.org/signed-note">signed-note</a>
   */
  static Checkpoint signedBy(List<PublicKey> logs, String note) throws Refused {
    int end = note.lastIndexOf(EMPTY_LINE) + 1;
    if (end == 0) {
      throw new Refused("the checkpoint in its log entry has no signatures");
    }
    byte[] text = note.substring(0, end).getBytes(StandardCharsets.UTF_8);
    if (note.substring(end).lines().noneMatch(line -> isBy(logs, text, line))) {
      throw new Refused("the policy's log has not signed the checkpoint in its log entry");
    }
    return parse(note.substring(0, end).lines().toList());
  }

  /** A line is {@code — NAME BASE64} of the key's ID and the signature. */
  private static boolean isBy(List<PublicKey> logs, byte[] text, String line) {
    int space = line.lastIndexOf(' ');
    if (!line.startsWith(SIGNATURE) || space < SIGNATURE.length()) {
      return false;
    }
    String name = line.substring(SIGNATURE.length(), space);
    byte[] signed = Base64.getDecoder().decode(line.substring(space + 1));
    if (signed.length <= KEY_ID_BYTES) {
      return false;
    }
    byte[] id = Arrays.copyOf(signed, KEY_ID_BYTES);
    byte[] signature = Arrays.copyOfRange(signed, KEY_ID_BYTES, signed.length);
    return logs.stream()
        .anyMatch(log -> isOf(id, name, log) && SignatureForm.verifies(log, text, signature));
  }

  /** Ed25519 keys have IDs of their own, but not in the first version of Rekor. */
  private static boolean isOf(byte[] id, String name, PublicKey log) {
    return startsWith(Digest.sha256().digest(log.getEncoded()), id)
        || (log instanceof EdECPublicKey && startsWith(ed25519(name, log.getEncoded()), id));
  }

  private static byte[] ed25519(String name, byte[] encoded) {
    MessageDigest hash = Digest.sha256();
    hash.update((name + "\n").getBytes(StandardCharsets.UTF_8));
    hash.update(ED25519);
    hash.update(encoded, encoded.length - ED25519_BYTES, ED25519_BYTES);
    return hash.digest();
  }

  private static boolean startsWith(byte[] hash, byte[] id) {
    return Arrays.equals(hash, 0, KEY_ID_BYTES, id, 0, KEY_ID_BYTES);
  }

  /** Lines after the third are extensions. */
  private static Checkpoint parse(List<String> lines) throws Refused {
    if (lines.size() < 3) {
      throw new Refused("the checkpoint in its log entry needs origin, size and root hash");
    }
    byte[] root = Base64.getDecoder().decode(lines.get(2));
    return new Checkpoint(Long.parseLong(lines.get(1)), new Digest(HexFormat.of().formatHex(root)));
  }
}
