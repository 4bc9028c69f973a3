package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageBuild.CopyRequest;
import dev.jctl.images.ImageBuild.CopyRequest.Option;
import dev.jctl.images.ImageBuild.CopyRequest.Owners;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.images.layer.Tars;
import dev.jctl.images.reference.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers as a build makes them, in a real store. */
final class ImageBuildIT {
  private static final Set<Option> PLAIN = Set.of();

  @TempDir Path temp;
  private Path context;
  private ImageStore store;
  private ImageBuild build;

  @BeforeEach
  void open() throws IOException {
    context = Files.createDirectories(temp.resolve("context"));
    store = ContentImageStore.open(temp.resolve("store"), Stores.AMD64);
    build = store.build(1_000_000L);
  }

  @AfterEach
  void close() {
    build.close();
    store.close();
  }

  private void file(String path, String content) throws IOException {
    Path file = context.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private Layer snapshot() {
    return build.context(context, "Dockerfile");
  }

  private static Attributes of(int mode, int uid) {
    return new Attributes(mode, uid, uid, 5_000_000_000L, Map.of());
  }

  private static Entry text(String path, String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new Entry.File(path, of(0640, 7), bytes.length, new ByteArrayInputStream(bytes));
  }

  private Layer layer(Entry... entries) {
    return build.changes("test", List.of(), List.of(entries).iterator(), Set.of()).orElseThrow();
  }

  private List<String> entries(Optional<Layer> layer) {
    List<String> lines = new ArrayList<>();
    try (LayerArchive archive = store.openLayer(layer.orElseThrow())) {
      archive.forEachRemaining(entry -> lines.add(line(entry)));
    }
    return lines;
  }

  private static String line(Entry entry) {
    try {
      return switch (entry) {
        case Entry.Directory e -> e.path() + "/ " + attributes(e.attributes());
        case Entry.File e ->
            e.path()
                + " "
                + attributes(e.attributes())
                + " "
                + new String(e.content().readAllBytes(), StandardCharsets.UTF_8);
        case Entry.Symlink e -> e.path() + " -> " + e.target();
        case Entry.HardLink e -> e.path() + " = " + e.target();
        case Entry.Whiteout e -> "-" + e.path();
        case Entry.Opaque e -> "!" + e.path();
        default -> entry.path();
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String attributes(Attributes a) {
    return Integer.toOctalString(a.mode()) + " " + a.uid();
  }

  private Optional<Layer> copy(
      List<Layer> onto, Layer from, String destination, @Nullable String chown, String... sources) {
    return build.copy(
        new CopyRequest(
            "COPY",
            onto,
            List.of(from),
            Owners.ROOT,
            List.of(sources),
            Map.of(),
            destination,
            chown,
            null,
            List.of(),
            PLAIN));
  }

  @Test
  void aDirectorysContentIsCopiedAndFilesAreRoots() throws IOException {
    file("src/a", "A");
    file("src/deep/b", "B");
    assertThat(entries(copy(List.of(), snapshot(), "/app", null, "src")))
        .containsExactly("app/ 755 0", "app/deep/ 755 0", "app/a 644 0 A", "app/deep/b 644 0 B");
  }

  @Test
  void linksOfTheImageAreFollowedAndItsDirectoriesKeepTheirAttributes() throws IOException {
    Layer base =
        layer(
            new Entry.Directory("usr", of(0711, 3)),
            new Entry.Directory("usr/lib", of(0700, 4)),
            new Entry.Symlink("lib", of(0777, 0), "usr/lib"));
    file("a", "A");
    assertThat(entries(copy(List.of(base), snapshot(), "/lib/x/", null, "a")))
        .containsExactly("usr/ 711 3", "usr/lib/ 700 4", "usr/lib/x/ 755 0", "usr/lib/x/a 644 0 A");
    assertThat(entries(copy(List.of(base), snapshot(), "/lib", null, "a")))
        .contains("usr/lib/a 644 0 A");
  }

  @Test
  void ownersAreLookedUpInTheImage() throws IOException {
    Layer base =
        layer(
            text("etc/passwd", "root:x:0:0::/:/bin/sh\nme:x:12:34::/:/bin/sh\n"),
            text("etc/group", "staff:x:50:\n"));
    file("a", "A");
    assertThat(entries(copy(List.of(base), snapshot(), "/a", "me:staff", "a")))
        .containsExactly("a 644 12 A");
    assertThatThrownBy(() -> copy(List.of(base), snapshot(), "/a", "you", "a"))
        .hasMessage("COPY: --chown: the image has no user you in /etc/passwd");
  }

  @Test
  void wildcardsSelectAndWhatSelectsNothingIsAMistake() throws IOException {
    file("a.txt", "A");
    file("b.txt", "B");
    file("c.bin", "C");
    assertThat(entries(copy(List.of(), snapshot(), "/d/", null, "*.txt")))
        .containsExactly("d/ 755 0", "d/a.txt 644 0 A", "d/b.txt 644 0 B");
    assertThatThrownBy(() -> copy(List.of(), snapshot(), "/d/", null, "*.md"))
        .hasMessageStartingWith("COPY: there is no *.md to copy");
  }

  @Test
  void whatIsIgnoredIsNotThere() throws IOException {
    file(".dockerignore", "secret\n*.log\n!keep.log\n");
    file("secret/key", "K");
    file("x.log", "L");
    file("keep.log", "M");
    assertThat(entries(copy(List.of(), snapshot(), "/", null, ".")))
        .containsExactly(".dockerignore 644 0 secret\n*.log\n!keep.log\n", "keep.log 644 0 M");
    assertThatThrownBy(() -> copy(List.of(), snapshot(), "/", null, "secret"))
        .hasMessageContaining("is it left out by .dockerignore?");
  }

  @Test
  void aContextThatWasSentIsTheSameAsADirectory() throws IOException {
    file(".dockerignore", "b\n");
    file("a", "A");
    file("b", "B");
    Layer sent = build.context(sent(build(temp.resolve("context.tar"))), "Dockerfile");
    assertThat(build.fingerprint(sent, List.of("."), List.of()))
        .isEqualTo(build.fingerprint(snapshot(), List.of("."), List.of()));
    assertThat(build.text(sent, "a")).hasValue("A");
    assertThat(build.text(sent, "c")).isEmpty();
  }

  @Test
  void aContextThatIsNotHereOrNoArchiveIsRefused() throws IOException {
    String absent = "sha256:" + "a".repeat(64);
    assertThatThrownBy(() -> build.context(absent, "Dockerfile"))
        .hasMessage("context " + absent + " is not here; send it again");
    Path text = Files.writeString(temp.resolve("text"), "no archive".repeat(100));
    String digest = sent(text);
    assertThatThrownBy(() -> build.context(digest, "Dockerfile"))
        .hasMessageStartingWith("context " + digest);
  }

  /** As a client of the registry sends it. */
  private String sent(Path file) throws IOException {
    String digest = Digest.of(Files.readAllBytes(file)).toString();
    try (var upload = store.served().upload();
        var in = Files.newInputStream(file)) {
      upload.append(in);
      upload.finish("default", digest);
    }
    return digest;
  }

  private Path build(Path tar) throws IOException {
    try (var out = Files.newOutputStream(tar)) {
      dev.jctl.images.layer.DirectoryLayer.write(context, out);
    }
    return tar;
  }

  @Test
  void aFingerprintHangsOnContentAndModeButNotOnTime() throws IOException {
    file("a", "A");
    String before = build.fingerprint(snapshot(), List.of("a"), List.of());
    Files.setLastModifiedTime(
        context.resolve("a"), java.nio.file.attribute.FileTime.fromMillis(1_000));
    assertThat(build.fingerprint(snapshot(), List.of("a"), List.of())).isEqualTo(before);
    file("a", "B");
    assertThat(build.fingerprint(snapshot(), List.of("a"), List.of())).isNotEqualTo(before);
  }

  /** Dockerfile reference, "COPY --parents". */
  @Test
  void directoriesOfTheSourcesAreMadeFromThePivotOn() throws IOException {
    file("a/b/c/one", "1");
    file("a/b/two", "2");
    assertThat(with(Set.of(Option.PARENTS), null, "a/./b/c/one", "a/b/two"))
        .map(line -> line.replaceFirst(" .*", ""))
        .containsExactlyInAnyOrder(
            "to/", "to/b/", "to/b/c/", "to/b/c/one", "to/a/", "to/a/b/", "to/a/b/two");
    assertThat(with(Set.of(Option.PARENTS), null, "./a/*/./c/*"))
        .map(line -> line.replaceFirst(" .*", ""))
        .containsExactly("to/", "to/c/", "to/c/one");
    assertThat(with(Set.of(Option.PARENTS), null, "a/./b"))
        .map(line -> line.replaceFirst(" .*", ""))
        .contains("to/b/c/one", "to/b/two")
        .doesNotContain("to/a/");
  }

  @Test
  void modesAreGivenInSymbolsToo() throws IOException {
    file("d/x/plain", "1");
    Files.setAttribute(context.resolve("d/x/plain"), "unix:mode", 0640);
    file("d/x/program", "2");
    Files.setAttribute(context.resolve("d/x/program"), "unix:mode", 0700);
    assertThat(with(PLAIN, "u=rwX,go=rX", "d"))
        .containsExactly("to/ 755 0", "to/x/ 755 0", "to/x/plain 644 0 1", "to/x/program 755 0 2");
    assertThat(with(PLAIN, "a-x+w,u+s", "d"))
        .contains("to/x/plain 4662 0 1", "to/x/program 4622 0 2");
    assertThat(with(PLAIN, "g=s,o=t", "d")).contains("to/x/plain 3600 0 1");
    assertThat(with(PLAIN, "0711", "d")).contains("to/x/ 711 0", "to/x/plain 711 0 1");
    for (String wrong : List.of("rw", "u=rw,", "9", "u~r")) {
      assertThatThrownBy(() -> with(PLAIN, wrong, "d"))
          .hasMessageEndingWith(
              "--chmod is as chmod(1) takes it, such as 0755 or u=rwX,go=rX, not " + wrong);
    }
  }

  private List<String> with(Set<Option> options, @Nullable String chmod, String... sources)
      throws IOException {
    return entries(
        build.copy(
            new CopyRequest(
                "COPY",
                List.of(),
                List.of(snapshot()),
                Owners.ROOT,
                List.of(sources),
                Map.of(),
                "/to/",
                null,
                chmod,
                List.of(),
                options)));
  }

  @Test
  void filesOfAStageKeepTheirOwnersAndHardLinks() {
    Layer stage = layer(text("out/a", "A"), new Entry.HardLink("out/b", "out/a"));
    assertThat(
            entries(
                build.copy(
                    new CopyRequest(
                        "COPY",
                        List.of(),
                        List.of(stage),
                        Owners.AS_THEY_ARE,
                        List.of("/out"),
                        Map.of("text", "T"),
                        "/bin/",
                        null,
                        "0700",
                        List.of(),
                        PLAIN))))
        .containsExactly("bin/ 755 0", "bin/text 700 0 T", "bin/a 700 7 A", "bin/b = bin/a");
  }

  @Test
  void archivesAreUnpackedByAdd() throws IOException {
    file("a", "A");
    build(temp.resolve("x.tar"));
    Files.move(temp.resolve("x.tar"), context.resolve("x.tar"));
    assertThat(
            entries(
                build.copy(
                    new CopyRequest(
                        "ADD",
                        List.of(),
                        List.of(snapshot()),
                        Owners.ROOT,
                        List.of("x.tar"),
                        Map.of(),
                        "/opt/",
                        null,
                        null,
                        List.of(),
                        Set.of(Option.UNPACK)))))
        .containsExactly(
            "opt/ 755 0", "opt/a 644 " + Files.getAttribute(context, "unix:uid") + " A");
  }

  @Test
  void directoriesThatAreAsBeforeAndTracesOfMountsAreNoChanges() {
    Layer base =
        layer(new Entry.Directory("etc", of(0755, 0)), new Entry.Directory("tmp", of(01777, 0)));
    List<Entry> upper =
        List.of(
            new Entry.Directory("etc", of(0755, 0)),
            text("etc/hosts", ""),
            new Entry.Directory("proc", of(0755, 0)),
            new Entry.Directory("tmp", of(01777, 0)),
            text("tmp/kept", "K"),
            new Entry.Whiteout("tmp/gone"));
    assertThat(
            entries(
                build.changes(
                    "RUN", List.of(base), upper.iterator(), Set.of("/etc/hosts", "/proc"))))
        .containsExactly("tmp/ 1777 0", "tmp/kept 640 7 K", "-tmp/gone");
    assertThat(
            build.changes(
                "RUN",
                List.of(base),
                upper.subList(0, 4).iterator(),
                Set.of("/etc/hosts", "/proc")))
        .isEmpty();
  }

  @Test
  void stepsAreRememberedUntilTheirContentIsGone() {
    String key = "a".repeat(64);
    assertThat(build.earlier(key)).isEmpty();
    Layer layer = layer(text("a", "A"));
    build.remember(key, Optional.of(layer));
    build.remember("b".repeat(64), Optional.empty());
    build.close();
    store.collectGarbage(List.of(), List.of());
    try (ImageBuild later = store.build(null)) {
      assertThat(later.earlier(key)).hasValue(Optional.of(layer));
      assertThat(later.earlier("b".repeat(64))).hasValue(Optional.empty());
    }
  }

  // --- downloads

  private Optional<Layer> add(ImageBuild.Download download, Option... options) {
    return build.copy(
        new CopyRequest(
            "ADD",
            List.of(),
            List.of(download.layer()),
            Owners.ROOT,
            List.of("/" + ImageBuild.DOWNLOADS + "/t.tar"),
            Map.of(),
            "/opt/",
            null,
            null,
            List.of(),
            Set.of(options)));
  }

  @Test
  void aFileOfAWebServerIsAddedAsItIsUnlessItIsToBeUnpacked() throws IOException {
    byte[] tar = new Tars().file("in", "I").bytes();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/t.tar",
        exchange -> {
          exchange.getResponseHeaders().set("Last-Modified", "Thu, 01 Jan 1970 00:00:07 GMT");
          exchange.sendResponseHeaders(200, tar.length);
          exchange.getResponseBody().write(tar);
          exchange.close();
        });
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/t.tar");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.start();
    try {
      URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      URI moved = base.resolve("moved");
      String digest = Digest.of(tar).toString();
      ImageBuild.Download download = build.download("ADD x", moved, "t.tar", digest);
      assertThat(download.digest()).isEqualTo(digest);
      assertThat(entries(add(download, Option.UNPACK)))
          .hasSize(2)
          .element(1)
          .asString()
          .startsWith("opt/t.tar 600 0 ");
      assertThat(entries(add(download, Option.UNPACK, Option.UNPACK_DOWNLOADS)))
          .contains("opt/in 644 0 I");
      String other = Digest.of(new byte[0]).toString();
      assertThatThrownBy(() -> build.download("ADD x", moved, "t.tar", other))
          .hasMessage("ADD x: it is " + digest + ", not " + other);
      assertThatThrownBy(() -> build.download("ADD x", base.resolve("none"), "t.tar", null))
          .hasMessageStartingWith("ADD x: " + base.getAuthority() + " answered 404");
      assertThat(temp.resolve("store/ingest")).isEmptyDirectory();
    } finally {
      server.stop(0);
    }
    URI gone = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/t.tar");
    assertThatThrownBy(() -> build.download("ADD x", gone, "t.tar", null))
        .hasMessageContaining("ADD x: no answer from 127.0.0.1:");
  }
}
