package dev.jctl.images.layer;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.LongFunction;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A layer's tar, read from a blob. Everything in it is taken for hostile until it has been checked.
 * For one thread.
 */
public final class TarLayerArchive implements LayerArchive {
  private static final int RECORD_BYTES = 512;

  private final LayerFault fault;
  private final LayerLimits limits;
  private final EntryReader reader;
  private final @Nullable Digest expected;
  private final LayerInput input;
  private final TarArchiveInputStream tar;
  private String lastName = "";
  private int entries;
  private long fileBytes;
  private boolean ended;
  private @Nullable Entry upcoming;
  private @Nullable Digest diffId;

  private TarLayerArchive(
      LayerFault fault,
      LayerLimits limits,
      InputStream content,
      MessageDigest hash,
      @Nullable Digest expected) {
    this.fault = fault;
    this.limits = limits;
    this.expected = expected;
    this.reader = new EntryReader(fault);
    this.input = new LayerInput(content, fault, limits, hash);
    this.tar = new TarArchiveInputStream(input, RECORD_BYTES, RECORD_BYTES, "UTF-8");
  }

  /**
   * @param layer for messages, {@code layer sha256:…}
   * @param hash SHA-256, for the uncompressed content
   * @throws ImageException also from the iteration; a wrong diff id only at its end
   */
  public static TarLayerArchive open(String layer, Path blob, MessageDigest hash, Digest diffId) {
    return opened(layer, blob, hash, diffId, LayerLimits::of);
  }

  /** An archive of which nothing is known before. */
  public static TarLayerArchive openUnknown(String layer, Path blob) {
    return opened(layer, blob, Digest.sha256(), null, LayerLimits::of);
  }

  /**
   * Reads a layer through, checking every entry.
   *
   * @param hash SHA-256, for the uncompressed content
   * @return its diff id
   */
  public static Digest check(String layer, Path blob, MessageDigest hash) {
    return check(layer, blob, hash, LayerLimits::of);
  }

  static Digest check(
      String layer, Path blob, MessageDigest hash, LongFunction<LayerLimits> limits) {
    try (TarLayerArchive archive = opened(layer, blob, hash, null, limits)) {
      while (archive.hasNext()) {
        archive.next();
      }
      return archive.end();
    }
  }

  private static TarLayerArchive opened(
      String layer,
      Path blob,
      MessageDigest hash,
      @Nullable Digest diffId,
      LongFunction<LayerLimits> limits) {
    LayerFault fault = new LayerFault(layer);
    InputStream file;
    long size;
    try {
      size = Files.size(blob);
      file = Files.newInputStream(blob);
    } catch (IOException e) {
      throw new ImageException(Reason.IO, layer + ": cannot be read: " + e, e);
    }
    try {
      return new TarLayerArchive(
          fault, limits.apply(size), Decompression.open(layer, file), hash, diffId);
    } catch (IOException | RuntimeException e) {
      closeQuietly(file, e);
      throw e instanceof ImageException known ? known : fault.corrupt("", e);
    }
  }

  private static void closeQuietly(InputStream file, Exception reason) {
    try {
      file.close();
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  @Override
  public boolean hasNext() {
    if (upcoming == null && !ended) {
      upcoming = guarded(this::advance);
      ended = upcoming == null;
    }
    return upcoming != null;
  }

  @Override
  public Entry next() {
    Entry entry = hasNext() ? upcoming : null;
    if (entry == null) {
      throw new NoSuchElementException();
    }
    upcoming = null;
    return entry;
  }

  private interface Reading<T extends @Nullable Object> {
    T run() throws IOException;
  }

  /** Whatever the tar reader trips over, the archive is to blame. */
  private <T extends @Nullable Object> T guarded(Reading<T> reading) {
    try {
      return reading.run();
    } catch (ImageException e) {
      ended = true;
      throw e;
    } catch (IOException | RuntimeException e) {
      ended = true;
      throw fault.corrupt(lastName, e);
    }
  }

  private @Nullable Entry advance() throws IOException {
    while (true) {
      if (tar.getCurrentEntry() != null) {
        drain(tar);
      }
      input.startHeaders();
      TarArchiveEntry header = tar.getNextEntry();
      byte[] headers = input.endHeaders();
      if (header == null) {
        finish();
        return null;
      }
      count(header);
      checkNames(header, headers);
      HeaderNumbers.check(fault, header.getName(), headers);
      Optional<Entry> entry = reader.read(header, xattrs(header, headers), new Content());
      if (entry.isPresent()) {
        return entry.get();
      }
    }
  }

  private void count(TarArchiveEntry header) {
    lastName = header.getName();
    if (++entries > limits.entries()) {
      throw fault.hostile("has more than " + limits.entries() + " entries");
    }
    long size = header.getRealSize();
    if (size < 0 || size > limits.unpackedBytes() - fileBytes) {
      throw fault.hostile(
          lastName,
          "files of more than %d bytes, far more than the layer's size explains"
              .formatted(limits.unpackedBytes()));
    }
    fileBytes += size;
  }

  private void checkNames(TarArchiveEntry header, byte[] headers) {
    boolean suspicious = (header.getName() + header.getLinkName()).indexOf('?') >= 0;
    if (suspicious && !HeaderNames.areUtf8(headers)) {
      throw fault.unsupported(header.getName(), "its name or what it leads to is not UTF-8");
    }
  }

  private static Map<String, byte[]> xattrs(TarArchiveEntry header, byte[] headers) {
    boolean any =
        header.getExtraPaxHeaders().keySet().stream()
            .anyMatch(key -> key.startsWith(PaxXattrs.KEY_PREFIX));
    return any ? PaxXattrs.parse(headers) : Map.of();
  }

  /** What follows the end of the archive belongs to the diff id too. */
  private void finish() throws IOException {
    drain(input);
    Digest actual = input.digest();
    if (expected != null && !actual.equals(expected)) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH,
          "%s: its uncompressed content is %s, not %s as the image's configuration says"
              .formatted(fault.layer(), actual, expected));
    }
    diffId = actual;
  }

  private Digest end() {
    if (diffId == null) {
      throw new IllegalStateException("not read to the end");
    }
    return diffId;
  }

  private static void drain(InputStream in) throws IOException {
    byte[] ignored = new byte[1 << 14];
    while (in.read(ignored) >= 0) {
      // only to get past it
    }
  }

  @Override
  public void close() {
    ended = true;
    upcoming = null;
    try {
      tar.close();
    } catch (IOException e) {
      throw new ImageException(Reason.IO, fault.layer() + ": closing: " + e, e);
    }
  }

  /** The content of the current entry; the tar reader ends it. */
  private final class Content extends InputStream {
    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      return guarded(() -> tar.read(bytes, offset, length));
    }
  }
}
