package dev.jctl.controller.fake;

import dev.jctl.images.ArchiveFile;
import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.images.Keyring;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.RegistryAuth;
import dev.jctl.images.ServedContent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Every source is an image of one layer, equal sources the same; references may be missing. */
public final class FakeImageStore implements ImageStore {
  private final Map<String, StoredImage> images = new ConcurrentHashMap<>();
  private final Set<String> guarded = ConcurrentHashMap.newKeySet();
  private final Set<String> damaged = ConcurrentHashMap.newKeySet();
  private final Map<String, List<String>> tagged = new ConcurrentHashMap<>();
  private final Map<String, Artifact> artifacts = new ConcurrentHashMap<>();
  private final Map<String, String> digests = new ConcurrentHashMap<>();
  private final Map<String, ImageException> failures = new ConcurrentHashMap<>();

  private ServedContent served = new NothingServed();
  private volatile Runnable beforeCollecting = () -> {};

  /** What it is as a registry. */
  public void serve(ServedContent content) {
    served = content;
  }

  @Override
  public ImageBuild build(@Nullable Long epochSeconds) {
    throw new UnsupportedOperationException("nothing is built here");
  }

  /** Runs once it is decided what a collection keeps, before anything goes. */
  public void beforeCollecting(Runnable task) {
    beforeCollecting = task;
  }

  /** From now on this reference cannot be had. */
  public void fail(String reference, ImageException.Reason reason) {
    failures.put(reference, new ImageException(reason, "pull " + reference + ": " + reason));
  }

  public void repair(String reference) {
    failures.remove(reference);
  }

  /** From now on this reference is had only by those who have credentials for it. */
  public void guard(String reference) {
    guarded.add(reference);
  }

  public int size() {
    return images.size();
  }

  public static StoredImage image(String seed, ImageConfig config) {
    String hash =
        UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)).toString().replace("-", "");
    StoredImage.Layer layer =
        new StoredImage.Layer("sha256:b" + hash, "sha256:d" + hash, "tar", 1000);
    return new StoredImage(
        "sha256:c" + hash, "sha256:a" + hash, null, "linux", "amd64", config, List.of(layer), 1000);
  }

  @Override
  public StoredImage load(ImageSource source, Consumer<TransferProgress> progress) {
    if (source instanceof ImageSource.Reference r) {
      ImageException failure = failures.get(r.reference());
      if (failure != null) {
        throw failure;
      }
      login(r);
    }
    if (source instanceof ImageSource.Stored stored) {
      return find(stored.imageId())
          .orElseThrow(() -> new ImageException(ImageException.Reason.NOT_FOUND, stored.imageId()));
    }
    progress.accept(new TransferProgress("pulling", 500, 1000, 0, 1));
    ImageConfig config =
        switch (source) {
          case ImageSource.Rootfs rootfs -> rootfs.config();
          case ImageSource.Files files -> files.config();
          case ImageSource.Reference reference -> ImageConfig.EMPTY;
          case ImageSource.Archive archive -> ImageConfig.EMPTY;
          case ImageSource.Stored stored -> ImageConfig.EMPTY;
          case ImageSource.Manifest manifest -> ImageConfig.EMPTY;
        };
    String seed =
        source instanceof ImageSource.Reference r
            ? r.reference() + digests.getOrDefault(r.reference(), "")
            : source.toString();
    String name = source instanceof ImageSource.Reference r ? r.reference() : "";
    StoredImage image = pinned(name, image(seed, config));
    images.put(image.imageId(), image);
    return image;
  }

  /** {@code host/name:tag@sha256:…} is known by its digest. */
  private static StoredImage pinned(String reference, StoredImage image) {
    int at = reference.indexOf('@');
    String repoDigest =
        at < 0
            ? null
            : reference.substring(0, reference.lastIndexOf(':', at)) + reference.substring(at);
    return new StoredImage(
        image.imageId(),
        image.manifestDigest(),
        repoDigest,
        image.os(),
        image.architecture(),
        image.config(),
        image.layers(),
        image.sizeBytes());
  }

  @Override
  public PushedImage push(String imageId, PushTarget target, Consumer<TransferProgress> progress) {
    ImageException failure = failures.get(target.reference());
    if (failure != null) {
      throw failure;
    }
    progress.accept(new TransferProgress("pushing", 1000, 1000, 1, 1));
    return new PushedImage(target.reference(), "sha256:a", 500);
  }

  @Override
  public void save(String imageId, @Nullable String reference, OutputStream out)
      throws IOException {
    out.write((imageId + " " + reference).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public ImageDocuments documents(String imageId) {
    byte[] config = ("{\"id\":\"" + imageId + "\"}").getBytes(StandardCharsets.UTF_8);
    return new ImageDocuments("{}".getBytes(StandardCharsets.UTF_8), config);
  }

  /** From now on the repository has these tags. */
  public void tag(String repository, String... tags) {
    tagged.put(repository, List.of(tags));
  }

  @Override
  public List<String> tags(String repository, Keyring keyring) {
    return tagged.getOrDefault(repository, List.of());
  }

  @Override
  public String digest(String reference, Keyring keyring) {
    ImageException failure = failures.get(reference);
    if (failure != null) {
      throw failure;
    }
    return digests.getOrDefault(reference, image(reference, ImageConfig.EMPTY).manifestDigest());
  }

  /** From now on the reference stands for this. */
  public void move(String reference, String digest) {
    digests.put(reference, digest);
  }

  /** From now on there is an artifact of one file. */
  public void artifact(String reference, String path, String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    String digest = "sha256:" + Integer.toHexString(text.hashCode());
    ArchiveFile file = new ArchiveFile(path, ArchiveFile.Kind.FILE, content);
    artifacts.put(reference, new Artifact(digest, List.of(file)));
  }

  @Override
  public Artifact artifact(String reference, Keyring keyring) {
    return Optional.ofNullable(artifacts.get(reference))
        .orElseThrow(() -> new ImageException(ImageException.Reason.NOT_FOUND, reference));
  }

  private void login(ImageSource.Reference source) {
    String reference = source.reference();
    RegistryAuth auth =
        source.keyring().find(reference.substring(0, reference.indexOf('/')), "team/web");
    if (guarded.contains(reference) && auth.credentials().isEmpty()) {
      throw new ImageException(
          ImageException.Reason.UNAUTHORIZED, reference + ": " + String.join("; ", auth.remarks()));
    }
  }

  @Override
  public Optional<StoredImage> find(String imageId) {
    return Optional.ofNullable(images.get(imageId));
  }

  /** From now on the layer of this reference cannot be read. */
  public void damage(String reference) {
    damaged.add(image(reference, ImageConfig.EMPTY).layers().getFirst().digest());
  }

  @Override
  public ImageException unreadable(StoredImage.Layer layer, ImageException cause) {
    images.values().removeIf(image -> image.layers().contains(layer));
    return damaged.remove(layer.digest())
        ? new ImageException(
            ImageException.Reason.DAMAGED,
            "the disk has changed it since it was written: " + cause.getMessage())
        : cause;
  }

  @Override
  public LayerArchive openLayer(StoredImage.Layer layer) {
    if (damaged.contains(layer.digest())) {
      throw new ImageException(ImageException.Reason.CORRUPT, "layer ends early");
    }
    return new LayerArchive() {
      @Override
      public boolean hasNext() {
        return false;
      }

      @Override
      public Entry next() {
        throw new NoSuchElementException();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public List<Change> changes(
      List<StoredImage.Layer> base, Iterator<LayerArchive.Entry> entries, Set<String> mountPoints) {
    return List.of();
  }

  @Override
  public ServedContent served() {
    return served;
  }

  @Override
  public StorageUse use(Collection<String> keepImageIds, Collection<String> keepManifests) {
    return new StorageUse(1000L * keepImageIds.size(), 0, 0);
  }

  @Override
  public List<ArchivedImage> archived(Path path) {
    return List.of();
  }

  @Override
  public void pruneBuildCache() {
    // nothing is built here
  }

  @Override
  public void collectGarbage(Collection<String> keepImageIds, Collection<String> keepManifests) {
    beforeCollecting.run();
    images.keySet().retainAll(keepImageIds);
  }

  @Override
  public void close() {}
}
