package dev.jctl.images.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.images.RegistryAuth;
import dev.jctl.images.RegistryCredential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With helpers that are shell scripts. */
class UserKeyringTest {
  @TempDir Path home;
  private Path programs;

  /** A busy machine needs some for what answers at once. */
  private Duration patience = Duration.ofSeconds(60);

  @BeforeEach
  void directories() throws IOException {
    programs = Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve(".docker"));
    Files.createDirectories(home.resolve(".config/containers"));
  }

  private RegistryAuth find(String registry) {
    Map<String, String> environment =
        Map.of("HOME", home.toString(), "PATH", programs + ":/usr/bin:/bin");
    return new UserKeyring(environment, patience).find(registry, "team/web");
  }

  private void helper(String name, String script) throws IOException {
    Path file =
        Files.writeString(programs.resolve("docker-credential-" + name), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private void config(String json) throws IOException {
    Files.writeString(home.resolve(".docker/config.json"), json);
  }

  @Test
  void asksTheHelperForTheRegistryOnly() throws IOException {
    config("{\"credHelpers\": {\"r.example\": \"one\", \"docker.io\": \"one\"}}");
    helper(
        "one",
        "read -r server; echo \"{\\\"Username\\\":\\\"$1\\\",\\\"Secret\\\":\\\"of $server\\\"}\"");
    assertThat(find("r.example").credentials())
        .containsExactly(
            new RegistryCredential.Password("docker-credential-one", "get", "of r.example"));
    assertThat(find("docker.io").credentials())
        .containsExactly(
            new RegistryCredential.Password(
                "docker-credential-one", "get", "of https://index.docker.io/v1/"));
    assertThat(find("other.example").credentials()).isEmpty();
  }

  @Test
  void takesAnIdentityTokenFromAHelper() throws IOException {
    config("{\"credsStore\": \"one\"}");
    helper("one", "echo '{\"Username\":\"<token>\",\"Secret\":\"idt\"}'");
    assertThat(find("r.example").credentials())
        .containsExactly(new RegistryCredential.IdentityToken("docker-credential-one", "idt"));
  }

  @Test
  void remarksOnHelpersThatGiveNothingWithoutTellingWhatTheyPrinted() throws IOException {
    config("{\"credsStore\": \"one\"}");
    assertRemark("docker-credential-one is not in the PATH");
    helper("one", "echo hunter2; echo hunter2 >&2; exit 3");
    assertRemark("docker-credential-one failed with exit code 3");
    helper("one", "echo hunter2");
    assertRemark("docker-credential-one gave an answer that is no credential");
    helper("one", "sleep 60");
    patience = Duration.ofSeconds(1);
    assertRemark("docker-credential-one did not answer within 1 s");
    patience = Duration.ofSeconds(60);
    config("{\"credsStore\": \"../one\"}");
    assertRemark("\"../one\" is not the name of a credential helper");
    config("hunter2");
    assertRemark(home + "/.docker/config.json is not valid JSON, see line 1");
    assertThat(find("r.example").toString()).doesNotContain("hunter2");
  }

  private void assertRemark(String remark) {
    assertThat(find("r.example").remarks()).containsExactly(remark);
    assertThat(find("r.example").credentials()).isEmpty();
  }

  @Test
  void whatAHelperDoesNotKnowIsLookedForElsewhere() throws IOException {
    config("{\"credsStore\": \"one\"}");
    helper("one", "echo 'credentials not found in native keychain'; exit 1");
    Path podman = home.resolve(".config/containers/auth.json");
    assertThat(find("r.example").remarks())
        .containsExactly(
            "none for r.example in " + home.resolve(".docker/config.json") + ", " + podman);
    Files.writeString(
        podman, "{\"auths\": {\"r.example/team\": {\"username\": \"u\", \"password\": \"p\"}}}");
    assertThat(find("r.example").credentials())
        .containsExactly(new RegistryCredential.Password(podman.toString(), "u", "p"));
  }
}
