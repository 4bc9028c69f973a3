package dev.jctl.images.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/**
 * Takes gzip or zstd off a stream, by what its first bytes say: media types are wrong often enough,
 * and other tools go by the bytes too.
 */
public final class Decompression {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final byte[] GZIP = HexFormat.of().parseHex("1f8b");
  private static final byte[] ZSTD = HexFormat.of().parseHex("28b52ffd");
  private static final byte[] XZ = HexFormat.of().parseHex("fd377a58");
  private static final byte[] BZIP2 = HexFormat.of().parseHex("425a68");

  private Decompression() {}

  /**
   * The content of {@code in}; closing it closes {@code in}.
   *
   * @param what for messages
   * @throws ImageException UNSUPPORTED for other compressions
   */
  public static InputStream open(String what, InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, BUFFER_BYTES);
    byte[] magic = peek(buffered);
    if (startsWith(magic, GZIP)) {
      return new GZIPInputStream(buffered, BUFFER_BYTES);
    }
    if (startsWith(magic, ZSTD)) {
      return new ZstdInputStreamNoFinalizer(buffered);
    }
    if (startsWith(magic, XZ) || startsWith(magic, BZIP2)) {
      throw new ImageException(
          Reason.UNSUPPORTED,
          what + ": compressed with xz or bzip2; gzip, zstd and no compression are supported");
    }
    return buffered;
  }

  /** The content of a file that may be hostile: fails when it is implausibly large. */
  public static InputStream openBounded(String what, Path file) throws IOException {
    LayerLimits limits = LayerLimits.of(Files.size(file));
    InputStream in = Files.newInputStream(file);
    try {
      return new LayerInput(open(what, in), new LayerFault(what), limits, Digest.sha256());
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /**
   * What {@link #open} would take off, as it ends a layer's media type: {@code +gzip}, {@code
   * +zstd}, or nothing.
   */
  public static String mediaTypeSuffix(InputStream in) throws IOException {
    byte[] magic = in.readNBytes(ZSTD.length);
    if (startsWith(magic, GZIP)) {
      return "+gzip";
    }
    return startsWith(magic, ZSTD) ? "+zstd" : "";
  }

  private static byte[] peek(BufferedInputStream in) throws IOException {
    in.mark(ZSTD.length);
    byte[] magic = in.readNBytes(ZSTD.length);
    in.reset();
    return magic;
  }

  private static boolean startsWith(byte[] bytes, byte[] magic) {
    return bytes.length >= magic.length
        && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
  }
}
