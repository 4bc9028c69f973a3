package dev.jctl.images.trust;

import dev.jctl.images.reference.Digest;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** The log's side, as RFC 6962 defines it in 2.1. */
public final class MerkleTree {
  private MerkleTree() {}

  public static byte[] hash(List<byte[]> leaves) {
    MessageDigest digest = Digest.sha256();
    if (leaves.size() == 1) {
      digest.update((byte) 0);
      return digest.digest(leaves.getFirst());
    }
    int left = Integer.highestOneBit(leaves.size() - 1);
    digest.update((byte) 1);
    digest.update(hash(leaves.subList(0, left)));
    return digest.digest(hash(leaves.subList(left, leaves.size())));
  }

  /** From the leaf to the root. RFC 6962, 2.1.1. */
  public static List<byte[]> path(int index, List<byte[]> leaves) {
    if (leaves.size() == 1) {
      return List.of();
    }
    int middle = Integer.highestOneBit(leaves.size() - 1);
    List<byte[]> left = leaves.subList(0, middle);
    List<byte[]> right = leaves.subList(middle, leaves.size());
    List<byte[]> path =
        new ArrayList<>(index < middle ? path(index, left) : path(index - middle, right));
    path.add(hash(index < middle ? right : left));
    return path;
  }
}
