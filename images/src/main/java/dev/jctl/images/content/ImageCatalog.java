package dev.jctl.images.content;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which images are whole, one small file for each. Only a convenience over the blobs: an entry that
 * cannot be read, or whose blobs are gone, counts as absent, and loading the image again mends it.
 */
public final class ImageCatalog {
  private static final Logger LOG = LoggerFactory.getLogger(ImageCatalog.class);
  private static final int FORMAT = 1;
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** What a file holds. */
  record Entry(int format, StoredImage image) {}

  private final BlobStore blobs;

  ImageCatalog(BlobStore blobs) {
    this.blobs = blobs;
  }

  /** Lists an image, whose blobs the caller holds a lease on. */
  public void save(StoredImage image) {
    try (AsideFile file = new AsideFile(blobs.paths().ingest())) {
      byte[] content = MAPPER.writeValueAsBytes(new Entry(FORMAT, image));
      file.write(content, 0, content.length);
      file.publish(blobs.paths().image(Digest.parse(image.imageId())));
    } catch (IOException e) {
      throw StorageFailure.of("listing image " + image.imageId(), e);
    }
  }

  public Optional<StoredImage> find(Digest imageId) {
    return read(imageId).filter(this::isWhole);
  }

  public List<Digest> ids() {
    try {
      return BlobStore.list(blobs.paths().images()).stream()
          .map(ContentPaths::hexOf)
          .filter(Digest::isHex)
          .map(Digest::new)
          .toList();
    } catch (IOException e) {
      throw StorageFailure.of("listing images", e);
    }
  }

  public void remove(Digest imageId) {
    BlobStore.delete(blobs.paths().image(imageId));
  }

  /** Every blob that an image needs, and the index that its tag led to. */
  public static Stream<Digest> reachable(StoredImage image) {
    Stream<Digest> layers = image.layers().stream().map(layer -> Digest.parse(layer.digest()));
    Stream<Digest> documents =
        Stream.of(Digest.parse(image.imageId()), Digest.parse(image.manifestDigest()));
    String pinned = image.repoDigest();
    Stream<Digest> top =
        pinned == null
            ? Stream.of()
            : Stream.of(Digest.parse(pinned.substring(pinned.indexOf('@') + 1)));
    return Stream.of(documents, layers, top).flatMap(s -> s);
  }

  private boolean isWhole(StoredImage image) {
    return reachable(image).allMatch(blobs::has);
  }

  private Optional<StoredImage> read(Digest imageId) {
    Path file = blobs.paths().image(imageId);
    try {
      Entry entry = MAPPER.readValue(Files.readAllBytes(file), Entry.class);
      return entry.format() == FORMAT && entry.image().imageId().equals(imageId.toString())
          ? Optional.of(entry.image())
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "image list entry {} cannot be read; the image must be loaded again: {}",
          file,
          e.toString());
      return Optional.empty();
    }
  }
}
