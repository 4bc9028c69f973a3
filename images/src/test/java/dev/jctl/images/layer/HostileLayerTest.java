package dev.jctl.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileLayerTest {
  @TempDir Path temp;

  private Digest check(byte[] archive) throws IOException {
    return TarLayerArchive.check(
        "layer x", Files.write(temp.resolve("layer"), archive), Digest.sha256());
  }

  private void assertRefused(Reason reason, byte[] archive, String text) {
    assertThatThrownBy(() -> check(archive))
        .hasMessageContaining("layer x")
        .hasMessageContaining(text)
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void entriesThatLeaveTheirPlaceAreRefusedByName() {
    Map<String, Tars> corpus =
        Map.of(
            "../a",
            new Tars().file("../a", ""),
            "b/../../c",
            new Tars().file("b/../../c", ""),
            "/../d",
            new Tars().file("/../d", ""),
            "e",
            new Tars().hardLink("e", "../../etc/shadow"),
            "f",
            new Tars().hardLink("f", "f"),
            "g/.wh...",
            new Tars().file("g/.wh...", ""),
            ".wh.h/i",
            new Tars().file(".wh.h/i", ""),
            "n".repeat(60),
            new Tars().file("n".repeat(256), ""),
            "long/long",
            new Tars().gnuLongNames().file("long/".repeat(900), ""));
    corpus.forEach((name, tar) -> assertRefused(Reason.HOSTILE_LAYER, tar.bytes(), name));
  }

  @Test
  void bombsAreRefusedBeforeTheyGoOff() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    new TarWriter(head).write(TarWriter.Header.plain(TarWriter.EntryType.FILE, "pad", "", 0644, 0));
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.writeBytes(HexFormat.of().parseHex("1f8b08000000000000ff"));
    packed.writeBytes(deflated(head.toByteArray()));
    byte[] zeros = deflated(new byte[1 << 20]);
    for (int i = 0; i < 1100; i++) {
      packed.writeBytes(zeros);
    }
    Path bomb = Files.write(temp.resolve("bomb"), packed.toByteArray());
    assertThatThrownBy(() -> TarLayerArchive.check("layer x", bomb, new NoDigest()))
        .hasMessageContaining("layer x: unpacks to more")
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HOSTILE_LAYER));
    byte[] record = new byte[2 << 20];
    Arrays.fill(record, (byte) 'x');
    byte[] start = (record.length + " path=").getBytes(StandardCharsets.UTF_8);
    System.arraycopy(start, 0, record, 0, start.length);
    record[record.length - 1] = '\n';
    ByteArrayOutputStream hugePax = new ByteArrayOutputStream();
    TarWriter tar = new TarWriter(hugePax);
    tar.write(
        TarWriter.Header.plain(TarWriter.EntryType.PAX, "x", "", 0644, record.length),
        new ByteArrayInputStream(record));
    tar.end();
    assertRefused(Reason.HOSTILE_LAYER, hugePax.toByteArray(), "headers of one entry");
  }

  /** A piece of a compressed stream that can follow any other (RFC 1951, 3.2.4). */
  private static byte[] deflated(byte[] content) {
    try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
      deflater.setInput(content);
      byte[] piece = new byte[4096];
      int length = deflater.deflate(piece, 0, piece.length, Deflater.FULL_FLUSH);
      return Arrays.copyOf(piece, length);
    }
  }

  /** Takes no time, however much it is given. */
  private static final class NoDigest extends MessageDigest {
    NoDigest() {
      super("none");
    }

    @Override
    protected void engineUpdate(byte input) {}

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {}

    @Override
    protected byte[] engineDigest() {
      return new byte[0];
    }

    @Override
    protected void engineReset() {}
  }

  @Test
  void aTarCutAnywhereOrChangedIsNoticed() throws IOException {
    byte[] whole = new Tars().file("a", "x".repeat(3000)).directory("d/").bytes();
    Digest diffId = check(whole);
    for (int length = 100; length < whole.length; length += 333) {
      Path cut = Files.write(temp.resolve("cut"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> readThrough(cut, diffId)).isInstanceOf(ImageException.class);
    }
    byte[] changed = whole.clone();
    changed[700] ^= 1;
    Path file = Files.write(temp.resolve("changed"), changed);
    assertThatThrownBy(() -> readThrough(file, diffId))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DIGEST_MISMATCH));
  }

  private static void readThrough(Path file, Digest diffId) {
    try (TarLayerArchive archive = TarLayerArchive.open("layer x", file, Digest.sha256(), diffId)) {
      archive.forEachRemaining(entry -> assertThat(entry.path()).isIn("a", "d"));
    }
  }
}
