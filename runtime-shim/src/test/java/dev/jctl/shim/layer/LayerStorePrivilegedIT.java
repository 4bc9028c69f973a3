package dev.jctl.shim.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.LayerEntry.Attributes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners, devices and trusted attributes need root. */
final class LayerStorePrivilegedIT {
  @TempDir Path directory;

  @BeforeEach
  void needsRoot() {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
  }

  private static Attributes attributes(int mode) {
    return new Attributes(mode, 7, 8, 1_000_000_000_123_456_789L, Map.of());
  }

  private static LayerEntry file(String path, String content) {
    byte[] bytes = content.getBytes(UTF_8);
    return new LayerEntry.File(
        path, attributes(04755), bytes.length, new ByteArrayInputStream(bytes));
  }

  private LayerStore store() throws IOException {
    return new LayerStore(directory.resolve("layers"));
  }

  @Test
  void entriesBecomeWhatTheySay() throws IOException {
    LayerStore store = store();
    store.unpack(
        "aa",
        List.of(
                new LayerEntry.Directory("bin", attributes(0751)),
                file("bin/a", "old"),
                file("bin/a", "new"),
                new LayerEntry.HardLink("bin/b", "bin/a"),
                new LayerEntry.Symlink("bin/c", attributes(0777), "/etc/passwd"),
                file("not/named/before", "x"),
                new LayerEntry.Device("null", attributes(0666), false, 1, 3),
                new LayerEntry.Fifo("fifo", attributes(0600)),
                new LayerEntry.Directory("swap", attributes(0700)),
                file("swap/inner", "x"),
                file("swap", "now a file"),
                new LayerEntry.Whiteout("bin/gone"),
                new LayerEntry.Directory("var", attributes(0755)),
                new LayerEntry.Opaque("var"))
            .iterator());
    Path layer = store.directory("aa");
    assertThat(store.layers()).containsExactly("aa");
    assertThat(layer.resolve("bin/a")).hasContent("new");
    assertThat(Files.getAttribute(layer.resolve("bin/a"), "unix:mode")).isEqualTo(0104755);
    assertThat(Files.getAttribute(layer.resolve("bin/b"), "unix:nlink")).isEqualTo(2);
    assertThat(Files.getAttribute(layer.resolve("bin/a"), "unix:uid")).isEqualTo(7);
    assertThat(Files.getAttribute(layer.resolve("bin"), "unix:gid")).isEqualTo(8);
    assertThat(Files.readSymbolicLink(layer.resolve("bin/c"))).isEqualTo(Path.of("/etc/passwd"));
    for (String path : List.of("bin", "bin/a", "bin/c")) {
      FileTime time = Files.getLastModifiedTime(layer.resolve(path), LinkOption.NOFOLLOW_LINKS);
      assertThat(time.toInstant().getEpochSecond()).isEqualTo(1_000_000_000L);
    }
    assertThat(layer.resolve("not/named/before")).exists();
    assertThat(layer.resolve("swap")).hasContent("now a file");
    assertThat(Files.getAttribute(layer.resolve("bin/gone"), "unix:rdev")).isEqualTo(0L);
    assertThat(Files.getAttribute(layer.resolve("null"), "unix:rdev")).isEqualTo(0x103L);
    awaitDurable("aa");
    store.dropUnsynced();
    assertThat(store.layers()).containsExactly("aa");
    store.detach("aa").ifPresent(store::discard);
    assertNothingLeft();
  }

  /** Until then its store writes in the directory, which is deleted after each test. */
  private void awaitDurable(String layer) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Files.exists(directory.resolve("layers/.durable-" + layer)));
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> left = Files.list(directory.resolve("layers"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void nothingOutsideIsTouchedByAHostileLayer() throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    List<List<LayerEntry>> hostile =
        List.of(
            List.of(file("../outside/x", "x")),
            List.of(file("a/../../outside/x", "x")),
            List.of(file(outside + "/x", "x")),
            List.of(
                new LayerEntry.Symlink("out", attributes(0777), outside.toString()),
                file("out/x", "x")),
            List.of(
                new LayerEntry.Symlink("out", attributes(0777), outside.toString()),
                new LayerEntry.Whiteout("out/x")),
            List.of(new LayerEntry.HardLink("passwd", "../../../../etc/passwd")),
            List.of(new LayerEntry.HardLink("passwd", "missing")),
            List.of(file("..", "x")),
            List.of(
                new LayerEntry.Directory(
                    "d",
                    new Attributes(
                        0755, 0, 0, 0, Map.of("trusted.overlay.redirect", new byte[] {'/'})))));
    assertRefused(hostile);
    assertThat(outside).isEmptyDirectory();
  }

  /** Each by its last entry, and without the directory where it is tried. */
  private void assertRefused(List<List<LayerEntry>> hostile) throws IOException {
    LayerStore store = store();
    for (List<LayerEntry> entries : hostile) {
      RuntimeFailure failure =
          catchThrowableOfType(RuntimeFailure.class, () -> store.unpack("bad", entries.iterator()));
      assertThat(failure).as("%s", entries).isNotNull();
      assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(Reason.BAD_LAYER);
      assertThat(failure)
          .hasMessageStartingWith("layer entry " + entries.getLast().path() + ": ")
          .hasMessageNotContaining(".aside");
      assertNothingLeft();
    }
  }

  private static LayerEntry file(String path, Map<String, byte[]> xattrs) {
    return new LayerEntry.File(
        path, new Attributes(0644, 0, 0, 0, xattrs), 0, InputStream.nullInputStream());
  }

  @Test
  void whatNoFileSystemTakesIsTheArchivesFault() throws IOException {
    LayerEntry directory = new LayerEntry.Directory("d", attributes(0755));
    Map<String, byte[]> many = new TreeMap<>();
    for (int i = 0; i < 40; i++) {
      many.put("user.note-" + i, new byte[60_000]);
    }
    assertRefused(
        List.of(
            List.of(directory, new LayerEntry.HardLink("link", "d")),
            List.of(file("a", Map.of("user." + "n".repeat(300), new byte[1]))),
            List.of(file("a", Map.of("user.large", new byte[70_000]))),
            List.of(file("a", many)),
            List.of(file("a", Map.of("security.capability", new byte[] {1}))),
            List.of(file("a", Map.of("system.posix_acl_access", new byte[] {1, 2, 3}))),
            List.of(new LayerEntry.Symlink("l", attributes(0777), "t".repeat(5000))),
            List.of(file("n".repeat(300), "x")),
            List.of(file("d/a", Map.of()), file("d/a/b", "x"))));
  }

  @Test
  void attributesOfOtherSystemsAreLeftOut() throws IOException {
    LayerStore store = store();
    store.unpack("aa", List.of(file("a", Map.of("com.apple.note", new byte[1]))).iterator());
    assertThat(store.directory("aa").resolve("a")).isEmptyFile();
    awaitDurable("aa");
  }

  /** OCI image spec, layer.md: a whiteout is about the layers below, wherever it stands. */
  @Test
  void whatALayerPutsInThePlaceOfWhatItHidesHasNothingFromBelow() throws IOException {
    LayerEntry below = new LayerEntry.Fifo("d/new", attributes(0600));
    LayerEntry named = new LayerEntry.Directory("d", attributes(0700));
    LayerEntry hidden = new LayerEntry.Whiteout("d");
    assertThat(over(hidden, named)).isEmpty();
    assertThat(over(named, hidden)).isEmpty();
    assertThat(over(hidden, named, below)).containsExactly("d/new");
    assertThat(over(named, below, hidden)).containsExactly("d/new");
    assertThat(over(hidden, below)).containsExactly("d/new");
    assertThat(over(below, hidden)).containsExactly("d/new");
    assertThat(over(hidden, new LayerEntry.Fifo("d/x/y/z", attributes(0600))))
        .containsExactly("d/x");
    assertThat(over(hidden, file("d", "a file"), named)).isEmpty();
    assertThat(over(named, below)).containsExactly("d/new", "d/old");
    // nothing takes its place
    assertThat(over(hidden, new LayerEntry.Whiteout("d/old"))).containsExactly("no d");
    assertThat(over(hidden, new LayerEntry.Opaque("d"))).containsExactly("no d");
    assertThat(over(hidden, new LayerEntry.Whiteout("d/x/y"))).containsExactly("no d");
    assertThat(over(new LayerEntry.Whiteout("d/old"), named)).isEmpty();
  }

  /** What is in the directory d of a layer over another, where it has the file old. */
  private List<String> over(LayerEntry... entries) throws IOException {
    LayerStore store = store();
    store.unpack("lower", List.of(file("d/old", "old")).iterator());
    store.unpack("upper", List.of(entries).iterator());
    awaitDurable("lower");
    awaitDurable("upper");
    Path merged = Files.createDirectories(directory.resolve("merged"));
    String layers = "lowerdir=" + store.directory("upper") + ":" + store.directory("lower");
    Kernel.mount("overlay", merged.toString(), "overlay", 0, layers);
    try (Stream<Path> files =
        Files.isDirectory(merged.resolve("d"))
            ? Files.list(merged.resolve("d"))
            : Stream.of(merged.resolve("no d"))) {
      return files.map(file -> merged.relativize(file).toString()).sorted().toList();
    } finally {
      Kernel.umount(merged.toString(), 0);
      store.detach("upper").ifPresent(store::discard);
    }
  }

  /** What is below is seen in a layer of its own, which goes with the layer that it is of. */
  @Test
  void directoriesWithoutAnEntryAreInheritedFromEachStackThatIsBelow() throws IOException {
    LayerStore store = store();
    for (String below : List.of("one", "two")) {
      int mode = below.equals("one") ? 0711 : 0750;
      List<LayerEntry> entries =
          List.of(
              new LayerEntry.Directory("a", attributes(mode)),
              new LayerEntry.Directory("a/named", attributes(mode)),
              new LayerEntry.Directory("a/named/b", attributes(mode)),
              new LayerEntry.Symlink("link", attributes(0777), "a"));
      store.unpack(below, entries.iterator());
    }
    List<LayerEntry> upper =
        List.of(
            new LayerEntry.Fifo("a/later/x", attributes(0600)),
            new LayerEntry.Directory("a/later", attributes(0700)),
            new LayerEntry.Directory("a/named", attributes(0701)),
            new LayerEntry.Fifo("a/named/b/x", attributes(0600)),
            new LayerEntry.Fifo("link/x", attributes(0600)),
            new LayerEntry.Fifo("only/here/x", attributes(0600)));
    store.unpack("upper", upper.iterator());
    assertThat(store.stack(List.of("upper", "one"), this::shown)).hasSize(2);
    for (String below : List.of("one", "two")) {
      List<Path> stack = store.stack(List.of(below, "upper"), this::shown);
      assertThat(stack).startsWith(store.directory(below), store.directory("upper")).hasSize(3);
      assertThat(modes(stack.getLast()))
          .isEqualTo(
              below.equals("one")
                  ? List.of("a 711", "a/named 701", "a/named/b 711")
                  : List.of("a 750", "a/named 701", "a/named/b 750"));
      assertThat(store.stack(List.of(below, "upper"), (layers, user) -> {})).isEqualTo(stack);
    }
    for (String layer : List.of("one", "two", "upper")) {
      awaitDurable(layer);
      store.detach(layer).ifPresent(store::discard);
    }
    assertNothingLeft();
  }

  /** As long as there is one of them. */
  private void shown(List<Path> layers, Consumer<Path> user) {
    user.accept(layers.getLast());
  }

  private static List<String> modes(Path tree) throws IOException {
    List<String> modes = new ArrayList<>();
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.filter(path -> !path.equals(tree)).sorted().toList()) {
        int mode = (int) Files.getAttribute(file, "unix:mode");
        modes.add(tree.relativize(file) + " " + Integer.toOctalString(mode & 07777));
      }
    }
    return modes;
  }

  @Test
  void aLayerCannotAskForDirectoriesWithoutEnd() throws IOException {
    LayerStore store = store();
    String deep = "d/".repeat(2000);
    Iterator<LayerEntry> hostile =
        Stream.iterate(0, i -> i + 1)
            .<LayerEntry>map(i -> new LayerEntry.Fifo(i + "/" + deep + "x", attributes(0600)))
            .iterator();
    RuntimeFailure failure =
        catchThrowableOfType(RuntimeFailure.class, () -> store.unpack("aa", hostile));
    assertThat(failure.reason()).isEqualTo(Reason.BAD_LAYER);
    assertThat(failure).hasMessageContaining("directories that no entry names");
    assertNothingLeft();
  }

  @Test
  void aFullDiskIsNoSpaceAndLeavesNothing() throws IOException {
    Path small = Files.createDirectory(directory.resolve("layers"));
    Kernel.mount("tmpfs", small.toString(), "tmpfs", 0, "size=1m");
    try {
      assertThatThrownBy(
              () -> store().unpack("big", List.of(file("big", "x".repeat(3 << 20))).iterator()))
          .isInstanceOfSatisfying(
              RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_SPACE))
          .hasMessageStartingWith("layer entry big: write ./big: ENOSPC");
      assertNothingLeft();
    } finally {
      Kernel.umount(small.toString(), Kernel.MNT_DETACH);
    }
  }

  @Test
  void concurrentUnpacksOfOneLayerAreOne() throws Exception {
    LayerStore store = store();
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch started = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(Thread.ofVirtual().start(() -> store.unpack("aa", counted(asked, started))));
    }
    started.await();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(asked).hasValue(1);
    awaitDurable("aa");
    assertThat(store.layers()).containsExactly("aa");
  }

  private static Iterator<LayerEntry> counted(AtomicInteger asked, CountDownLatch started) {
    Iterator<LayerEntry> entries = List.of(file("a", "x")).iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public LayerEntry next() {
        asked.incrementAndGet();
        started.countDown();
        return entries.next();
      }
    };
  }

  @Test
  void whatIsReadFromADirectoryGivesTheSameDirectoryAgain() throws IOException {
    LayerStore store = store();
    Attributes marked =
        new Attributes(0755, 1, 2, 1_000_000_000_000_000_000L, Map.of("user.a", new byte[] {1, 0}));
    store.unpack(
        "aa",
        List.of(
                new LayerEntry.Directory("bin", marked),
                file("bin/a", "content"),
                new LayerEntry.HardLink("bin/b", "bin/a"),
                new LayerEntry.Symlink("bin/ü", attributes(0777), "../x"),
                new LayerEntry.Device("null", attributes(0666), false, 1, 3),
                new LayerEntry.Fifo("fifo", attributes(0600)),
                new LayerEntry.Whiteout("gone"),
                new LayerEntry.Directory("var", attributes(0700)),
                new LayerEntry.Opaque("var"))
            .iterator());
    List<String> paths = new ArrayList<>();
    try (LayerReader reader = new LayerReader(store.directory("aa"), LayerReader.Content.WHOLE)) {
      store.unpack("bb", reader);
    }
    try (LayerReader reader = new LayerReader(store.directory("bb"), LayerReader.Content.WHOLE)) {
      reader.forEachRemaining(
          entry -> paths.add(entry.getClass().getSimpleName() + " " + entry.path()));
    }
    assertThat(paths)
        .containsExactly(
            "Directory bin",
            "File bin/a",
            "HardLink bin/b",
            "Symlink bin/ü",
            "Fifo fifo",
            "Whiteout gone",
            "Device null",
            "Directory var",
            "Opaque var");
    Path again = store.directory("bb");
    assertThat(again.resolve("bin/b")).hasContent("content");
    assertThat(Files.getAttribute(again.resolve("bin"), "user:a")).isEqualTo(new byte[] {1, 0});
    assertThat(Files.getAttribute(again.resolve("bin"), "unix:mode")).isEqualTo(040755);
    assertThat(Files.getLastModifiedTime(again.resolve("bin")))
        .isEqualTo(FileTime.fromMillis(1_000_000_000_000L));
    awaitDurable("aa");
    awaitDurable("bb");
  }
}
