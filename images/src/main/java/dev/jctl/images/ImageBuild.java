package dev.jctl.images;

import dev.jctl.images.ImageStore.StoredImage;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One image being made: layers from files and from what containers changed, results of earlier
 * builds, and in the end the image. All that it adds stays at least until it is closed. Safe for
 * many threads. Fails with {@link ImageException}.
 */
public interface ImageBuild extends AutoCloseable {
  /** The directory of what was downloaded: a source of {@link #copy} as {@code DOWNLOADS/NAME}. */
  String DOWNLOADS = ".jctl-downloads";

  /**
   * A build's context as it is now, without what its {@code .dockerignore} leaves out.
   *
   * @param dockerfile its path there: {@code <dockerfile>.dockerignore} comes first
   */
  StoredImage.Layer context(Path directory, String dockerfile);

  /**
   * The same from a tar, packed or not, that is a blob of the store.
   *
   * @throws ImageException NOT_FOUND, or what is wrong with the archive
   */
  StoredImage.Layer context(String digest, String dockerfile);

  /** The same of files that are in a layer. */
  StoredImage.Layer context(StoredImage.Layer files, String dockerfile);

  /** The text of a file of a context. */
  Optional<String> text(StoredImage.Layer context, String path);

  /** Named by content, modes and names of what these sources select; times do not count. */
  String fingerprint(StoredImage.Layer context, List<String> sources, List<String> excludes);

  /**
   * A file of a web server, below {@link #DOWNLOADS} in a layer of its own: root's, with mode 0600.
   *
   * @param checksum {@code sha256:…}; null: whatever it is
   * @throws ImageException DIGEST_MISMATCH, or that the server does not give it
   */
  Download download(String what, URI uri, String name, @Nullable String checksum);

  /** Empty when nothing comes of it. */
  Optional<StoredImage.Layer> copy(CopyRequest request);

  /** A directory with the parents that it lacks; empty when it is there. */
  Optional<StoredImage.Layer> directory(List<StoredImage.Layer> onto, String path);

  /**
   * What a container has changed, without directories that only their time tells from before.
   *
   * @param base what it started from
   * @param mountPoints paths that were mounted over: their traces are left out
   */
  Optional<StoredImage.Layer> changes(
      String what,
      List<StoredImage.Layer> base,
      java.util.Iterator<LayerArchive.Entry> entries,
      Set<String> mountPoints);

  /**
   * What an earlier build made under this key; absent when its content is gone.
   *
   * @return an outer empty for unknown; an inner empty for a step that made no layer
   */
  Optional<Optional<StoredImage.Layer>> earlier(String key);

  void remember(String key, Optional<StoredImage.Layer> layer);

  /**
   * @param configuration the whole document, whose diff ids are those of the layers
   */
  StoredImage image(byte[] configuration, List<StoredImage.Layer> layers);

  @Override
  void close();

  /**
   * @param digest of the file, {@code sha256:…}
   */
  record Download(StoredImage.Layer layer, String digest) {}

  /**
   * @param onto layers that the files go on top of; they decide where links lead and who users are
   * @param from layers that the sources are taken from
   * @param owners whose files they are without {@code chown}
   * @param files texts to be written, by name, beside the sources
   * @param destination absolute; with a slash at the end a directory
   * @param chown {@code user[:group]} by name or number
   * @param chmod as chmod(1) takes it
   * @param excludes patterns of paths below the sources
   */
  record CopyRequest(
      String what,
      List<StoredImage.Layer> onto,
      List<StoredImage.Layer> from,
      Owners owners,
      List<String> sources,
      Map<String, String> files,
      String destination,
      @Nullable String chown,
      @Nullable String chmod,
      List<String> excludes,
      Set<Option> options) {
    public enum Option {
      /** Sources that are tar archives are unpacked, but for those that were downloaded. */
      UNPACK,
      /** Those, too. */
      UNPACK_DOWNLOADS,
      /** The directories of the sources are made too, from where {@code /./} is in them. */
      PARENTS
    }

    public enum Owners {
      ROOT,
      AS_THEY_ARE
    }

    public CopyRequest {
      onto = List.copyOf(onto);
      from = List.copyOf(from);
      sources = List.copyOf(sources);
      excludes = List.copyOf(excludes);
      options = Set.copyOf(options);
    }
  }
}
