package dev.jctl.images.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.images.reference.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InclusionProofTest {
  private static final int MOST = 33;

  private static byte[] leaf(int index) {
    return ("entry " + index).getBytes(StandardCharsets.UTF_8);
  }

  private static List<byte[]> leaves(int size) {
    return IntStream.range(0, size).mapToObj(InclusionProofTest::leaf).toList();
  }

  private static Checkpoint checkpoint(int size) {
    return new Checkpoint(
        size, new Digest(HexFormat.of().formatHex(MerkleTree.hash(leaves(size)))));
  }

  private static InclusionProof proof(int index, int size) {
    return new InclusionProof(index, MerkleTree.path(index, leaves(size)));
  }

  @Test
  void everyLeafOfEveryTreeIsProved() {
    for (int size = 1; size <= MOST; size++) {
      for (int index = 0; index < size; index++) {
        assertThat(proof(index, size).proves(leaf(index), checkpoint(size)))
            .as("leaf %d of %d", index, size)
            .isTrue();
      }
    }
  }

  @Test
  void nothingElseIsProved() {
    for (int size = 1; size <= MOST; size++) {
      Checkpoint checkpoint = checkpoint(size);
      for (int index = 0; index < size; index++) {
        InclusionProof right = proof(index, size);
        assertThat(right.proves(leaf(index + 1), checkpoint)).isFalse();
        assertThat(right.proves(leaf(index), checkpoint(size + 1))).isFalse();
        assertThat(new InclusionProof(-1, right.path()).proves(leaf(index), checkpoint)).isFalse();
        assertThat(new InclusionProof(size, right.path()).proves(leaf(index), checkpoint))
            .isFalse();
        List<byte[]> longer = new ArrayList<>(right.path());
        longer.add(new byte[32]);
        assertThat(new InclusionProof(index, longer).proves(leaf(index), checkpoint)).isFalse();
        if (!right.path().isEmpty()) {
          List<byte[]> shorter = right.path().subList(0, right.path().size() - 1);
          assertThat(new InclusionProof(index, shorter).proves(leaf(index), checkpoint)).isFalse();
        }
      }
    }
  }

  /** RFC 6962 gives no vectors; this is the tree of two leaves, written out. */
  @Test
  void leavesAndNodesAreHashedApart() {
    String left = Digest.of("\0a".getBytes(StandardCharsets.UTF_8)).hex();
    String right = Digest.of("\0b".getBytes(StandardCharsets.UTF_8)).hex();
    Digest root = Digest.of(HexFormat.of().parseHex("01" + left + right));
    assertThat(
            new InclusionProof(1, List.of(HexFormat.of().parseHex(left)))
                .proves("b".getBytes(StandardCharsets.UTF_8), new Checkpoint(2, root)))
        .isTrue();
  }
}
