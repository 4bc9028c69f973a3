package dev.jctl.images;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The content-addressed store of images and the ways into it. Safe for many threads; equal blobs
 * are fetched once.
 */
public interface ImageStore extends AutoCloseable {
  /**
   * Brings an image in, or finds it already there.
   *
   * @param progress called from any thread, often
   * @throws ImageException naming the reference or path, the blob and the entry
   */
  StoredImage load(ImageSource source, Consumer<TransferProgress> progress);

  /**
   * Puts an image into a registry. What is there already is not sent; what a repository beside it
   * has is mounted.
   *
   * @param progress called from any thread, often
   * @throws ImageException naming the reference and the blob; NOT_FOUND when the image is not here
   */
  PushedImage push(String imageId, PushTarget target, Consumer<TransferProgress> progress);

  /**
   * Writes an image as an archive: an OCI layout in a tar, with what {@code docker load} needs
   * beside it. What {@link ImageSource.Archive} reads.
   *
   * @param reference the archive's name for it; null for none
   * @throws ImageException NOT_FOUND when the image is not here, INVALID_REFERENCE
   * @throws IOException of {@code out}
   */
  void save(String imageId, @Nullable String reference, OutputStream out) throws IOException;

  /**
   * The images that an archive has, of which nothing is brought in, in its order.
   *
   * @param path as {@link ImageSource.Archive}
   * @throws ImageException that it is none, or is damaged
   */
  List<ArchivedImage> archived(Path path);

  /**
   * An image's documents as they were written, byte by byte.
   *
   * @throws ImageException NOT_FOUND when the image is not here
   */
  ImageDocuments documents(String imageId);

  /** By the digest of its configuration ({@code sha256:…}), as {@link StoredImage#imageId}. */
  Optional<StoredImage> find(String imageId);

  /**
   * Entries of a layer in archive order, decompressed and checked against its diff id at the end.
   * Close when done.
   */
  LayerArchive openLayer(StoredImage.Layer layer);

  /**
   * Looks whether the disk has changed a layer since it was written, and removes what it has: all
   * images of it are absent then, and loading one of them brings it again.
   *
   * @param cause why it could not be read
   * @return DAMAGED when it was so, else the cause
   */
  ImageException unreadable(StoredImage.Layer layer, ImageException cause);

  /**
   * Begins to make an image.
   *
   * @param epochSeconds SOURCE_DATE_EPOCH: no file is younger; null: times stay
   */
  ImageBuild build(@Nullable Long epochSeconds);

  /**
   * The tags of a repository, as its registry has them. OCI distribution spec, "Listing Tags".
   *
   * @param repository as in a reference; a tag or digest in it does not matter
   */
  List<String> tags(String repository, Keyring keyring);

  /** What a reference stands for now: the digest of the manifest or index, {@code sha256:…}. */
  String digest(String reference, Keyring keyring);

  /**
   * An artifact of which the first layer is a tar, as Flux, Timoni and ORAS push them.
   *
   * @throws ImageException also when there is no such layer, or it is no archive of small files
   */
  Artifact artifact(String reference, Keyring keyring);

  /**
   * What a container has changed of these layers, in order of the paths.
   *
   * @param entries what it has of its own; contents are not looked at
   * @param mountPoints paths that were mounted over: their traces are left out
   */
  List<Change> changes(
      List<StoredImage.Layer> base, Iterator<LayerArchive.Entry> entries, Set<String> mountPoints);

  /** The same content as a registry has it. */
  ServedContent served();

  /**
   * Removes every blob that these images, these manifests with all that they name and all that is
   * about them, and recent builds' steps do not reach.
   *
   * @param keepManifests digests of manifests and indexes, whatever platforms they are for
   */
  void collectGarbage(Collection<String> keepImageIds, Collection<String> keepManifests);

  /** How much is taken by what; the arguments as in {@link #collectGarbage}. */
  StorageUse use(Collection<String> keepImageIds, Collection<String> keepManifests);

  /** Forgets what steps of builds made; the next collection removes what nothing else reaches. */
  void pruneBuildCache();

  @Override
  void close();

  /**
   * An image of an archive, once for each of its names.
   *
   * @param wanted how {@link ImageSource.Archive} is told which it is; null: there is no other
   * @param name what containers call it, in Docker's short form; null: it has no whole name
   */
  record ArchivedImage(@Nullable String wanted, @Nullable String name) {}

  /**
   * Bytes of blobs. What several share counts once, for the first that has it.
   *
   * @param other on its way in or out
   */
  record StorageUse(long images, long buildCache, long other) {}

  /**
   * @param platformOs {@code linux}
   * @param platformArchitecture in Go's words, {@code amd64}
   * @param registries a file with mirrors and insecure registries, which need not be there
   * @param policy a file that says whose signatures images need, which need not be there
   * @param environment with proxies
   * @param sha256 makes what hashes content of about so many bytes
   */
  record ImageStoreOptions(
      String platformOs,
      String platformArchitecture,
      Path registries,
      Path policy,
      Path layers,
      Map<String, String> environment,
      LongFunction<MessageDigest> sha256) {
    public ImageStoreOptions {
      environment = Map.copyOf(environment);
    }

    public static ImageStoreOptions host(
        Path directory, Map<String, String> environment, LongFunction<MessageDigest> sha256) {
      return new ImageStoreOptions(
          "linux",
          Platforms.hostArchitecture(),
          directory.resolve("registries.json"),
          directory.resolve("policy.json"),
          directory.resolve("layers.json"),
          environment,
          sha256);
    }
  }

  /**
   * Bytes moved so far and in all ({@code total} -1 when unknown); {@code stage} in words: {@code
   * pulling}, {@code importing}, {@code pushing}.
   */
  record TransferProgress(String stage, long bytes, long total, int layersDone, int layersTotal) {}

  /**
   * What is no image but files.
   *
   * @param digest of its manifest, {@code sha256:…}
   */
  record Artifact(String digest, List<ArchiveFile> files) {
    public Artifact {
      files = List.copyOf(files);
    }
  }

  /**
   * Where an image is pushed to.
   *
   * @param reference by tag, or by the digest that its manifest has
   * @param index the index that the image was chosen from; it is pushed with all that it names when
   *     all of that is here; null for none
   */
  record PushTarget(String reference, Keyring keyring, @Nullable String index) {
    /** For this image alone. */
    public PushTarget(String reference, Keyring keyring) {
      this(reference, keyring, null);
    }
  }

  /**
   * What a registry has taken.
   *
   * @param reference with all defaults filled in
   * @param digest of the manifest, {@code sha256:…}
   * @param sizeBytes of the manifest
   */
  record PushedImage(String reference, String digest, int sizeBytes) {}

  /**
   * A path that is not as it was, as {@code docker diff} says it.
   *
   * @param path absolute
   */
  record Change(Kind kind, String path) {
    /** A directory is changed when anything in it is. */
    public enum Kind {
      ADDED,
      CHANGED,
      DELETED
    }
  }

  /** OCI image spec, manifest.md and config.md, or what Docker has in their place. */
  @SuppressWarnings("ArrayRecordComponent") // read once, handed on once
  record ImageDocuments(byte[] manifest, byte[] configuration) {}

  /** One of the ways that an image can be described. */
  sealed interface ImageSource {
    /** {@code docker.io/library/nginx:1.27} or {@code …@sha256:…}. */
    record Reference(String reference, Keyring keyring) implements ImageSource {}

    /**
     * OCI layout (directory or tar) or docker-archive, found by content; tar may be gzip or zstd.
     * {@code name} picks one of several.
     */
    record Archive(Path path, @Nullable String name) implements ImageSource {}

    /** A directory or tar as a single layer. */
    record Rootfs(Path path, ImageConfig config) implements ImageSource {}

    /**
     * A manifest or index that is in the store with what it names for this platform.
     *
     * @param reference that it is used as
     * @param signatures digests of manifests whose tags say that they have its signatures
     */
    record Manifest(String digest, String reference, List<String> signatures)
        implements ImageSource {
      public Manifest {
        signatures = List.copyOf(signatures);
      }
    }

    /** One that is in the store already, by the digest of its configuration. */
    record Stored(String imageId) implements ImageSource {}

    /** A single layer made of single files. */
    record Files(List<FileEntry> files, ImageConfig config) implements ImageSource {
      public Files {
        files = List.copyOf(files);
      }
    }
  }

  /** One file to put into a layer; parents are made as needed, owned by root, mode 0755. */
  sealed interface FileEntry {
    /** Absolute path inside. */
    String path();

    /** {@code mode} null: the host file's permission bits. */
    record FromHost(String path, Path hostPath, @Nullable Integer mode) implements FileEntry {}

    record Text(String path, String content, @Nullable Integer mode) implements FileEntry {}

    record Link(String path, String target) implements FileEntry {}

    record Directory(String path, @Nullable Integer mode) implements FileEntry {}
  }

  /** What an image's configuration says about running it. OCI image spec, config.md. */
  record ImageConfig(
      List<String> env,
      List<String> entrypoint,
      List<String> cmd,
      String user,
      String workingDir,
      String stopSignal,
      List<String> exposedPorts,
      List<String> volumes,
      Map<String, String> labels) {
    public static final ImageConfig EMPTY =
        new ImageConfig(
            List.of(), List.of(), List.of(), "", "", "", List.of(), List.of(), Map.of());

    public ImageConfig {
      env = List.copyOf(env);
      entrypoint = List.copyOf(entrypoint);
      cmd = List.copyOf(cmd);
      exposedPorts = List.copyOf(exposedPorts);
      volumes = List.copyOf(volumes);
      labels = Map.copyOf(labels);
    }
  }

  /**
   * An image that is whole in the store.
   *
   * @param imageId digest of the configuration, {@code sha256:…}
   * @param manifestDigest {@code sha256:…}
   * @param repoDigest {@code registry/name@sha256:…}, or null when it did not come from a registry
   * @param sizeBytes sum of the compressed layers
   */
  record StoredImage(
      String imageId,
      String manifestDigest,
      @Nullable String repoDigest,
      String os,
      String architecture,
      ImageConfig config,
      List<Layer> layers,
      long sizeBytes) {
    public StoredImage {
      layers = List.copyOf(layers);
    }

    /**
     * @param digest of the blob, {@code sha256:…}
     * @param diffId of the uncompressed archive, {@code sha256:…}
     */
    public record Layer(String digest, String diffId, String mediaType, long sizeBytes) {}
  }
}
