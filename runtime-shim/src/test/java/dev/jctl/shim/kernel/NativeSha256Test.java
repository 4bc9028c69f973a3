package dev.jctl.shim.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NativeSha256Test {
  private static final long LARGE = 1L << 30;

  @Test
  void hashesAsTheJdkDoesAndIsUsedAgainAfterwards() throws NoSuchAlgorithmException {
    byte[] content = new byte[300_000];
    new Random(1).nextBytes(content);
    MessageDigest jdk = MessageDigest.getInstance("SHA-256");
    MessageDigest ours = NativeSha256.of(LARGE);
    for (int round = 0; round < 2; round++) {
      for (MessageDigest hash : new MessageDigest[] {jdk, ours}) {
        hash.update(content, 7, 200_001);
        hash.update((byte) round);
        hash.update(content);
      }
      assertThat(ours.digest()).isEqualTo(jdk.digest());
    }
  }

  @Test
  void whatIsSmallDoesNotLoadALibrary() {
    assertThat(NativeSha256.of(1)).isNotInstanceOf(NativeSha256.class);
    assertThat(NativeSha256.of(LARGE)).isInstanceOf(NativeSha256.class);
  }
}
