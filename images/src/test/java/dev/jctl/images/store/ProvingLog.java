package dev.jctl.images.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jctl.images.reference.Digest;
import dev.jctl.images.trust.MerkleTree;
import java.io.ByteArrayOutputStream;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A log of Rekor's second version: says of an entry that it is in, and not since when. */
record ProvingLog(KeyPair key) {
  private static final int OTHERS = 6;

  static ProvingLog make() throws Exception {
    return new ProvingLog(Cosign.key("Ed25519"));
  }

  /** As a bundle has it, of an entry among others. */
  String entry(String body) throws Exception {
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < OTHERS; i++) {
      leaves.add(new byte[] {(byte) i});
    }
    leaves.add(body.getBytes(UTF_8));
    String path =
        MerkleTree.path(OTHERS, leaves).stream()
            .map(hash -> "\"" + Cosign.base64(hash) + "\"")
            .collect(Collectors.joining(","));
    return """
        {"logIndex":"1006","inclusionProof":{"logIndex":"%d","treeSize":"%d","hashes":[%s],\
        "checkpoint":{"envelope":"%s"}},"canonicalizedBody":"%s"}"""
        .formatted(
            OTHERS,
            leaves.size(),
            path,
            note(leaves.size(), MerkleTree.hash(leaves)).replace("\n", "\\n"),
            Cosign.base64(body.getBytes(UTF_8)));
  }

  private String note(int size, byte[] root) throws Exception {
    String text = "log.example\n%d\n%s\n".formatted(size, Cosign.base64(root));
    ByteArrayOutputStream signature = new ByteArrayOutputStream();
    signature.write(Digest.sha256().digest(key.getPublic().getEncoded()), 0, 4);
    signature.writeBytes(Cosign.sign(key, text.getBytes(UTF_8)));
    return text + "\n\u2014 log.example " + Cosign.base64(signature.toByteArray()) + "\n";
  }
}
