package dev.jctl.controller.sops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.manifests.codec.PlainYaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in SOPS' format, with data keys that age(1) has encrypted. */
final class SopsTextIT {
  private static final String MODIFIED = "2026-01-01T00:00:00Z";
  private static final byte[] KEY = new byte[32];

  @TempDir Path directory;
  private String identity;
  private String recipient;

  @BeforeEach
  void key() throws IOException {
    run("age-keygen", "-o", "key");
    identity = Files.readString(directory.resolve("key"));
    recipient =
        identity
            .lines()
            .filter(l -> l.contains("age1"))
            .findFirst()
            .orElseThrow()
            .split(": ", 2)[1];
  }

  private void run(String... command) throws IOException {
    Process program =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String out = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.onExit().join().exitValue()).as(out).isZero();
  }

  private static String sealed(String text, String bound, String type) {
    try {
      byte[] iv =
          MessageDigest.getInstance("SHA-256")
              .digest((text + bound).getBytes(StandardCharsets.UTF_8));
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(KEY, "AES"), new GCMParameterSpec(128, iv));
      cipher.updateAAD(bound.getBytes(StandardCharsets.UTF_8));
      byte[] all = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
      int length = all.length - 16;
      Base64.Encoder base64 = Base64.getEncoder();
      return "ENC[AES256_GCM,data:%s,iv:%s,tag:%s,type:%s]"
          .formatted(
              base64.encodeToString(Arrays.copyOf(all, length)),
              base64.encodeToString(iv),
              base64.encodeToString(Arrays.copyOfRange(all, length, all.length)),
              type);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** {@code hashed}: the values as they count for the MAC, one after the other. */
  private String file(String values, String hashed) throws IOException {
    Files.write(directory.resolve("plain"), KEY);
    run("age", "-a", "-r", recipient, "-o", "data", "plain");
    String mac;
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-512").digest(hashed.getBytes(StandardCharsets.UTF_8));
      mac = HexFormat.of().withUpperCase().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
    return values
        + """
        sops:
            age:
                - recipient: %s
                  enc: |
        %s
            lastmodified: "%s"
            mac: %s
            version: 3.9.0
        """
            .formatted(
                recipient,
                Files.readString(directory.resolve("data"))
                    .stripTrailing()
                    .indent(12)
                    .stripTrailing(),
                MODIFIED,
                sealed(mac, MODIFIED, "str"));
  }

  private String secret() throws IOException {
    return file(
        """
        kind: Secret
        metadata: {name: s, replicas: 2}
        stringData:
            password: %s
            list:
                - %s
                - %s
        """
            .formatted(
                sealed("p4ss: word", "stringData:password:", "str"),
                sealed("7", "stringData:list:", "int"),
                sealed("true", "stringData:list:", "bool")),
        "Secrets2p4ss: word7True");
  }

  private List<AgeIdentity> identities() {
    return AgeIdentity.parse(List.of(identity));
  }

  @Test
  void whoHasTheKeyReadsIt() throws IOException {
    String file = secret();
    assertThat(SopsText.isEncrypted(file)).isTrue();
    String plain = SopsText.decrypt("s.yaml", file, identities());
    assertThat(PlainYaml.read("s.yaml", plain).getFirst().toString())
        .isEqualTo(
            "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"replicas\":2},"
                + "\"stringData\":{\"password\":\"p4ss: word\",\"list\":[7,true]}}");
    assertThat(SopsText.isEncrypted(plain)).isFalse();
  }

  @Test
  void whatWasChangedAfterwardsIsRefused() throws IOException {
    String file = secret();
    assertRefused(file.replace("replicas: 2", "replicas: 3"), "changed after it was encrypted");
    assertRefused(file.replace("password:", "passwort:"), "s.yaml:4: SOPS: not as it was");
    assertRefused(file.replace("2026-01", "2026-02"), "s.yaml:8: SOPS: not as it was");
  }

  private void assertRefused(String file, String message) {
    assertThatThrownBy(() -> SopsText.decrypt("s.yaml", file, identities()))
        .isInstanceOf(DecryptionException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whoHasNoneOrAnotherIsToldForWhomItIs() throws IOException {
    String file = secret();
    assertThatThrownBy(() -> SopsText.decrypt("s.yaml", file, List.of()))
        .hasMessageContaining("encrypted for " + recipient);
    Files.delete(directory.resolve("key"));
    key();
    assertRefused(file, "of which none is in spec.decryption");
    assertRefused(file, "s.yaml:8: SOPS: encrypted for ");
    assertThatThrownBy(() -> AgeIdentity.parse(List.of(identity.replace("KEY-1", "KEY-1Q"))))
        .hasMessageContaining("checksum");
  }
}
