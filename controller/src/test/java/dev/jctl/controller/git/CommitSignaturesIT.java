package dev.jctl.controller.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.controller.git.GitException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits that git has signed, with keys of ssh-keygen(1) and gpg(1). */
final class CommitSignaturesIT {
  @TempDir Path directory;
  private WorkTree tree;
  private Mirror mirror;

  @BeforeEach
  void repository() throws IOException {
    tree = new WorkTree(directory.resolve("repo"));
    mirror = new Mirror(directory.resolve("mirror"));
  }

  private String fetched() {
    return mirror
        .fetch(
            new Remote(
                tree.directory().toString(),
                new GitRef.DefaultBranch(),
                new Credentials.None(),
                "",
                Duration.ofSeconds(30),
                Extent.ALL))
        .commit();
  }

  private void assertRefused(TrustedKeys keys, Reason reason, String message) {
    String commit = fetched();
    assertThatThrownBy(() -> mirror.signer(commit, keys))
        .isInstanceOfSatisfying(
            GitException.class, e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private String sshKey(String name) throws IOException {
    Path file = directory.resolve(name);
    tree.run(List.of("ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", file.toString()));
    return Files.readString(directory.resolve(name + ".pub")).strip();
  }

  private void commitSigned(String format, String key) throws IOException {
    Files.writeString(tree.directory().resolve("a.yaml"), "a: " + key);
    tree.git("add", "-A");
    tree.git(
        "-c", "gpg.format=" + format, "-c", "user.signingkey=" + key, "commit", "-qS", "-m", "x");
  }

  @Test
  void whoSignsWithAnAllowedSshKeyIsFollowed() throws IOException {
    String mia = sshKey("mia");
    sshKey("eve");
    TrustedKeys keys = new TrustedKeys("mia@example.org namespaces=\"git\" " + mia, List.of());
    tree.commit(Map.of("a.yaml", "a: 1"));
    assertRefused(keys, Reason.UNSIGNED_COMMIT, "not signed");
    commitSigned("ssh", directory.resolve("mia").toString());
    assertThat(mirror.signer(fetched(), keys)).contains("mia@example.org", "SHA256:");
    commitSigned("ssh", directory.resolve("eve").toString());
    assertRefused(keys, Reason.UNTRUSTED_SIGNATURE, "SHA256:");
    TrustedKeys files = new TrustedKeys("mia@example.org namespaces=\"file\" " + mia, List.of());
    commitSigned("ssh", directory.resolve("mia").toString());
    assertRefused(files, Reason.UNTRUSTED_SIGNATURE, "allowed_signers");
  }

  @Test
  void aSignatureIsOfItsCommitOnly() throws IOException {
    String mia = sshKey("mia");
    commitSigned("ssh", directory.resolve("mia").toString());
    String forged = tree.git("cat-file", "commit", "HEAD").replace("a@x", "b@x") + "and more";
    Path file = Files.writeString(directory.resolve("forged"), forged);
    String id = tree.git("hash-object", "-t", "commit", "-w", file.toString()).strip();
    tree.git("reset", "-q", "--hard", id);
    TrustedKeys keys = new TrustedKeys("mia@example.org " + mia, List.of());
    assertRefused(keys, Reason.UNTRUSTED_SIGNATURE, "SSH");
  }

  @Test
  void whoSignsWithAnOpenPgpKeyIsFollowed() throws IOException {
    try (GpgHome gpg = new GpgHome(directory.resolve("gpg"), tree)) {
      String mia = gpg.key("Mia <mia@example.org>");
      String eve = gpg.key("Eve <eve@example.org>");
      String public1 = gpg.exported(mia);
      TrustedKeys keys = TrustedKeys.of(Map.of("mia.asc", public1));
      tree.git("config", "gpg.program", gpg.program());
      commitSigned("openpgp", mia);
      assertThat(mirror.signer(fetched(), keys)).contains("Mia <mia@example.org>", mia);
      commitSigned("openpgp", eve);
      assertRefused(keys, Reason.UNTRUSTED_SIGNATURE, "there is no OpenPGP key");
      assertRefused(
          new TrustedKeys("", List.of(public1.replace("\n\n", "\n\nx"))), Reason.BAD_KEYS, "read");
    }
  }

  /** A gpg(1) with a home of its own. */
  private record GpgHome(Path home, WorkTree tree) implements AutoCloseable {
    private GpgHome {
      try {
        Files.createDirectory(
            home,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path program = home.resolve("gpg");
        Files.writeString(program, "#!/bin/sh\nexec gpg --homedir " + home + " \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    String program() {
      return home.resolve("gpg").toString();
    }

    /** Its fingerprint. */
    String key(String user) {
      String generate = "--quick-gen-key";
      tree.run(List.of(program(), "--batch", "-q", "--passphrase", "", generate, user, "ed25519"));
      return tree.run(List.of(program(), "--with-colons", "-k", user))
          .lines()
          .filter(line -> line.startsWith("fpr:"))
          .findFirst()
          .orElseThrow()
          .split(":", -1)[9];
    }

    String exported(String key) {
      return tree.run(List.of(program(), "--armor", "--export", key));
    }

    @Override
    public void close() {
      tree.run(List.of("gpgconf", "--homedir", home.toString(), "--kill", "gpg-agent"));
    }
  }
}
