package dev.jctl.controller.pod;

import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.StoredImage;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Images by id, remembered: what an id names never changes. */
final class StoredImages {
  private static final int MAX = 256;

  private final ImageStore images;
  private final Map<String, StoredImage> known = new ConcurrentHashMap<>();

  StoredImages(ImageStore images) {
    this.images = images;
  }

  Optional<StoredImage> find(String imageId) {
    StoredImage image = known.get(imageId);
    if (image != null) {
      return Optional.of(image);
    }
    Optional<StoredImage> found = images.find(imageId);
    if (known.size() >= MAX) {
      known.clear();
    }
    found.ifPresent(i -> known.put(imageId, i));
    return found;
  }
}
