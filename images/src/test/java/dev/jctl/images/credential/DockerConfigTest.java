package dev.jctl.images.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.RegistryCredential;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerConfigTest {
  private static DockerConfig config(String json) {
    return DockerConfig.parse("Secret s", json.getBytes(StandardCharsets.UTF_8));
  }

  private static String basic(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "https://index.docker.io/v1/,     docker.io,              library/nginx, true",
    "docker.io,                       docker.io,              library/nginx, true",
    "docker.io/team,                  docker.io,              library/nginx, false",
    "r.example,                       r.example,              a/b,           true",
    "R.example,                       r.example,              a/b,           true",
    "http://r.example/v2/,            r.example,              a/b,           true",
    "r.example,                       r.example:5000,         a/b,           false",
    "r.example:5000,                  r.example:5000,         a/b,           true",
    "r.example/team,                  r.example,              team/web,      true",
    "r.example/team/,                 r.example,              team,          true",
    "r.example/team,                  r.example,              teammates/web, false",
    "r.example/v1/team,               r.example,              team/web,      true",
    "*.example,                       r.example,              a/b,           true",
    "*.example,                       example,                a/b,           false",
    "*.example,                       a.r.example,            a/b,           false",
    "r?.*.example:5000/x,             r1.eu.example:5000,     x/y,           true",
    "'[::1]:5000',                    '[::1]:5000',           a,             true",
    "'[::1]:5000',                    '[::2]:5000',           a,             false",
  })
  void matchesRegistriesAsTheKubeletDoes(
      String key, String registry, String repository, boolean matches) {
    assertThat(RegistryPattern.parse(key).matches(registry, repository)).isEqualTo(matches);
  }

  @Test
  void readsEveryFormOfACredentialTheMostSpecialFirst() {
    DockerConfig config =
        config(
            """
            {"auths": {
              "r.example": {"auth": "%s"},
              "r.example/team": {"username": "named", "password": "p2"},
              "r.example/team/web": {"auth": "%s", "identitytoken": "idt"},
              "r.example/team/web/x": {"registrytoken": "reg"},
              "empty.example": {}}}
            """
                .formatted(basic("user:pa:ss"), basic("user:")));
    assertThat(config.find("r.example", "other"))
        .containsExactly(new RegistryCredential.Password("Secret s", "user", "pa:ss"));
    assertThat(config.find("r.example", "team/web/x"))
        .containsExactly(
            new RegistryCredential.RegistryToken("Secret s", "reg"),
            new RegistryCredential.IdentityToken("Secret s", "idt"),
            new RegistryCredential.Password("Secret s", "named", "p2"),
            new RegistryCredential.Password("Secret s", "user", "pa:ss"));
    assertThat(config.find("empty.example", "a")).isEmpty();
  }

  @Test
  void readsTheLegacyForm() {
    byte[] json =
        "{\"https://r.example/v1/\": {\"username\": \"u\", \"password\": \"p\", \"email\": \"e\"}}"
            .getBytes(StandardCharsets.UTF_8);
    assertThat(DockerConfig.parseLegacy("Secret s", json).find("r.example", "a"))
        .containsExactly(new RegistryCredential.Password("Secret s", "u", "p"));
  }

  @Test
  void namesTheHelperOfARegistryOrThatForAll() {
    DockerConfig config =
        config("{\"credHelpers\": {\"r.example\": \"own\"}, \"credsStore\": \"all\"}");
    assertThat(config.helper("r.example")).contains("own");
    assertThat(config.helper("other.example")).contains("all");
    assertThat(config("{}").helper("r.example")).isEmpty();
  }

  @Test
  void saysWhatIsWrongWithoutTellingWhatIsInIt() {
    for (String json :
        List.of(
            "{\"auths\": {\"r.example\": {\"auth\": \"hunter2!\"}}}",
            "{\"auths\": {\"r.example\": {\"auth\": \"" + basic("hunter2") + "\"}}}",
            "hunter2",
            "\"hunter2\"")) {
      assertThatThrownBy(() -> config(json))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Secret s")
          .hasMessageNotContaining("hunter2")
          .hasMessageNotContaining(basic("hunter2"));
    }
  }

  @Test
  void printsNoSecrets() {
    assertThat(
            List.of(
                    new RegistryCredential.Password("o", "user", "hunter2"),
                    new RegistryCredential.IdentityToken("o", "hunter2"),
                    new RegistryCredential.RegistryToken("o", "hunter2"))
                .toString())
        .doesNotContain("hunter2");
  }
}
