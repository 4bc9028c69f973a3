package dev.jctl.controller.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.images.RegistryAuth;
import dev.jctl.images.RegistryCredential.Password;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecretKeyringTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String ENTRY =
      "{\"r.example\": {\"username\": \"carol\", \"password\": \"hunter2\"}}";

  private static Optional<ObjectNode> secret(String key, String content) {
    ObjectNode secret = MAPPER.createObjectNode();
    secret
        .putObject("data")
        .put(key, Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8)));
    return Optional.of(secret);
  }

  @Test
  void readsBothFormsInTheOrderInWhichTheyAreNamed() {
    SecretKeyring keyring = new SecretKeyring();
    keyring.add("old", secret(".dockercfg", ENTRY));
    keyring.add("new", secret(".dockerconfigjson", "{\"auths\": " + ENTRY + "}"));
    assertThat(keyring.find("r.example", "a").credentials())
        .containsExactly(
            new Password("Secret old", "carol", "hunter2"),
            new Password("Secret new", "carol", "hunter2"));
  }

  @Test
  void remarksOnWhatCannotBeUsedWithoutTellingWhatIsInIt() {
    SecretKeyring keyring = new SecretKeyring();
    keyring.add("gone", Optional.empty());
    keyring.add("opaque", secret("password", "hunter2"));
    keyring.add("broken", secret(".dockerconfigjson", "hunter2"));
    keyring.add("other", secret(".dockercfg", ENTRY));
    RegistryAuth auth = keyring.find("s.example", "team/web");
    assertThat(auth.credentials()).isEmpty();
    assertThat(auth.remarks())
        .containsExactly(
            "Secret gone does not exist",
            "Secret opaque has neither .dockerconfigjson nor .dockercfg; make one with kubectl"
                + " create secret docker-registry",
            "Secret broken is not valid JSON, see line 1",
            "Secret other has none for s.example/team/web");
  }

  @Test
  void aHelperThatASecretNamesIsNeverAsked() {
    SecretKeyring keyring = new SecretKeyring();
    keyring.add("s", secret(".dockerconfigjson", "{\"credsStore\": \"anything\"}"));
    assertThat(keyring.find("r.example", "a").remarks())
        .containsExactly("Secret s has none for r.example/a");
  }
}
