package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.FileEntry;
import dev.jctl.images.ImageStore.ImageConfig;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.layer.Tars;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneLayerIT {
  private static final ImageConfig CONFIG =
      new ImageConfig(
          List.of("A=b"),
          List.of("/bin/sh"),
          List.of("-c", "true"),
          "1:2",
          "/w",
          "SIGINT",
          List.of("80/tcp"),
          List.of("/data"),
          Map.of("k", "v", "k2", "v2"));

  @TempDir Path temp;
  private ImageStore store;

  @BeforeEach
  void open() {
    store = ContentImageStore.open(temp.resolve("store"), Stores.AMD64);
  }

  private StoredImage load(ImageSource source) {
    return store.load(source, progress -> {});
  }

  @Test
  void filesBecomeALayerWithTheirParents() throws IOException {
    Path tool = Files.writeString(temp.resolve("tool"), "#!");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-x---"));
    StoredImage image =
        load(
            new ImageSource.Files(
                List.of(
                    new FileEntry.Link("/bin/sh", "busybox"),
                    new FileEntry.FromHost("/bin/busybox", tool, null),
                    new FileEntry.Text("/etc/Grüße", "hi", 0600),
                    new FileEntry.Directory("/tmp", 01777)),
                CONFIG));

    assertThat(Contents.of(store, image))
        .containsExactly(
            "d 755 bin",
            "f 750 bin/busybox #!",
            "l bin/sh busybox",
            "d 755 etc",
            "f 600 etc/Grüße hi",
            "d 1777 tmp");
    assertThat(store.find(image.imageId())).contains(image);
    assertThat(image.config()).isEqualTo(CONFIG);
  }

  @Test
  void aLayerThatTheDiskHasChangedIsBroughtAgain() throws IOException {
    ImageSource source =
        new ImageSource.Files(List.of(new FileEntry.Text("/etc/motd", "hello", null)), CONFIG);
    StoredImage image = load(source);
    StoredImage.Layer layer = image.layers().getFirst();
    ImageException cause = new ImageException(ImageException.Reason.CORRUPT, "ends early");
    assertThat(store.unreadable(layer, cause)).isSameAs(cause);
    assertThat(store.find(image.imageId())).contains(image);

    Path blob = temp.resolve("store/blobs").resolve(layer.digest().replace(':', '/'));
    byte[] content = Files.readAllBytes(blob);
    content[content.length / 4] ^= 1;
    Files.write(blob, content);
    assertThat(store.unreadable(layer, cause))
        .hasMessageContaining(layer.digest() + ": the disk has changed it")
        .extracting(ImageException::reason)
        .isEqualTo(ImageException.Reason.DAMAGED);
    assertThat(store.find(image.imageId())).isEmpty();
    assertThat(load(source)).isEqualTo(image);
    assertThat(Contents.of(store, image)).contains("f 644 etc/motd hello");
  }

  @Test
  void equalFilesGiveEqualIdsInAnyOrder() {
    FileEntry a = new FileEntry.Text("/a/" + "x".repeat(200), "1", null);
    FileEntry b = new FileEntry.Text("/b", "2", null);
    StoredImage one = load(new ImageSource.Files(List.of(a, b), CONFIG));
    StoredImage other = load(new ImageSource.Files(List.of(b, a), CONFIG));
    StoredImage changed = load(new ImageSource.Files(List.of(b), CONFIG));

    assertThat(other).isEqualTo(one);
    assertThat(changed.imageId()).isNotEqualTo(one.imageId());
  }

  @Test
  void filesThatContradictEachOtherAreRefused() {
    assertRefused(
        Reason.UNSUPPORTED,
        "a/b",
        new FileEntry.Text("/a", "", null),
        new FileEntry.Text("/a/b", "", null));
    assertRefused(
        Reason.UNSUPPORTED,
        "comes twice",
        new FileEntry.Text("/a", "", null),
        new FileEntry.Text("a", "", null));
    assertRefused(Reason.HOSTILE_LAYER, "climbs", new FileEntry.Text("/a/../../b", "", null));
    assertRefused(
        Reason.NOT_FOUND, "/nowhere", new FileEntry.FromHost("/a", Path.of("/nowhere"), null));
  }

  private void assertRefused(Reason reason, String text, FileEntry... files) {
    assertThatThrownBy(() -> load(new ImageSource.Files(List.of(files), ImageConfig.EMPTY)))
        .isInstanceOfSatisfying(ImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(text);
    assertThat(temp.resolve("store/ingest")).isEmptyDirectory();
  }

  @Test
  void aDirectoryBecomesALayerThatIsTheSameEveryTime() throws IOException {
    Path root = Files.createDirectory(temp.resolve("rootfs"));
    Path first = Files.writeString(root.resolve("first"), "same inode");
    Files.createLink(root.resolve("second"), first);
    Files.createSymbolicLink(root.resolve("sym"), Path.of("../Grüße/x"));
    Files.createDirectories(root.resolve("d/" + "long".repeat(40)));
    Files.writeString(root.resolve("d/ü"), "name");
    Files.setLastModifiedTime(first, FileTime.fromMillis(1_700_000_000_123L));
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(first, UserDefinedFileAttributeView.class);
    byte[] binary = {0, (byte) 0xff, '\n', (byte) 0x80};
    view.write("bin", ByteBuffer.wrap(binary));

    StoredImage image = load(new ImageSource.Rootfs(root, CONFIG));
    assertThat(load(new ImageSource.Rootfs(root, CONFIG))).isEqualTo(image);
    assertThat(Contents.of(store, image).stream().map(l -> l.replaceFirst("^d \\d+", "d")))
        .containsExactly(
            "d ",
            "d d",
            "d d/" + "long".repeat(40),
            "f 644 d/ü name",
            "f 644 first same inode",
            "h second first",
            "l sym ../Grüße/x");
    try (LayerArchive archive = store.openLayer(image.layers().getFirst())) {
      archive.forEachRemaining(
          entry -> {
            if (entry instanceof LayerArchive.Entry.File f && f.path().equals("first")) {
              assertThat(f.attributes().xattrs().get("user.bin")).isEqualTo(binary);
              assertThat(f.attributes().mtimeNanos()).isEqualTo(1_700_000_000_000_000_000L);
            }
          });
    }
  }

  @Test
  void aTarBecomesALayerAsItIs() throws IOException {
    byte[] tar = new Tars().directory("etc/").file("etc/hostname", "box").bytes();
    Path plain = Files.write(temp.resolve("plain"), tar);
    Path gzip = Files.write(temp.resolve("gzip"), Packed.gzip(tar));
    Path zstd = Files.write(temp.resolve("zstd"), Packed.zstd(tar));

    List<StoredImage> images =
        List.of(plain, gzip, zstd).stream()
            .map(path -> load(new ImageSource.Rootfs(path, CONFIG)))
            .toList();
    assertThat(images).extracting(StoredImage::imageId).containsOnly(images.get(0).imageId());
    assertThat(images)
        .extracting(i -> i.layers().getFirst().mediaType().replaceFirst(".*tar", ""))
        .containsExactly("", "+gzip", "+zstd");
    for (StoredImage image : images) {
      assertThat(Contents.of(store, image)).endsWith("f 644 etc/hostname box");
    }
  }

  @Test
  void whatIsNoTarIsRefused() throws IOException {
    Path text = Files.writeString(temp.resolve("text"), "hello ".repeat(500));
    byte[] gzip = Packed.gzip(new Tars().file("a", "x".repeat(5000)).bytes());
    Path cut = temp.resolve("cut");
    Files.write(cut, java.util.Arrays.copyOf(gzip, gzip.length / 2));
    for (Path path : List.of(text, cut)) {
      assertThatThrownBy(() -> load(new ImageSource.Rootfs(path, CONFIG)))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT))
          .hasMessageContaining(path.toString());
    }
    assertThatThrownBy(() -> load(new ImageSource.Rootfs(temp.resolve("none"), CONFIG)))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
  }

  @Test
  void garbageIsWhatNoKeptImageReaches() throws IOException {
    StoredImage kept =
        load(new ImageSource.Files(List.of(new FileEntry.Text("/a", "1", null)), CONFIG));
    StoredImage dropped =
        load(new ImageSource.Files(List.of(new FileEntry.Text("/a", "2", null)), CONFIG));
    store.collectGarbage(List.of(kept.imageId()), List.of());

    assertThat(store.find(dropped.imageId())).isEmpty();
    assertThat(store.find(kept.imageId())).contains(kept);
    assertThat(Contents.of(store, kept)).containsExactly("f 644 a 1");
    try (var blobs = Files.list(temp.resolve("store/blobs/sha256"))) {
      assertThat(blobs).hasSize(3);
    }
  }

  @Test
  void leftoversOfAKilledProcessAreClearedAndDamagedListsAreMended() throws IOException {
    ImageSource source =
        new ImageSource.Files(List.of(new FileEntry.Text("/a", "1", null)), CONFIG);
    StoredImage image = load(source);
    Files.writeString(temp.resolve("store/ingest/half"), "half a blob");
    Path entry;
    try (var entries = Files.list(temp.resolve("store/images"))) {
      entry = entries.findFirst().orElseThrow();
    }
    Files.writeString(entry, "{\"format\":1,\"ima", StandardCharsets.UTF_8);

    open();
    assertThat(temp.resolve("store/ingest")).isEmptyDirectory();
    assertThat(store.find(image.imageId())).isEmpty();
    assertThat(load(source)).isEqualTo(image);
    assertThat(store.find(image.imageId())).contains(image);
  }
}
