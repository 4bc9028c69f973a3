package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.RegistryAuth;
import dev.jctl.images.RegistryCredential;
import dev.jctl.images.RegistryCredential.IdentityToken;
import dev.jctl.images.RegistryCredential.Password;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials at Debian's registry, with a password file and with a token service. */
class RegistryAuthIT {
  /** Of "secret": bcrypt, which is all that docker-registry takes. */
  private static final String PASSWORD_FILE =
      "carol:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

  private static final Password WRONG = new Password("Secret wrong", "carol", "swordfish");
  private static final RegistryAuth NONE = new RegistryAuth(List.of(), List.of("none for it"));

  @TempDir Path temp;
  private ImageStore store;

  @BeforeEach
  void open() {
    assumeTrue(Skopeo.isThere(), "needs skopeo");
    store = ContentImageStore.open(temp.resolve("store"), Stores.AMD64);
  }

  @AfterEach
  void close() {
    if (store != null) {
      store.close();
    }
  }

  private StoredImage load(String reference, RegistryCredential... credentials) {
    RegistryAuth auth = new RegistryAuth(List.of(credentials), List.of());
    return load(reference, credentials.length == 0 ? NONE : auth);
  }

  private StoredImage load(String reference, RegistryAuth auth) {
    return store.load(
        new ImageSource.Reference(reference, (registry, repository) -> auth), progress -> {});
  }

  private void assertRefused(String text, String reference, RegistryCredential... credentials) {
    assertThatThrownBy(() -> load(reference, credentials))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAUTHORIZED))
        .hasMessageStartingWith(reference)
        .hasMessageContaining(text)
        .hasMessageNotContaining("swordfish");
  }

  private String push(DebianRegistry registry, String credentials) throws Exception {
    String reference = registry.host() + "/team/web:1";
    Skopeo.run(
        "copy",
        "--dest-tls-verify=false",
        "--dest-creds=" + credentials,
        Skopeo.layout(temp.resolve("layout")),
        "docker://" + reference);
    return reference;
  }

  @Test
  void aPasswordIsSentToARegistryThatAsksForIt() throws Exception {
    Path file = Files.writeString(temp.resolve("htpasswd"), PASSWORD_FILE);
    try (var registry =
        DebianRegistry.start(
            temp.resolve("r"), "auth: {htpasswd: {realm: x, path: %s}}".formatted(file))) {
      String reference = push(registry, "carol:secret");
      Password right = new Password("Secret right", "carol", "secret");

      assertRefused("no credentials were used: none for it", reference);
      assertRefused("401", reference, WRONG);
      assertRefused("refused were the credentials of Secret wrong", reference, WRONG);
      assertRefused("401", reference, new IdentityToken("Secret token", TokenServer.REFRESH_TOKEN));
      assertThat(Contents.of(store, load(reference, WRONG, right))).hasSize(4);
    }
  }

  @Test
  void aPasswordOrARefreshTokenBuysTokens() throws Exception {
    try (var tokens = TokenServer.start(temp.resolve("t"));
        var registry = DebianRegistry.start(temp.resolve("r"), tokens.registryConfiguration())) {
      String reference = push(registry, TokenServer.USER + ":" + TokenServer.PASSWORD);
      tokens.scopes.clear();

      assertRefused("token: 127.0.0.1", reference);
      assertRefused("refused were the credentials of Secret wrong", reference, WRONG);
      assertRefused(
          "refused were the credentials of Secret wrong, then of Secret old",
          reference,
          WRONG,
          new IdentityToken("Secret old", "swordfish"));
      StoredImage image =
          load(reference, new IdentityToken("Secret token", TokenServer.REFRESH_TOKEN));
      assertThat(tokens.scopes).containsExactly("repository:team/web:pull");
      store.collectGarbage(List.of(), List.of());
      assertThat(
              load(reference, new Password("Secret right", TokenServer.USER, TokenServer.PASSWORD)))
          .isEqualTo(image);
      assertThat(tokens.scopes).hasSize(2);
    }
  }
}
