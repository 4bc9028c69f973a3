package dev.jctl.controller.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes blobs and layers that neither an Image nor a Pod's container reaches. Never while an
 * image is being brought in: what it fetched is not named by any object yet.
 */
public final class ImageGarbage {
  private static final Logger LOG = LoggerFactory.getLogger(ImageGarbage.class);

  private static final Duration SETTLED = Duration.ofMinutes(1);

  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final ImageStore images;
  private final InstantSource clock;
  private final Map<String, Instant> recent = new ConcurrentHashMap<>();
  private final ReentrantReadWriteLock loading = new ReentrantReadWriteLock();
  private final AtomicBoolean requested = new AtomicBoolean(true);

  public ImageGarbage(
      ResourceCache cache, ContainerRuntime runtime, ImageStore images, InstantSource clock) {
    this.cache = cache;
    this.runtime = runtime;
    this.images = images;
    this.clock = clock;
  }

  /** Until the cache shows the object that names it. */
  void loaded(String imageId) {
    recent.put(imageId, clock.instant());
  }

  void whileLoading(Runnable load) {
    loading.readLock().lock();
    try {
      load.run();
    } finally {
      loading.readLock().unlock();
    }
  }

  /** Something may have become unreachable. */
  public void request() {
    requested.set(true);
  }

  /** Collects when it was asked for and nothing is being loaded; else later. */
  public void collectIfRequested() {
    if (requested.get() && loading.writeLock().tryLock()) {
      try {
        requested.set(false);
        collect();
      } finally {
        loading.writeLock().unlock();
      }
    }
  }

  private void collect() {
    Set<String> keep = reachable();
    images.collectGarbage(List.copyOf(keep));
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
    Instant old = clock.instant().minus(SETTLED);
    recent.values().removeIf(old::isAfter);
    Set<String> keep = new HashSet<>(recent.keySet());
    for (StoredObject image : cache.list(ResourceKind.IMAGE, null)) {
      add(keep, image.tree().path("status").path("imageID"));
    }
    for (StoredObject pod : cache.list(ResourceKind.POD, null)) {
      for (String list : List.of("containerStatuses", "initContainerStatuses")) {
        for (JsonNode c : pod.tree().path("status").path(list)) {
          add(keep, c.path("imageID"));
        }
      }
    }
    return keep;
  }

  private static void add(Set<String> keep, JsonNode imageId) {
    if (imageId.asText().startsWith("sha256:")) {
      keep.add(imageId.asText());
    }
  }
}
