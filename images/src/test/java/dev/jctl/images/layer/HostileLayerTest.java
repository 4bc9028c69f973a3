package dev.jctl.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.images.reference.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileLayerTest {
  private static final LayerLimits SMALL = new LayerLimits(100, 1 << 20, 1 << 16);

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
  void aBlobExplainsAGibibyteOrAThousandTimesItsSize() {
    assertThat(LayerLimits.of(1000)).isEqualTo(new LayerLimits(1_000_000, 1L << 30, 1 << 20));
    assertThat(LayerLimits.of(1L << 30).unpackedBytes()).isEqualTo(1000L << 30);
    assertThat(LayerLimits.of(Long.MAX_VALUE).unpackedBytes()).isEqualTo(Long.MAX_VALUE);
  }

  private void assertTooMuch(byte[] archive, String text) throws IOException {
    Path file = Files.write(temp.resolve("bomb"), archive);
    assertThatThrownBy(() -> TarLayerArchive.check("layer x", file, Digest.sha256(), size -> SMALL))
        .hasMessageContaining("layer x")
        .hasMessageContaining(text)
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HOSTILE_LAYER));
  }

  /** The same with smaller numbers, as a real one takes its time. */
  @Test
  void bombsAreRefusedBeforeTheyGoOff() throws IOException {
    byte[] zeros = new byte[2 << 20];
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      new TarWriter(gzip)
          .write(TarWriter.Header.plain(TarWriter.EntryType.FILE, "pad", "", 0644, 0));
      gzip.write(zeros);
    }
    assertTooMuch(packed.toByteArray(), "unpacks to more than 1048576 bytes");
    assertTooMuch(new Tars().file("large", zeros).bytes(), "files of more than 1048576 bytes");
    Tars many = new Tars();
    for (int i = 0; i <= 100; i++) {
      many.file("f" + i, "");
    }
    assertTooMuch(many.bytes(), "has more than 100 entries");
    byte[] record = new byte[1 << 17];
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
    assertTooMuch(hugePax.toByteArray(), "the headers of one entry are larger than 65536 bytes");
  }

  private static byte[] owned(long user) {
    return new Tars()
        .binaryNumbers()
        .special("owned", TarConstants.LF_NORMAL, entry -> entry.setIds(0, 0))
        .special("owned", TarConstants.LF_NORMAL, entry -> entry.setUserId(user))
        .bytes();
  }

  /** GNU's form: two's complement, but for the first bit, which says that it is that. */
  private static byte[] binary(long number, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) (number < 0 ? 0xff : 0));
    ByteBuffer.wrap(bytes).putLong(length - Long.BYTES, number);
    bytes[0] |= (byte) 0x80;
    return bytes;
  }

  /** Of which the reader of tars keeps 32 bits: 2^40 would be root. */
  @Test
  void numbersThatLinuxDoesNotHaveAreRefused() throws IOException {
    assertRefused(Reason.UNSUPPORTED, owned(1L << 40), "\"owned\": its user is negative or beyond");
    assertRefused(Reason.UNSUPPORTED, owned(1L << 32), "its user is negative or beyond");
    assertRefused(Reason.UNSUPPORTED, owned(1L << 31), "its user is negative or beyond");
    assertThat(check(owned(Integer.MAX_VALUE))).isNotNull();
    for (long number : new long[] {-1, -(1L << 40), Long.MIN_VALUE >> 2, 1L << 60}) {
      byte[] eight = binary(number, 8);
      assertRefused(
          Reason.UNSUPPORTED, new Tars().file("f", "").patched(116, eight), "\"f\": its group is");
      for (int place : new int[] {329, 337}) {
        Tars device = new Tars().special("d", TarConstants.LF_CHR, entry -> {});
        assertRefused(
            Reason.UNSUPPORTED, device.patched(place, eight), "device number is negative");
      }
    }
    Tars device =
        new Tars().special("dev/x", TarConstants.LF_BLK, entry -> entry.setDevMajor(1 << 12));
    assertRefused(Reason.HOSTILE_LAYER, device.bytes(), "dev/x\": is a device 4096:0");
    for (long size : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      byte[] twelve = binary(size, 12);
      assertThatThrownBy(() -> check(new Tars().file("s", "").patched(124, twelve)))
          .hasMessageContaining("layer x")
          .isInstanceOf(ImageException.class);
    }
  }

  @Test
  void timesThatLinuxDoesNotHaveBecomeTheNearestAsWithOtherTools() throws IOException {
    assertThat(mtime(1)).isEqualTo(1_000_000_000L);
    assertThat(mtime(-1)).isEqualTo(-1_000_000_000L);
    assertThat(mtime(1L << 40)).isEqualTo(Long.MAX_VALUE);
    assertThat(mtime(-(1L << 40))).isEqualTo(Long.MIN_VALUE);
  }

  private long mtime(long seconds) throws IOException {
    byte[] archive = new Tars().binaryNumbers().file("t", "").patched(136, binary(seconds, 12));
    return first(archive).attributes().mtimeNanos();
  }

  private Entry.File first(byte[] archive) throws IOException {
    Path file = Files.write(temp.resolve("first"), archive);
    try (TarLayerArchive entries = TarLayerArchive.openUnknown("layer x", file)) {
      return (Entry.File) entries.next();
    }
  }

  @Test
  void attributesThatLinuxDoesNotTakeAreRefusedAndThoseOfOtherSystemsLeftOut() throws IOException {
    assertRefused(
        Reason.HOSTILE_LAYER, attribute("user." + "n".repeat(251), "v"), "\"a\": an attribute");
    assertRefused(
        Reason.HOSTILE_LAYER, attribute("user.n", "v".repeat(65537)), "has 65537 bytes, more");
    assertThat(first(attribute("com.apple.quarantine", "v")).attributes().xattrs()).isEmpty();
  }

  private static byte[] attribute(String name, String value) {
    return new Tars()
        .special(
            "a",
            TarConstants.LF_NORMAL,
            entry -> entry.addPaxHeader(PaxXattrs.KEY_PREFIX + name, value))
        .bytes();
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
