package dev.jctl.images.store;

import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.content.StorageFailure;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.registry.EnvironmentProxies;
import dev.jctl.images.registry.WebFile;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.UUID;

/**
 * A file of a web server, here until it is closed.
 *
 * @param digest of its content
 * @param changed as the server says; else the beginning of 1970
 */
record FetchedFile(Path file, String digest, Instant changed) implements AutoCloseable {
  private static final long MAX_BYTES = 16L << 30;

  /**
   * @param what it is, for errors
   * @param scratch directory that it is put into
   */
  static FetchedFile fetch(String what, URI uri, EnvironmentProxies proxies, Path scratch) {
    Path file = scratch.resolve(UUID.randomUUID().toString());
    try {
      MessageDigest hash = Digest.sha256();
      Instant changed;
      try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), hash)) {
        changed = WebFile.fetch(what, uri, proxies, out, bound(scratch)).orElse(Instant.EPOCH);
      }
      return new FetchedFile(file, Digest.of(hash).toString(), changed);
    } catch (IOException e) {
      delete(file);
      throw StorageFailure.of(what, e);
    } catch (RuntimeException e) {
      delete(file);
      throw e;
    }
  }

  /** For a file that is here twice until it is a layer; no server may fill the disk. */
  private static WebFile.Bound bound(Path scratch) throws IOException {
    long room = Files.getFileStore(scratch).getUsableSpace() / 2;
    return room < MAX_BYTES
        ? new WebFile.Bound(room, Reason.NO_SPACE, "for which there is no room")
        : new WebFile.Bound(
            MAX_BYTES, Reason.UNSUPPORTED, "which is the most that is fetched; use the context");
  }

  @Override
  public void close() {
    delete(file);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw StorageFailure.of("removing " + file, e);
    }
  }
}
