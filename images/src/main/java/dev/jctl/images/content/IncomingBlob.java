package dev.jctl.images.content;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;

/** A blob that comes in pieces. For one thread at a time. */
public final class IncomingBlob implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 17;

  private final BlobStore blobs;
  private final AsideFile file;
  private final BlobWriter writer;

  IncomingBlob(BlobStore blobs) throws IOException {
    this.blobs = blobs;
    this.file = new AsideFile(blobs.paths().ingest());
    this.writer = blobs.writer("upload", file, -1);
  }

  public long count() {
    return writer.count();
  }

  /**
   * @throws IOException of {@code in}; what came before it counts
   * @throws ImageException NO_SPACE, IO
   */
  public void append(InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      try {
        writer.write(buffer, 0, n);
      } catch (IOException e) {
        throw StorageFailure.of("upload", e);
      }
    }
  }

  /**
   * Ends it. The scope holds the blob from before it is there.
   *
   * @throws ImageException DIGEST_MISMATCH; nothing is then kept
   */
  public void finish(String scope, Digest expected, Instant now) {
    Digest actual = writer.digest();
    if (!actual.equals(expected)) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH, "the uploaded content is %s, not %s".formatted(actual, expected));
    }
    blobs.holds().add(scope, expected, now);
    try {
      blobs.publish(file, expected);
    } catch (IOException e) {
      blobs.holds().remove(scope, expected);
      throw StorageFailure.of("upload of " + expected, e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw StorageFailure.of("ending an upload", e);
    }
  }
}
