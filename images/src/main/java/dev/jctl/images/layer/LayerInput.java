package dev.jctl.images.layer;

import dev.jctl.images.reference.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The uncompressed bytes of a layer on their way to the tar reader: hashed, bounded, and recorded
 * while headers are read.
 */
final class LayerInput extends InputStream {
  private static final int BLOCK = 512;

  private final InputStream in;
  private final LayerFault fault;
  private final LayerLimits limits;
  private final MessageDigest hash;
  private final ByteArrayOutputStream headers = new ByteArrayOutputStream();
  private boolean recording;
  private long count;
  private int skew;

  LayerInput(InputStream in, LayerFault fault, LayerLimits limits, MessageDigest hash) {
    this.in = in;
    this.fault = fault;
    this.limits = limits;
    this.hash = hash;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int n = in.read(bytes, offset, length);
    if (n > 0) {
      count += n;
      if (count > limits.unpackedBytes()) {
        throw fault.hostile(
            "unpacks to more than %d bytes, far more than its size explains"
                .formatted(limits.unpackedBytes()));
      }
      hash.update(bytes, offset, n);
      record(bytes, offset, n);
    }
    return n;
  }

  private void record(byte[] bytes, int offset, int length) {
    if (!recording) {
      return;
    }
    if (headers.size() + length > limits.headerBytes()) {
      throw fault.hostile(
          "the headers of one entry are larger than " + limits.headerBytes() + " bytes");
    }
    headers.write(bytes, offset, length);
  }

  /** Skipped bytes are hashed too. */
  @Override
  public long skip(long n) throws IOException {
    byte[] ignored = new byte[Math.clamp(n, 0, 1 << 14)];
    long rest = n;
    while (rest > 0) {
      int got = read(ignored, 0, (int) Math.min(rest, ignored.length));
      if (got < 0) {
        break;
      }
      rest -= got;
    }
    return n - rest;
  }

  /** Call when the content of the entry before has been read. */
  void startHeaders() {
    headers.reset();
    skew = (int) ((BLOCK - count % BLOCK) % BLOCK);
    recording = true;
  }

  /** The headers read since {@link #startHeaders}, without the padding before them. */
  byte[] endHeaders() {
    recording = false;
    byte[] recorded = headers.toByteArray();
    return Arrays.copyOfRange(recorded, Math.min(skew, recorded.length), recorded.length);
  }

  Digest digest() {
    return Digest.of(hash);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
