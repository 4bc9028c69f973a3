package dev.jctl.images.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageConfig;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.layer.Tars;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.DocumentWriter;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A corpus of OCI layouts with one thing wrong in each: refused with its reason, and nothing beside
 * the store changes. What takes long to make or to read is in HostileLayerTest.
 */
class HostileArchivesIT {
  private static final byte[] LAYER = new Tars().file("a", "x".repeat(2000)).bytes();
  private static final String SECRET = "what no image may see";

  @TempDir Path temp;
  private Path layout;
  private Path blobs;
  private Path outside;
  private ImageStore store;

  @BeforeEach
  void open() throws IOException {
    outside = Files.createDirectories(temp.resolve("outside"));
    Files.writeString(outside.resolve("secret"), SECRET);
    store = ContentImageStore.open(temp.resolve("store"), Stores.AMD64);
    fresh();
  }

  @AfterEach
  void nothingElseHasChanged() throws IOException {
    store.close();
    try (Stream<Path> files = Files.list(outside)) {
      assertThat(files).containsExactly(outside.resolve("secret"));
    }
    assertThat(outside.resolve("secret")).hasContent(SECRET);
    assertThat(temp.resolve("store/ingest")).isEmptyDirectory();
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.matches("store|outside|layout.*"));
    }
  }

  private void fresh() throws IOException {
    layout = Files.createTempDirectory(temp, "layout");
    blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  private Digest put(byte[] blob) throws IOException {
    Digest digest = Digest.of(blob);
    Files.write(blobs.resolve(digest.hex()), blob);
    return digest;
  }

  private void index(String mediaType, byte[] top) throws IOException {
    Files.writeString(
        layout.resolve("index.json"),
        """
        {"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":%d}]}
        """
            .formatted(mediaType, put(top), top.length));
  }

  private static byte[] config(Digest... diffIds) {
    return DocumentWriter.config(
        new Platform("linux", "amd64", ""), ImageConfig.EMPTY, List.of(diffIds));
  }

  private byte[] manifest(byte[] config, Descriptor... layers) throws IOException {
    return DocumentWriter.manifest(
        new Descriptor(MediaTypes.OCI_CONFIG, put(config), config.length), List.of(layers));
  }

  private static Descriptor layer(Digest digest, long size) {
    return new Descriptor(MediaTypes.OCI_LAYER, digest, size);
  }

  /** An image of that one layer, with nothing else wrong. */
  private void image(byte[] layer) throws IOException {
    index(
        MediaTypes.OCI_MANIFEST,
        manifest(config(Digest.of(layer)), layer(put(layer), layer.length)));
  }

  @Test
  void setuidFilesAndDevicesAreRefusedWhereTheOperatorSaysSo() throws IOException {
    Path rules = temp.resolve("layout.rules");
    store.close();
    store = ContentImageStore.open(temp.resolve("store"), Stores.withLayerRules(rules));
    byte[] setuid =
        new Tars().special("bin/su", TarConstants.LF_NORMAL, e -> e.setMode(0104755)).bytes();
    byte[] device = new Tars().special("dev/sda", TarConstants.LF_BLK, e -> e.setIds(0, 0)).bytes();
    unpack(setuid);
    unpack(device);

    Files.writeString(rules, "{\"setuid\": \"refuse\"}");
    unpack(device);
    assertThatThrownBy(() -> unpack(setuid))
        .hasMessage(
            "layer %s: bin/su has mode 4755, which %s refuses".formatted(Digest.of(setuid), rules))
        .hasFieldOrPropertyWithValue("reason", Reason.HOSTILE_LAYER);
    Files.writeString(rules, "{\"devices\": \"refuse\"}");
    unpack(setuid);
    assertThatThrownBy(() -> unpack(device))
        .hasMessageEndingWith("dev/sda is a device node, which " + rules + " refuses");
    Files.writeString(rules, "{\"devices\": \"never\"}");
    assertThatThrownBy(() -> unpack(setuid))
        .hasMessage(rules + ": devices: expected allow or refuse")
        .hasFieldOrPropertyWithValue("reason", Reason.BAD_CONFIGURATION);
  }

  /** As the runtime reads it. */
  private void unpack(byte[] layer) throws IOException {
    fresh();
    image(layer);
    try (LayerArchive archive = store.openLayer(load().layers().getFirst())) {
      archive.forEachRemaining(entry -> {});
    }
  }

  private StoredImage load() {
    return store.load(new ImageSource.Archive(layout, null), progress -> {});
  }

  private void assertRefused(Reason reason, String... texts) throws IOException {
    assertThatThrownBy(() -> Contents.of(store, load()))
        .as(Arrays.toString(texts))
        .isInstanceOfSatisfying(ImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContainingAll(texts);
    fresh();
  }

  /** Before it is an image: nothing is listed. */
  private void assertNoImage(Reason reason, String... texts) throws IOException {
    assertRefused(reason, texts);
    assertThat(temp.resolve("store/images")).isEmptyDirectory();
  }

  @Test
  void blobsOfOtherContentOrSize() throws IOException {
    Digest honest = Digest.of(LAYER);
    for (byte[] content :
        List.of(Arrays.copyOf(LAYER, 700), Arrays.copyOf(LAYER, LAYER.length + 1), flipped())) {
      index(MediaTypes.OCI_MANIFEST, manifest(config(honest), layer(honest, LAYER.length)));
      Files.write(blobs.resolve(honest.hex()), content);
      assertNoImage(Reason.DIGEST_MISMATCH, "layer " + honest);
    }
    index(MediaTypes.OCI_MANIFEST, manifest(config(honest), layer(honest, LAYER.length)));
    assertNoImage(Reason.CORRUPT, honest.hex(), "is missing in it");
    Files.createSymbolicLink(blobs.resolve(honest.hex()), outside.resolve("secret"));
    index(MediaTypes.OCI_MANIFEST, manifest(config(honest), layer(honest, SECRET.length())));
    assertNoImage(Reason.CORRUPT, honest.hex(), "is missing in it");
  }

  private static byte[] flipped() {
    byte[] content = LAYER.clone();
    content[600] ^= 1;
    return content;
  }

  /** The layout as a directory in the form of {@code docker save}, which names its files freely. */
  @Test
  void dockerArchivesThatNameFilesOutside() throws IOException {
    Path other = Files.createTempDirectory(temp, "layout-other");
    Files.write(other.resolve("config"), config(Digest.of(LAYER)));
    Files.write(other.resolve("layer"), Packed.gzip(LAYER));
    for (String way : List.of("../" + other.getFileName() + "/", other + "/", "link/")) {
      dockerArchive(other, way + "config", "layer");
      assertNoImage(Reason.CORRUPT, "archive " + layout, way + "config is missing in it");
      dockerArchive(other, "config", way + "layer");
      assertNoImage(Reason.CORRUPT, "archive " + layout, "layer " + way + "layer is missing in it");
    }
    dockerArchive(other, "config", "no\\u0000name");
    assertNoImage(Reason.CORRUPT, "archive " + layout, "is missing in it");
    dockerArchive(other, "config", "layer");
    assertThat(Contents.of(store, load())).hasSize(1);
  }

  /** An honest one of the files of {@code other}, but for these names. */
  private void dockerArchive(Path other, String config, String layer) throws IOException {
    fresh();
    Files.copy(other.resolve("config"), layout.resolve("config"));
    Files.copy(other.resolve("layer"), layout.resolve("layer"));
    Files.createSymbolicLink(layout.resolve("link"), other);
    Files.writeString(
        layout.resolve("manifest.json"),
        "[{\"Config\":\"%s\",\"Layers\":[\"%s\"]}]".formatted(config, layer));
  }

  @Test
  void documentsOfWrongTypeOrDepth() throws IOException {
    Descriptor one = layer(put(LAYER), LAYER.length);
    index(MediaTypes.OCI_MANIFEST, "{\"schemaVersion\":".getBytes(UTF_8));
    assertNoImage(Reason.CORRUPT, "manifest sha256:", "not valid JSON");
    index(MediaTypes.OCI_MANIFEST, "[]".getBytes(UTF_8));
    assertNoImage(Reason.CORRUPT, "manifest sha256:", "$: expected an object, found a list");
    index("image/png", "{\"mediaType\":\"image/png\"}".getBytes(UTF_8));
    assertNoImage(Reason.UNSUPPORTED, "image/png is not an image");
    index(MediaTypes.OCI_MANIFEST, ("[".repeat(5000) + "]".repeat(5000)).getBytes(UTF_8));
    assertNoImage(Reason.CORRUPT, "nesting depth");
    index(MediaTypes.OCI_MANIFEST, manifest("[]".getBytes(UTF_8), one));
    assertNoImage(Reason.CORRUPT, "configuration sha256:", "expected an object");
    index(
        MediaTypes.OCI_MANIFEST,
        manifest(("[".repeat(5000) + "]".repeat(5000)).getBytes(UTF_8), one));
    assertNoImage(Reason.CORRUPT, "configuration sha256:", "nesting depth");
    index(
        MediaTypes.OCI_MANIFEST,
        new String(manifest(config(Digest.of(LAYER)), one), UTF_8)
            .replace(MediaTypes.OCI_CONFIG, "application/vnd.cncf.helm.config.v1+json")
            .getBytes(UTF_8));
    assertNoImage(Reason.UNSUPPORTED, "helm.config.v1+json, which is not a container image");
    index(MediaTypes.OCI_MANIFEST, manifest(config(Digest.of(LAYER), Digest.of(LAYER)), one));
    assertNoImage(Reason.CORRUPT, "$.rootfs.diff_ids names 2 layers, the manifest 1");
    index(
        MediaTypes.OCI_MANIFEST,
        new String(manifest(config(Digest.of(LAYER)), one), UTF_8)
            .replace("\"size\":" + LAYER.length, "\"size\":-1")
            .getBytes(UTF_8));
    assertNoImage(Reason.CORRUPT, "$.layers[0].size: expected a size in bytes");
    index(
        MediaTypes.OCI_MANIFEST,
        new String(manifest(config(Digest.of(LAYER)), one), UTF_8)
            .replace(one.digest().toString(), "sha512:" + "0".repeat(128))
            .getBytes(UTF_8));
    assertNoImage(Reason.UNSUPPORTED, "$.layers[0].digest", "only sha256");
  }

  @Test
  void indexesWithinIndexes() throws IOException {
    byte[] top = manifest(config(Digest.of(LAYER)), layer(put(LAYER), LAYER.length));
    String mediaType = MediaTypes.OCI_MANIFEST;
    for (int depth = 0; depth < 5; depth++) {
      top =
          "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}]}"
              .formatted(MediaTypes.OCI_INDEX, mediaType, put(top), top.length)
              .getBytes(UTF_8);
      mediaType = MediaTypes.OCI_INDEX;
    }
    index(mediaType, top);
    assertNoImage(Reason.CORRUPT, "indexes within indexes");
  }

  @Test
  void layersThatLieOrEndEarly() throws IOException {
    index(
        MediaTypes.OCI_MANIFEST,
        manifest(config(Digest.of(new byte[1])), layer(put(LAYER), LAYER.length)));
    assertRefused(Reason.DIGEST_MISMATCH, "layer " + Digest.of(LAYER), "uncompressed content");
    byte[] packed = Packed.gzip(LAYER);
    image(Arrays.copyOf(packed, packed.length / 2));
    assertRefused(Reason.CORRUPT, "layer sha256:");
    image(Arrays.copyOf(LAYER, 1000));
    assertRefused(Reason.CORRUPT, "layer sha256:", "a");
    image("no tar at all, but long enough for one record of it".repeat(20).getBytes(UTF_8));
    assertRefused(Reason.CORRUPT, "layer sha256:");
  }

  @Test
  void entriesThatWantOut() throws IOException {
    String secret = outside.resolve("secret").toString();
    image(new Tars().file("../../outside/secret", "x").bytes());
    assertRefused(Reason.HOSTILE_LAYER, "../../outside/secret", "climbs with ..");
    image(new Tars().hardLink("stolen", "../.." + secret).bytes());
    assertRefused(Reason.HOSTILE_LAYER, "climbs with ..");
    image(new Tars().symlink("./", secret).bytes());
    assertRefused(Reason.HOSTILE_LAYER, "layer's root");
    image(new Tars().hardLink("h", "x/.wh.y").bytes());
    assertRefused(Reason.HOSTILE_LAYER, "hard link to a whiteout");
    image(new Tars().file("x/.wh...", "").bytes());
    assertRefused(Reason.HOSTILE_LAYER, "x/.wh...", "whiteout of nothing");
    image(new Tars().symlink("l", "").bytes());
    assertRefused(Reason.HOSTILE_LAYER, "symbolic link whose target is empty");
    image(new Tars().file(secret, "x").bytes());
    assertThat(Contents.of(store, load()))
        .as("an absolute path begins at the layer's root")
        .containsExactly("f 644 " + secret.substring(1) + " x");
  }

  @Test
  void entriesThatCannotBeMade() throws IOException {
    image(new Tars().file("name", "").patched(0, (byte) 'n', (byte) 0xff));
    assertRefused(Reason.UNSUPPORTED, "n?me", "is not UTF-8");
    image(new Tars().file("n".repeat(300), "").bytes());
    assertRefused(Reason.HOSTILE_LAYER, "longer than 255 bytes");
    image(new Tars().special("odd", (byte) 'Q', entry -> {}).bytes());
    assertRefused(Reason.UNSUPPORTED, "unknown type 'Q'");
    image(
        new Tars()
            .special("owned", TarConstants.LF_NORMAL, entry -> entry.setUserId(1L << 40))
            .bytes());
    assertRefused(Reason.UNSUPPORTED, "owned by user or group");
  }

  @Test
  void aHundredThousandEntriesAndNamesGivenTwiceAreNoCrime() throws IOException {
    Tars many = new Tars().file("twice?", "first").file("twice?", "second").file("\u00e9?", "");
    for (int i = 0; i < 100_000; i++) {
      many.file("d/" + i, "");
    }
    image(many.bytes());
    assertThat(Contents.of(store, load())).hasSize(100_003);
  }
}
