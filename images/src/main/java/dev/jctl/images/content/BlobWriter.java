package dev.jctl.images.content;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** The content of one blob on its way to disk, hashed and measured as it passes. */
public final class BlobWriter extends OutputStream {
  private final String what;
  private final AsideFile file;
  private final long limit;
  private final MessageDigest hash;
  private long count;

  /**
   * @param limit in bytes; more is a failure
   */
  BlobWriter(String what, AsideFile file, long limit, MessageDigest hash) {
    this.what = what;
    this.file = file;
    this.limit = limit;
    this.hash = hash;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > limit - count) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH, what + ": longer than the " + limit + " bytes it should have");
    }
    file.write(bytes, offset, length);
    hash.update(bytes, offset, length);
    count += length;
  }

  /** Bytes so far: from where an interrupted transfer can go on. */
  public long count() {
    return count;
  }

  /** Forgets what was written, for a source that can only start anew. */
  public void restart() throws IOException {
    file.clear();
    hash.reset();
    count = 0;
  }

  /** Ends the writing. */
  Digest digest() {
    return Digest.of(hash);
  }
}
