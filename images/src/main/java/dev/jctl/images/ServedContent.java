package dev.jctl.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The store as a registry has it: blobs and manifests that clients send and ask for. OCI
 * distribution spec 1.1. What a client has sent, or was told is here, is held for its scope for an
 * hour, in which something has to come to name it. Safe for many threads. Fails with {@link
 * ImageException}.
 */
public interface ServedContent {
  /** A manifest or index, byte by byte as it was made. */
  @SuppressWarnings("ArrayRecordComponent") // read once, handed on once
  record ServedManifest(String digest, String mediaType, byte[] content) {}

  /** A blob's file, to be read only. */
  record ServedBlob(Path file, long size) {}

  /**
   * A manifest that says that another is its subject. OCI image spec, descriptor.md.
   *
   * @param artifactType empty for none
   */
  record Referrer(
      String mediaType,
      String digest,
      long size,
      String artifactType,
      Map<String, String> annotations) {
    public Referrer {
      annotations = Map.copyOf(annotations);
    }
  }

  /** A blob on its way in. For one thread at a time; closed without an end it is forgotten. */
  interface Upload extends AutoCloseable {
    /** Bytes so far. */
    long size();

    /**
     * @throws IOException of {@code in}; what came before it counts
     */
    void append(InputStream in) throws IOException;

    /**
     * @throws ImageException DIGEST_MISMATCH when its content is something else
     */
    void finish(String scope, String digest);

    @Override
    void close();
  }

  Upload upload();

  /**
   * Whether the blob is here and {@code scope} may know it: it holds it, or one of its manifests
   * reaches it. It then holds it.
   *
   * @param tops digests of the manifests that the scope has
   */
  Optional<ServedBlob> blob(String scope, Collection<String> tops, String digest);

  /** Gives the scope what the caller knows that it may have; false when it is not here. */
  boolean share(String scope, String digest);

  /** As {@link #blob} for a manifest. */
  Optional<ServedManifest> manifest(String scope, Collection<String> tops, String digest);

  /** A manifest that the caller knows to be its own; empty when it is not here. */
  Optional<ServedManifest> own(String digest);

  /**
   * Whether all that it names is here, indexes with all of their manifests.
   *
   * @param digest of a manifest or an index
   */
  boolean isWhole(String digest);

  /**
   * Takes a manifest or an index all of whose content is known to the scope.
   *
   * @param digest that it must have; null for any
   * @param mediaType as the client says; empty for nothing
   * @return its subject's digest is null for none
   * @throws ImageException NOT_FOUND naming a blob that is not here, CORRUPT, UNSUPPORTED,
   *     DIGEST_MISMATCH
   */
  Taken put(
      String scope,
      Collection<String> tops,
      byte[] content,
      @Nullable String digest,
      String mediaType);

  /** A manifest that was taken. */
  record Taken(String digest, @Nullable String subject) {}

  /** In order of their digests. */
  List<Referrer> referrers(String scope, String subject);

  /** Forgets that a manifest has a subject, and holds it no longer; false when it was not known. */
  boolean forget(String scope, String digest);
}
