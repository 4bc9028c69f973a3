package dev.jctl.images.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.reference.Digest;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckpointTest {
  private static final Digest ROOT = Digest.of(new byte[] {7});
  private static final String NAME = "log.example";
  private static final String TEXT =
      "log.example/1\n42\n%s\nan extension\n"
          .formatted(Base64.getEncoder().encodeToString(HexFormat.of().parseHex(ROOT.hex())));

  private static KeyPair key(String algorithm) throws Exception {
    return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
  }

  private static byte[] sign(KeyPair key, String text) throws Exception {
    Signature signature =
        Signature.getInstance(
            key.getPublic().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "Ed25519");
    signature.initSign(key.getPrivate());
    signature.update(text.getBytes(StandardCharsets.UTF_8));
    return signature.sign();
  }

  private static byte[] id(PublicKey key) {
    return Digest.sha256().digest(key.getEncoded());
  }

  /** As tlog-checkpoint says of Ed25519. */
  private static byte[] ownId(PublicKey key) {
    MessageDigest hash = Digest.sha256();
    hash.update((NAME + "\n\1").getBytes(StandardCharsets.UTF_8));
    byte[] encoded = key.getEncoded();
    return hash.digest(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
  }

  private static String line(byte[] id, byte[] signature) {
    byte[] all = Arrays.copyOf(id, 4 + signature.length);
    System.arraycopy(signature, 0, all, 4, signature.length);
    return "\u2014 " + NAME + " " + Base64.getEncoder().encodeToString(all) + "\n";
  }

  @Test
  void sizeAndRootAreThoseThatTheLogHasSigned() throws Exception {
    KeyPair edwards = key("Ed25519");
    KeyPair curve = key("EC");
    KeyPair witness = key("Ed25519");
    String note =
        TEXT
            + "\n"
            + line(ownId(witness.getPublic()), sign(witness, TEXT))
            + line(ownId(edwards.getPublic()), sign(edwards, TEXT))
            + line(id(curve.getPublic()), sign(curve, TEXT));
    for (KeyPair log : List.of(edwards, curve)) {
      assertThat(Checkpoint.signedBy(List.of(key("EC").getPublic(), log.getPublic()), note))
          .isEqualTo(new Checkpoint(42, ROOT));
    }
  }

  @Test
  void whatTheLogHasNotSignedDoesNotCount() throws Exception {
    KeyPair log = key("Ed25519");
    List<PublicKey> logs = List.of(log.getPublic());
    String signed = "\n" + line(ownId(log.getPublic()), sign(log, TEXT));
    assertThat(Checkpoint.signedBy(logs, TEXT + signed).size()).isEqualTo(42);
    assertRefused(logs, TEXT.replace("42", "43") + signed, "has not signed the checkpoint");
    assertRefused(List.of(key("EC").getPublic()), TEXT + signed, "has not signed the checkpoint");
    assertRefused(
        logs, TEXT + "\n" + line(new byte[4], sign(log, TEXT)), "has not signed the checkpoint");
    assertRefused(
        logs,
        TEXT + "\n" + line(ownId(log.getPublic()), new byte[0]),
        "has not signed the checkpoint");
    assertRefused(logs, TEXT + signed.replace("\u2014 " + NAME, "-"), "has not signed");
    assertRefused(logs, TEXT, "has no signatures");
    assertRefused(
        logs,
        "log.example\n42\n\n" + line(ownId(log.getPublic()), sign(log, "log.example\n42\n")),
        "needs origin, size and root hash");
  }

  private static void assertRefused(List<PublicKey> logs, String note, String why) {
    assertThatThrownBy(() -> Checkpoint.signedBy(logs, note))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(why);
  }
}
