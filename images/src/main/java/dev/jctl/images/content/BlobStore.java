package dev.jctl.images.content;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * Blobs by digest. A blob is there whole or not at all; its bytes were hashed when they were
 * written.
 */
public final class BlobStore {
  private final ContentPaths paths;
  private final Pins pins = new Pins();
  private final Holds holds = new Holds(pins);
  private final Arrivals arrivals = new Arrivals();

  private final LongFunction<MessageDigest> sha256;

  private BlobStore(ContentPaths paths, LongFunction<MessageDigest> sha256) {
    this.paths = paths;
    this.sha256 = sha256;
  }

  /**
   * Makes the directory when needed, and clears what an earlier process left half-written.
   *
   * @param sha256 makes what hashes content of about so many bytes
   */
  public static BlobStore open(Path directory, LongFunction<MessageDigest> sha256) {
    ContentPaths paths = new ContentPaths(directory);
    try {
      Files.createDirectories(paths.blobs());
      Files.createDirectories(paths.images());
      Files.createDirectories(paths.steps());
      Files.createDirectories(paths.referrers());
      Files.createDirectories(paths.ingest());
      for (Path leftover : list(paths.ingest())) {
        Files.delete(leftover);
      }
    } catch (IOException e) {
      throw StorageFailure.of("image store " + directory, e);
    }
    return new BlobStore(paths, sha256);
  }

  /** The list of whole images, kept beside the blobs. */
  public ImageCatalog catalog() {
    return new ImageCatalog(this);
  }

  /** What steps of builds made, kept beside the blobs. */
  public StepCache steps() {
    return new StepCache(this);
  }

  /** Which manifests are about which, kept beside the blobs. */
  public Referrers referrers() {
    return new Referrers(paths);
  }

  /** What clients of a registry count on. */
  public Holds holds() {
    return holds;
  }

  /** Begins to take a blob that comes in pieces. */
  public IncomingBlob incoming() {
    try {
      return new IncomingBlob(this);
    } catch (IOException e) {
      throw StorageFailure.of("beginning an upload", e);
    }
  }

  public Lease lease() {
    return new Lease(this);
  }

  public boolean has(Digest digest) {
    return Files.isRegularFile(paths.blob(digest));
  }

  /** The blob's file, to be read only. */
  public Path path(Digest digest) {
    return paths.blob(digest);
  }

  /**
   * A small blob as a whole, hashed again, since decisions hang on it.
   *
   * @throws ImageException NOT_FOUND, or DAMAGED
   */
  public byte[] read(String what, Digest digest, int maxBytes) {
    byte[] content;
    try (var in = Files.newInputStream(paths.blob(digest))) {
      content = in.readNBytes(maxBytes + 1);
    } catch (IOException e) {
      throw StorageFailure.of(what, e);
    }
    if (content.length > maxBytes) {
      throw new ImageException(Reason.CORRUPT, what + ": larger than " + maxBytes + " bytes");
    }
    if (!Digest.of(content).equals(digest)) {
      throw unreadable(
          what,
          digest,
          new ImageException(Reason.DIGEST_MISMATCH, what + ": its content is another"));
    }
    return content;
  }

  /**
   * Hashes a blob again, and removes it when the disk has changed it. Who has it open reads on.
   *
   * @return DAMAGED when it was so, else the cause
   */
  public ImageException unreadable(String what, Digest digest, ImageException cause) {
    return removeDamaged(digest)
        ? new ImageException(
            Reason.DAMAGED,
            "%s: the disk has changed it since it was written; it is brought again (%s)"
                .formatted(what, cause.getMessage()),
            cause)
        : cause;
  }

  private boolean removeDamaged(Digest digest) {
    Path file = paths.blob(digest);
    try {
      boolean damaged = !hashed(file).equals(digest);
      if (damaged) {
        delete(file);
      }
      return damaged;
    } catch (NoSuchFileException gone) {
      return true;
    } catch (IOException e) {
      throw StorageFailure.of("blob " + digest, e);
    }
  }

  private Digest hashed(Path file) throws IOException {
    MessageDigest hash = sha256(Files.size(file));
    try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), hash)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return Digest.of(hash);
  }

  /** Hashes content of about so many bytes. */
  public MessageDigest sha256(long expectedBytes) {
    return sha256.apply(expectedBytes);
  }

  /** A directory for scratch files that are of no value after a crash. */
  public Path scratch() {
    return paths.ingest();
  }

  /** All that are here, with their sizes in bytes. */
  public Map<Digest, Long> sizes() {
    Map<Digest, Long> sizes = new HashMap<>();
    try {
      for (Path file : list(paths.blobs())) {
        String hex = String.valueOf(file.getFileName());
        if (Digest.isHex(hex)) {
          sizes.put(new Digest(hex), Files.size(file));
        }
      }
    } catch (IOException e) {
      throw StorageFailure.of("measuring " + paths.blobs(), e);
    }
    return sizes;
  }

  /** What steps of builds may keep, as full as the disk is. */
  public StepCache.Bounds stepBounds() {
    try {
      FileStore disk = Files.getFileStore(paths.root());
      Map<Digest, Long> sizes = sizes();
      long cached = steps().blobs().stream().mapToLong(b -> sizes.getOrDefault(b, 0L)).sum();
      return StepCache.Bounds.of(disk.getTotalSpace(), disk.getUsableSpace(), cached);
    } catch (IOException e) {
      throw StorageFailure.of("measuring the disk of " + paths.root(), e);
    }
  }

  /** Removes every blob that is neither kept nor held by a lease. */
  public void retain(Set<Digest> keep) {
    try {
      for (Path file : list(paths.blobs())) {
        String hex = String.valueOf(file.getFileName());
        if (Digest.isHex(hex) && !keep.contains(new Digest(hex))) {
          pins.ifFree(new Digest(hex), () -> delete(file));
        }
      }
    } catch (IOException e) {
      throw StorageFailure.of("collecting garbage in " + paths.blobs(), e);
    }
  }

  /**
   * @param size in bytes, or -1 when it is not known
   */
  BlobWriter writer(String what, AsideFile file, long size) {
    long limit = size < 0 ? Long.MAX_VALUE : size;
    return new BlobWriter(what, file, limit, sha256(limit));
  }

  void publish(AsideFile file, Digest digest) throws IOException {
    file.publish(paths.blob(digest));
  }

  ContentPaths paths() {
    return paths;
  }

  Pins pins() {
    return pins;
  }

  Arrivals arrivals() {
    return arrivals;
  }

  static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw StorageFailure.of("removing " + file, e);
    }
  }
}
