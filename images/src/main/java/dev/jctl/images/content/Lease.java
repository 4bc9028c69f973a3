package dev.jctl.images.content;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The right to add blobs: whatever is added or found under a lease stays until it is closed. For
 * many threads.
 */
public final class Lease implements AutoCloseable {
  /** Puts a blob's content into {@code out}. */
  @FunctionalInterface
  public interface Source {
    void writeTo(BlobWriter out) throws IOException;
  }

  private final BlobStore blobs;
  private final Queue<Digest> held = new ConcurrentLinkedQueue<>();

  Lease(BlobStore blobs) {
    this.blobs = blobs;
  }

  /** Holds on to a blob, and says whether it is there. */
  public boolean holds(Digest digest) {
    pin(digest);
    return blobs.has(digest);
  }

  public Digest put(String what, byte[] content) {
    Digest digest = Digest.of(content);
    fetch(what, digest, content.length, out -> out.write(content));
    return digest;
  }

  /**
   * Adds a blob that is known by name, unless it is there. While one caller fetches it, others wait
   * for that; if it fails they try their own source.
   *
   * @param size in bytes, or -1 when it is not known
   * @throws ImageException DIGEST_MISMATCH when the source gives anything else; NO_SPACE; IO
   */
  public void fetch(String what, Digest digest, long size, Source source) {
    pin(digest);
    blobs.arrivals().once(digest, () -> fetchNow(what, digest, size, source));
  }

  /** Adds a blob whose digest is known only once it has been written. */
  public Digest write(String what, Source source) {
    try (AsideFile file = new AsideFile(blobs.paths().ingest())) {
      BlobWriter writer = blobs.writer(what, file, -1);
      source.writeTo(writer);
      Digest digest = writer.digest();
      pin(digest);
      blobs.publish(file, digest);
      return digest;
    } catch (IOException e) {
      throw StorageFailure.of(what, e);
    }
  }

  private void fetchNow(String what, Digest digest, long size, Source source) {
    if (blobs.has(digest)) {
      return;
    }
    try (AsideFile file = new AsideFile(blobs.paths().ingest())) {
      BlobWriter writer = blobs.writer(what, file, size);
      source.writeTo(writer);
      verify(what, digest, size, writer);
      blobs.publish(file, digest);
    } catch (IOException e) {
      throw StorageFailure.of(what, e);
    }
  }

  private static void verify(String what, Digest digest, long size, BlobWriter writer) {
    if (size >= 0 && writer.count() != size) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH,
          "%s: ends after %d of %d bytes".formatted(what, writer.count(), size));
    }
    Digest actual = writer.digest();
    if (!actual.equals(digest)) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH, "%s: its content is %s, not %s".formatted(what, actual, digest));
    }
  }

  private void pin(Digest digest) {
    blobs.pins().pin(digest);
    held.add(digest);
  }

  @Override
  public void close() {
    blobs.pins().unpin(held);
    held.clear();
  }
}
