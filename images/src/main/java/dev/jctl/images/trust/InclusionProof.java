package dev.jctl.images.trust;

import dev.jctl.images.reference.Digest;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * That a leaf is in a tree of hashes. RFC 9162, 2.1.
 *
 * @param index of the leaf
 * @param path hashes of the siblings, from the leaf to the root
 */
record InclusionProof(long index, List<byte[]> path) {
  private static final byte LEAF = 0;
  private static final byte NODE = 1;

  InclusionProof {
    path = List.copyOf(path);
  }

  /** Whether it leads from that leaf to the root that is signed. RFC 9162, 2.1.3.2. */
  boolean proves(byte[] leaf, Checkpoint checkpoint) {
    if (index < 0 || index >= checkpoint.size()) {
      return false;
    }
    long node = index;
    long last = checkpoint.size() - 1;
    byte[] hash = sha256(LEAF, leaf);
    for (byte[] sibling : path) {
      if (last == 0) {
        return false;
      }
      boolean isRight = (node & 1) == 1;
      if (isRight || node == last) {
        hash = sha256(NODE, sibling, hash);
        // a last node without a sibling is its own parent
        int alone = isRight ? 0 : Long.numberOfTrailingZeros(node);
        node >>= alone;
        last >>= alone;
      } else {
        hash = sha256(NODE, hash, sibling);
      }
      node >>= 1;
      last >>= 1;
    }
    return last == 0 && HexFormat.of().formatHex(hash).equals(checkpoint.root().hex());
  }

  private static byte[] sha256(byte kind, byte[]... contents) {
    MessageDigest digest = Digest.sha256();
    digest.update(kind);
    for (byte[] content : contents) {
      digest.update(content);
    }
    return digest.digest();
  }
}
