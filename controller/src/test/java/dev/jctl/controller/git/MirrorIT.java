package dev.jctl.controller.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.jctl.controller.git.GitException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repositories made by git, over each way that they are reached. */
final class MirrorIT {
  private static final Credentials NOBODY = new Credentials.None();

  @TempDir Path directory;
  private WorkTree tree;
  private Mirror mirror;

  @BeforeEach
  void repository() throws IOException {
    tree = new WorkTree(directory.resolve("repo"));
    mirror = new Mirror(directory.resolve("mirror"));
  }

  private Remote remote(String url, GitRef ref, Credentials credentials) {
    return new Remote(url, ref, credentials, "", Duration.ofSeconds(30), Extent.ALL);
  }

  private Revision fetch(GitRef ref) {
    return mirror.fetch(remote(tree.directory().toString(), ref, NOBODY));
  }

  private List<String> paths(Revision revision, String path) {
    return mirror.read(revision.commit(), Extent.ALL, files -> files.manifests(path)).stream()
        .map(RepositoryFile::path)
        .toList();
  }

  @Test
  void followsWhateverAReferenceStandsForNow() throws IOException {
    String first = tree.commit(Map.of("a.yaml", "a: 1"));
    tree.git("tag", "v1.2.0");
    tree.git("tag", "-a", "v1.10.0", "-m", "annotated");
    tree.git("tag", "nightly");
    assertThat(fetch(new GitRef.DefaultBranch())).isEqualTo(new Revision("main", first));

    String second = tree.commit(Map.of("b.yaml", "b: 1"));
    tree.git("tag", "v2.0.0-rc.1");
    tree.git("branch", "other");
    assertThat(fetch(new GitRef.DefaultBranch())).hasToString("main@sha1:" + second);
    assertThat(fetch(new GitRef.Branch("other"))).isEqualTo(new Revision("other", second));
    assertThat(fetch(new GitRef.Tag("v1.2.0"))).isEqualTo(new Revision("v1.2.0", first));
    assertThat(fetch(new GitRef.Range("1.x"))).isEqualTo(new Revision("v1.10.0", first));
    assertThat(fetch(new GitRef.Commit(first, Optional.empty())))
        .isEqualTo(new Revision("", first));
  }

  @Test
  void followsABranchThatWasRewritten() throws IOException {
    tree.commit(Map.of("a.yaml", "a: 1"));
    tree.commit(Map.of("a.yaml", "a: 2"));
    fetch(new GitRef.Branch("main"));
    tree.git("reset", "-q", "--hard", "HEAD~1");
    String other = tree.commit(Map.of("a.yaml", "a: 3"));
    Revision now = fetch(new GitRef.Branch("main"));
    assertThat(now.commit()).isEqualTo(other);
    assertThat(mirror.read(other, Extent.ALL, files -> files.manifests(".")).getFirst().text())
        .isEqualTo("a: 3");
  }

  @Test
  void knowsWhetherWhatRanIsInTheHistory() throws IOException {
    String first = tree.commit(Map.of("a.yaml", "a: 0"));
    for (int i = 1; i < 30; i++) {
      tree.commit(Map.of("a.yaml", "a: " + i));
    }
    Revision head = fetch(new GitRef.Branch("main"));
    String before = tree.git("rev-parse", "HEAD~1").strip();
    for (Remote over : List.of(local(), remote("file://" + tree.directory(), main(), NOBODY))) {
      assertThat(mirror.descends(over, head, before)).isTrue();
      assertThat(mirror.descends(over, head, first)).isTrue();
      assertThat(mirror.descends(over, head, "a".repeat(40))).isFalse();
    }

    tree.git("reset", "-q", "--hard", "HEAD~1");
    Revision back = fetch(main());
    assertThat(mirror.descends(local(), back, head.commit())).isFalse();
    tree.commit(Map.of("b.yaml", "b: 1"));
    assertThat(mirror.descends(local(), fetch(main()), head.commit())).isFalse();
    assertThat(mirror.descends(local(), fetch(main()), before)).isTrue();
  }

  private static GitRef main() {
    return new GitRef.Branch("main");
  }

  private Remote local() {
    return remote(tree.directory().toString(), main(), NOBODY);
  }

  @Test
  void readsManifestsBelowAPathAndNothingElse() throws IOException {
    tree.commit(
        Map.of(
            "deploy/b.yml", "b: 1",
            "deploy/sub/c.json", "{}",
            "deploy/a.yaml", "a: 1",
            "deploy/.hidden/x.yaml", "x: 1",
            "deploy/README.md", "text",
            "other.yaml", "o: 1"));
    Revision revision = fetch(new GitRef.DefaultBranch());
    assertThat(paths(revision, "./deploy/"))
        .containsExactly("deploy/a.yaml", "deploy/b.yml", "deploy/sub/c.json");
    assertThat(paths(revision, ".")).contains("other.yaml").hasSize(4);
    assertThatThrownBy(
            () ->
                mirror.read(
                    revision.commit(), Extent.ALL, files -> files.manifests("deploy/a.yaml")))
        .hasMessageContaining("there is no directory deploy/a.yaml");
  }

  @Test
  void aFileThatIsNoTextOfItsOwnIsNamed() throws IOException {
    tree.commit(Map.of("a.yaml", "a: 1"));
    Files.createSymbolicLink(tree.directory().resolve("passwd.yaml"), Path.of("/etc/passwd"));
    tree.commitAll();
    assertRefused("passwd.yaml is a symbolic link");

    Files.delete(tree.directory().resolve("passwd.yaml"));
    Files.write(tree.directory().resolve("bytes.yaml"), new byte[] {(byte) 0xff, 1});
    tree.commitAll();
    assertRefused("bytes.yaml is no text in UTF-8");

    tree.commit(Map.of("bytes.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:0"));
    assertRefused("bytes.yaml is a pointer of Git LFS");

    tree.commit(Map.of("bytes.yaml", "#".repeat((1 << 20) + 1)));
    assertRefused("bytes.yaml is larger than 1 MiB");
  }

  @Test
  void submodulesArePassedOverAndDeepTreesRefused() throws IOException {
    String commit = tree.commit(Map.of("a.yaml", "a: 1"));
    Files.writeString(
        tree.directory().resolve(".gitmodules"),
        """
        [submodule "x"]
          path = sub.yaml
          url = ext::sh -c touch%20/tmp/owned
        """);
    tree.git("update-index", "--add", "--cacheinfo", "160000," + commit + ",sub.yaml");
    tree.git("add", ".gitmodules");
    tree.git("commit", "-q", "-m", "submodule");
    assertThat(paths(fetch(main()), ".")).containsExactly("a.yaml");

    tree.commit(Map.of("d/".repeat(60) + "deep.yaml", "a: 1"));
    assertRefused("directories deeper than 50");
  }

  /** With filters, and as git serves a repository of which nobody has said that it may. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofALargeRepositoryOnlyWhatIsListedIsFetchedAndRead(boolean filters) throws IOException {
    tree.git("config", "uploadpack.allowFilter", Boolean.toString(filters));
    tree.commit(
        Map.of(
            "deploy/a.yaml",
            "a: 1",
            "base/b.yaml",
            "b: 1",
            "base/note.txt",
            "n",
            "c.yaml",
            "c: 1"));
    byte[] noise = new byte[3 << 20];
    new Random(7).nextBytes(noise);
    Files.createDirectory(tree.directory().resolve("assets"));
    Files.write(tree.directory().resolve("assets/film.bin"), noise);
    String commit = tree.commitAll();
    Extent some = new Extent(List.of("base", "./deploy/"), false);
    try (GitHttp server = new GitHttp(directory, "")) {
      Remote remote = part(server.url("repo"), some);
      assertThat(mirror.fetch(remote).commit()).isEqualTo(commit);
      assertThat(manifests(commit, some)).hasSize(1);
      assertThat(text(commit, some, "base/note.txt")).contains("n");
      assertThat(fetchedBytes() < 1 << 20).isEqualTo(filters);
      assertThatThrownBy(() -> mirror.read(commit, some, files -> files.text("c.yaml")))
          .hasMessage("c.yaml is outside of spec.path and spec.sparse; add it to spec.sparse");

      String next = tree.commit(Map.of("deploy/a.yaml", "a: 2", "c.yaml", "c: 2"));
      assertThat(mirror.fetch(remote).commit()).isEqualTo(next);
      assertThat(text(next, some, "deploy/a.yaml")).contains("a: 2");
      assertThat(fetchedBytes() < 1 << 20).isEqualTo(filters);
      assertThat(mirror.descends(remote, new Revision("main", next), commit)).isTrue();

      assertThat(mirror.fetch(part(server.url("repo"), Extent.ALL)).commit()).isEqualTo(next);
      assertThat(text(next, Extent.ALL, "c.yaml")).contains("c: 2");
    }
  }

  private Optional<String> text(String commit, Extent extent, String path) {
    return mirror.read(commit, extent, files -> files.text(path));
  }

  private List<RepositoryFile> manifests(String commit, Extent extent) {
    return mirror.read(commit, extent, files -> files.manifests("deploy"));
  }

  private Remote part(String url, Extent extent) {
    return new Remote(url, main(), NOBODY, "", Duration.ofSeconds(30), extent);
  }

  private long fetchedBytes() throws IOException {
    try (var packs = Files.list(directory.resolve("mirror/objects/pack"))) {
      return packs.mapToLong(p -> p.toFile().length()).sum();
    }
  }

  @Test
  void submodulesAreDirectoriesWhereThatIsAskedFor() throws IOException {
    WorkTree library = new WorkTree(directory.resolve("library"));
    library.git("config", "uploadpack.allowAnySHA1InWant", "true");
    String old = library.commit(Map.of("base/x.yaml", "x: 1"));
    library.git("update-index", "--add", "--cacheinfo", "160000," + old + ",deeper.yaml");
    library.git("commit", "-q", "-m", "a submodule of a submodule");
    String wanted = library.git("rev-parse", "HEAD").strip();
    library.commit(Map.of("base/x.yaml", "x: 2"));
    tree.commit(Map.of("deploy/a.yaml", "a: 1"));
    String commit = submodule("deploy/library", "../library", wanted);
    Extent with = new Extent(List.of(), true);
    try (GitHttp server = new GitHttp(directory, "")) {
      mirror.fetch(part(server.url("repo"), with));
      assertThat(manifests(commit, with))
          .extracting(RepositoryFile::path, RepositoryFile::text)
          .containsExactly(
              tuple("deploy/a.yaml", "a: 1"), tuple("deploy/library/base/x.yaml", "x: 1"));
      assertThat(text(commit, with, "deploy/library/base/x.yaml")).contains("x: 1");
      assertThat(manifests(commit, Extent.ALL)).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc", "/etc", "ext::sh -c touch% /tmp/owned", "--upload-pack=touch /tmp/owned",
        "../../../../../x", "http://127.0.0.1:1/x", "ssh://-oProxyCommand=x/y", "me@-host:x"
      })
  void submodulesFromElsewhereThanAServerAreRefused(String url) throws IOException {
    String commit = tree.commit(Map.of("a.yaml", "a: 1"));
    submodule("deploy/library", url, commit.replace('a', 'b'));
    try (GitHttp server = new GitHttp(directory, "")) {
      assertThatThrownBy(() -> mirror.fetch(part(server.url("repo"), new Extent(List.of(), true))))
          .isInstanceOf(GitException.class)
          .hasMessageStartingWith("submodule deploy/library is at ");
    }
  }

  private String submodule(String path, String url, String commit) throws IOException {
    Files.writeString(
        tree.directory().resolve(".gitmodules"),
        "[submodule \"x\"]\n path = " + path + "\n url = \"" + url + "\"\n");
    tree.git("add", ".gitmodules");
    tree.git("update-index", "--add", "--cacheinfo", "160000," + commit + "," + path);
    tree.git("commit", "-q", "-m", "submodule");
    return tree.git("rev-parse", "HEAD").strip();
  }

  private void assertRefused(String message) {
    Revision revision = fetch(new GitRef.DefaultBranch());
    assertThatThrownBy(
            () -> mirror.read(revision.commit(), Extent.ALL, files -> files.manifests(".")))
        .isInstanceOf(GitException.class)
        .hasMessageContaining(message);
  }

  @Test
  void manyFetchesDoNotPileUp() throws IOException {
    for (int i = 0; i < 40; i++) {
      tree.commit(Map.of("a.yaml", "a: " + i));
      fetch(new GitRef.DefaultBranch());
    }
    try (var packs = Files.list(directory.resolve("mirror/objects/pack"))) {
      assertThat(packs.filter(p -> p.toString().endsWith(".pack"))).hasSizeLessThan(35);
    }
    mirror.remove();
    assertThat(directory.resolve("mirror")).doesNotExist();
  }

  @Test
  void http() throws IOException {
    String commit = tree.commit(Map.of("a.yaml", "a: 1"));
    try (GitHttp open = new GitHttp(directory, "");
        GitHttp basic = new GitHttp(directory, GitHttp.basic("me", "secret"));
        GitHttp bearer = new GitHttp(directory, "Bearer t0ken")) {
      GitRef head = new GitRef.DefaultBranch();
      assertThat(mirror.fetch(remote(open.url("repo"), head, NOBODY)).commit()).isEqualTo(commit);
      Credentials right = new Credentials.Password("me", "secret");
      assertThat(mirror.fetch(remote(basic.url("repo"), head, right)).commit()).isEqualTo(commit);
      Credentials token = new Credentials.Bearer("t0ken");
      assertThat(mirror.fetch(remote(bearer.url("repo"), head, token)).commit()).isEqualTo(commit);

      assertFails(remote(basic.url("repo"), head, NOBODY), Reason.UNAUTHORIZED);
      Credentials wrong = new Credentials.Password("me", "guess");
      assertFails(remote(basic.url("repo"), head, wrong), Reason.UNAUTHORIZED);
      assertFails(remote(open.url("nothing"), head, NOBODY), Reason.NO_SUCH_REPOSITORY);
    }
  }

  @Test
  void ssh() throws Exception {
    String commit = tree.commit(Map.of("a.yaml", "a: 1"));
    String identity = key("ed25519");
    try (GitSsh server = new GitSsh(publicKey(identity))) {
      String url = server.url(tree.directory());
      GitRef head = new GitRef.DefaultBranch();
      Credentials right = new Credentials.SshKey(identity, "", server.knownHosts());
      assertThat(mirror.fetch(remote(url, head, right)).commit()).isEqualTo(commit);

      Credentials stranger = new Credentials.SshKey(key("rsa"), "", server.knownHosts());
      assertFails(remote(url, head, stranger), Reason.UNAUTHORIZED);
      Credentials unknown = new Credentials.SshKey(identity, "", "example.org ssh-rsa AAAA");
      assertFails(remote(url, head, unknown), Reason.UNKNOWN_HOST_KEY);
      assertFails(remote(url, head, NOBODY), Reason.BAD_CREDENTIALS);
      Credentials text = new Credentials.SshKey("no key", "", server.knownHosts());
      assertFails(remote(url, head, text), Reason.BAD_CREDENTIALS);
    }
  }

  /** As ssh-keygen(1) makes it. */
  private String key(String type) throws IOException {
    Path file = directory.resolve("key-" + type);
    tree.run(List.of("ssh-keygen", "-q", "-N", "", "-t", type, "-f", file.toString()));
    return Files.readString(file);
  }

  private static PublicKey publicKey(String identity) throws Exception {
    try (var in = new ByteArrayInputStream(identity.getBytes(StandardCharsets.US_ASCII))) {
      return SecurityUtils.loadKeyPairIdentities(null, NamedResource.ofName("key"), in, null)
          .iterator()
          .next()
          .getPublic();
    }
  }

  @Test
  void whatIsNotThereIsNamed() throws IOException {
    tree.commit(Map.of("a.yaml", "a: 1"));
    String url = tree.directory().toString();
    assertFails(remote(url, new GitRef.Branch("nope"), NOBODY), Reason.NO_SUCH_REF);
    assertFails(remote(url, new GitRef.Range(">=9"), NOBODY), Reason.NO_SUCH_REF);
    GitRef head = new GitRef.DefaultBranch();
    assertFails(remote(directory + "/none", head, NOBODY), Reason.NO_SUCH_REPOSITORY);
    assertFails(remote("git://127.0.0.1:1/x", head, NOBODY), Reason.UNREACHABLE);
    assertFails(remote("https://nowhere.invalid/x", head, NOBODY), Reason.UNREACHABLE);
  }

  @Test
  void aRemoteThatSaysNothingIsGivenUp() throws IOException {
    try (ServerSocket silent = new ServerSocket(0)) {
      String url = "git://127.0.0.1:" + silent.getLocalPort() + "/x";
      Remote remote =
          new Remote(
              url, new GitRef.DefaultBranch(), NOBODY, "", Duration.ofSeconds(1), Extent.ALL);
      assertFails(remote, Reason.TIMED_OUT);
    }
  }

  private void assertFails(Remote remote, Reason reason) {
    assertThatThrownBy(() -> mirror.fetch(remote))
        .isInstanceOfSatisfying(
            GitException.class, e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
  }
}
