package dev.jctl.images.content;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What steps of builds made, one small file for each key; its time says when it was last of use. As
 * with {@link ImageCatalog} an entry that cannot be read, or whose blob is gone, counts as absent.
 */
public final class StepCache {
  private static final Logger LOG = LoggerFactory.getLogger(StepCache.class);
  private static final int FORMAT = 1;
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** What is kept without being asked for again. */
  public record Bounds(Duration age, long bytes) {
    public static final Bounds DEFAULT = new Bounds(Duration.ofDays(30), 10L << 30);

    /** The kubelet's imageGCHighThresholdPercent and imageGCLowThresholdPercent. */
    private static final long FULL_PERCENT = 85;

    private static final long ENOUGH_PERCENT = 80;

    /**
     * Of a file system that fills up: from 85 % on, what brings it back to 80 %.
     *
     * @param total of the file system, in bytes
     * @param usable of those
     * @param cached of those taken by what steps made
     */
    public static Bounds of(long total, long usable, long cached) {
      if (usable >= total / 100 * (100 - FULL_PERCENT)) {
        return DEFAULT;
      }
      long lacking = total / 100 * (100 - ENOUGH_PERCENT) - usable;
      return new Bounds(DEFAULT.age(), Math.clamp(cached - lacking, 0, DEFAULT.bytes()));
    }
  }

  /** What a file holds; {@code layer} null: the step made none. */
  record Entry(int format, StoredImage.@Nullable Layer layer) {}

  private record Used(Path file, Instant at, StoredImage.Layer layer) {}

  private final BlobStore blobs;

  StepCache(BlobStore blobs) {
    this.blobs = blobs;
  }

  /**
   * @param lease holds the layer from then on
   * @return an outer empty for unknown
   */
  public Optional<Optional<StoredImage.Layer>> find(String key, Lease lease) {
    Path file = blobs.paths().step(new Digest(key));
    Optional<Entry> entry = read(file);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    StoredImage.Layer layer = entry.get().layer();
    if (layer != null && !lease.holds(Digest.parse(layer.digest()))) {
      return Optional.empty();
    }
    touch(file);
    return Optional.of(Optional.ofNullable(layer));
  }

  public void save(String key, Optional<StoredImage.Layer> layer) {
    try (AsideFile file = new AsideFile(blobs.paths().ingest())) {
      byte[] content = MAPPER.writeValueAsBytes(new Entry(FORMAT, layer.orElse(null)));
      file.write(content, 0, content.length);
      file.publish(blobs.paths().step(new Digest(key)));
    } catch (IOException e) {
      throw StorageFailure.of("remembering build step " + key, e);
    }
  }

  /** The layers that they made. */
  public Set<Digest> blobs() {
    return lastUsedFirst().stream()
        .map(step -> Digest.parse(step.layer().digest()))
        .collect(Collectors.toSet());
  }

  /** Forgets all of them. */
  public void clear() {
    try {
      BlobStore.list(blobs.paths().steps()).forEach(BlobStore::delete);
    } catch (IOException e) {
      throw StorageFailure.of("forgetting build steps", e);
    }
  }

  /** Forgets what was of no use for long, or is too much; the rest's blobs are to be kept. */
  public Set<Digest> retain(Bounds bounds, Instant now) {
    Set<Digest> kept = new HashSet<>();
    long bytes = 0;
    for (Used step : lastUsedFirst()) {
      Digest digest = Digest.parse(step.layer().digest());
      long more = kept.contains(digest) ? 0 : step.layer().sizeBytes();
      boolean old = step.at().isBefore(now.minus(bounds.age()));
      if (old || bytes + more > bounds.bytes()) {
        BlobStore.delete(step.file());
      } else {
        bytes += more;
        kept.add(digest);
      }
    }
    return kept;
  }

  private List<Used> lastUsedFirst() {
    List<Used> steps = new ArrayList<>();
    try {
      for (Path file : BlobStore.list(blobs.paths().steps())) {
        StoredImage.Layer layer = read(file).map(Entry::layer).orElse(null);
        if (layer != null) {
          steps.add(new Used(file, Files.getLastModifiedTime(file).toInstant(), layer));
        }
      }
    } catch (IOException e) {
      throw StorageFailure.of("listing build steps", e);
    }
    steps.sort(Comparator.comparing(Used::at).reversed());
    return steps;
  }

  private static Optional<Entry> read(Path file) {
    try {
      return Optional.of(MAPPER.readValue(Files.readAllBytes(file), Entry.class))
          .filter(entry -> entry.format() == FORMAT);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      LOG.warn("build step {} cannot be read and is done again: {}", file, e.toString());
      return Optional.empty();
    }
  }

  private static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.debug("{} keeps its time: {}", file, e.toString());
    }
  }
}
