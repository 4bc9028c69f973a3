package dev.jctl.controller.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubmodulesTest {
  private static final Credentials SECRET = new Credentials.Bearer("t0ken");

  @ParameterizedTest
  @CsvSource({
    "https://git.test/me/app.git, ../lib.git, https://git.test/me/lib.git, true",
    "https://git.test/me/app.git, ./lib, https://git.test/me/app.git/lib, true",
    "https://git.test/me/app.git, ../../lib, https://git.test/lib, true",
    "https://git.test/me/app.git, https://git.test/other/lib, https://git.test/other/lib, true",
    "https://git.test/me/app.git, https://elsewhere.test/lib, https://elsewhere.test/lib, false",
    "https://git.test/me/app.git, https://git.test:8443/lib, https://git.test:8443/lib, false",
    "https://git.test/me/app.git, ssh://git@git.test/lib, ssh://git@git.test/lib, false",
    "git@git.test:me/app.git, ../lib.git, git@git.test:me/lib.git, true",
    "git@git.test:me/app.git, git@elsewhere.test:lib, git@elsewhere.test:lib, false",
    "ssh://git@git.test:2222/me/app, ../lib, ssh://git@git.test:2222/me/lib, true"
  })
  void theSecretIsToldToTheSameServerAlone(
      String parent, String url, String address, boolean told) {
    Remote remote =
        new Remote(
            parent, new GitRef.DefaultBranch(), SECRET, "", Duration.ofSeconds(1), Extent.ALL);
    String text = "[submodule \"a\"]\n path = lib\n url = " + url + "\n";
    Remote its = Submodules.parse(remote, text).remote("lib", "c".repeat(40));
    assertThat(its.url()).isEqualTo(address);
    assertThat(its.credentials()).isEqualTo(told ? SECRET : new Credentials.None());
    assertThat(its.ref()).isEqualTo(new GitRef.Commit("c".repeat(40), Optional.empty()));
  }
}
