package dev.jctl.controller.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.build.KeptImages;
import dev.jctl.controller.queue.MountedImages;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes blobs and layers that neither an Image nor a Pod's container reaches. Never while an
 * image is being brought in: what it fetched is not named by any object yet.
 */
public final class ImageGarbage implements KeptImages {
  private static final Logger LOG = LoggerFactory.getLogger(ImageGarbage.class);

  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final ImageStore images;
  // Image id by uid of the Image object whose status is not yet seen to name it.
  private final Map<String, String> unseen = new ConcurrentHashMap<>();
  // How often each is kept for a build.
  private final Map<String, Integer> kept = new ConcurrentHashMap<>();
  private final ReentrantReadWriteLock loading = new ReentrantReadWriteLock();
  private final AtomicBoolean requested = new AtomicBoolean(true);
  // A collection found something being loaded; whoever ends loading does it.
  private final AtomicBoolean deferred = new AtomicBoolean();

  public ImageGarbage(ResourceCache cache, ContainerRuntime runtime, ImageStore images) {
    this.cache = cache;
    this.runtime = runtime;
    this.images = images;
  }

  /** It is kept until the cache shows that the object names it. */
  void loaded(StoredObject image, String imageId) {
    unseen.put(image.uid(), imageId);
  }

  @Override
  public StoredImage keep(Supplier<StoredImage> make) {
    loading.readLock().lock();
    try {
      StoredImage image = make.get();
      kept.merge(image.imageId(), 1, Integer::sum);
      return image;
    } finally {
      loadingEnded();
    }
  }

  @Override
  public void release(StoredImage image) {
    kept.computeIfPresent(image.imageId(), (id, times) -> times == 1 ? null : times - 1);
    request();
  }

  void released(StoredObject image) {
    unseen.remove(image.uid());
    request();
  }

  void whileLoading(Runnable load) {
    loading.readLock().lock();
    try {
      load.run();
    } finally {
      loadingEnded();
    }
  }

  /** Nobody else would come to collect for a while. */
  private void loadingEnded() {
    loading.readLock().unlock();
    if (deferred.get()) {
      Thread.ofVirtual().name("collect-garbage").start(this::collectDeferred);
    }
  }

  private void collectDeferred() {
    try {
      collectIfRequested();
    } catch (RuntimeException e) {
      LOG.warn("collecting garbage is put off: {}", e.toString());
    }
  }

  /** Something may have become unreachable. */
  public void request() {
    requested.set(true);
  }

  /**
   * Waits for a collection that is under way, which may have looked before something became
   * unreachable. While something is being loaded it is left for the end of that.
   */
  public void collectNow() {
    request();
    collectIfRequested();
  }

  /**
   * Collects when it was asked for; while something is being loaded, as soon as that has ended.
   * When it fails it is still asked for.
   */
  public synchronized void collectIfRequested() {
    if (!requested.get()) {
      return;
    }
    deferred.set(true); // first, so that a loading that ends right now sees it
    if (loading.writeLock().tryLock()) {
      try {
        deferred.set(false);
        requested.set(false);
        collect();
      } catch (RuntimeException e) {
        requested.set(true);
        throw e;
      } finally {
        loading.writeLock().unlock();
      }
    }
  }

  private void collect() {
    Set<String> keep = reachable();
    images.collectGarbage(keep, manifests(cache));
    Set<String> layers = new HashSet<>();
    for (String imageId : keep) {
      images
          .find(imageId)
          .ifPresent(i -> i.layers().forEach(l -> layers.add(ImagePlanner.layerId(l))));
    }
    for (String layer : runtime.layers()) {
      if (!layers.contains(layer)) {
        removeLayer(layer);
      }
    }
  }

  /**
   * Of images that several manifests have, or that run elsewhere: what is served stays. So does
   * what an Image that follows a policy may have to go back to, as its registry may be away by
   * then; and the contexts that a build was sent, as it may be asked for again.
   */
  static List<String> manifests(ResourceCache cache) {
    return cache.list(ResourceKind.IMAGE, null).stream()
        .flatMap(image -> manifests(image.tree()))
        .filter(digest -> digest.startsWith("sha256:"))
        .toList();
  }

  private static Stream<String> manifests(JsonNode image) {
    Stream<String> alone =
        Stream.of(
            image.at("/spec/manifestDigest").asText(""),
            image.at("/status/manifestDigest").asText(""),
            image.at("/spec/build/contextDigest").asText(""),
            ImagePolicyPlanner.digest(image.at("/status/followed/healthy").asText("")));
    return Stream.concat(
        alone, image.at("/spec/build/contexts").findValuesAsText("digest").stream());
  }

  private void removeLayer(String layer) {
    try {
      runtime.removeLayer(layer);
    } catch (RuntimeFailure e) {
      if (e.reason() != RuntimeFailure.Reason.IN_USE) {
        throw e;
      }
      LOG.debug("layer {} stays: a container has it", layer);
      requested.set(true);
    }
  }

  private Set<String> reachable() {
    for (StoredObject image : cache.list(ResourceKind.IMAGE, null)) {
      unseen.remove(image.uid(), image.tree().path("status").path("imageID").asText());
    }
    Set<String> keep = new HashSet<>(unseen.values());
    keep.addAll(kept.keySet());
    keep.addAll(named(cache));
    return keep;
  }

  /** Ids of the images that objects name. */
  static Set<String> named(ResourceCache cache) {
    Set<String> named = new HashSet<>();
    for (StoredObject image : cache.list(ResourceKind.IMAGE, null)) {
      add(named, image.tree().path("status").path("imageID"));
    }
    for (StoredObject pod : cache.list(ResourceKind.POD, null)) {
      MountedImages.of(pod.tree()).byVolume().values().forEach(m -> named.add(m.imageId()));
      for (String list : List.of("containerStatuses", "initContainerStatuses")) {
        for (JsonNode c : pod.tree().path("status").path(list)) {
          add(named, c.path("imageID"));
        }
      }
    }
    return named;
  }

  private static void add(Set<String> keep, JsonNode imageId) {
    if (imageId.asText().startsWith("sha256:")) {
      keep.add(imageId.asText());
    }
  }
}
