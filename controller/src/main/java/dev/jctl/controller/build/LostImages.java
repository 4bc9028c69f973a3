package dev.jctl.controller.build;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore;
import dev.jctl.manifests.model.ResourceKind;
import java.util.function.Consumer;

/** Images whose content was here and is no more, as the disk has damaged some of it. */
public final class LostImages {
  private final ResourceCache cache;
  private final ImageStore images;
  private final Consumer<ObjectRef> enqueue;

  /**
   * @param enqueue has an object looked at
   */
  public LostImages(ResourceCache cache, ImageStore images, Consumer<ObjectRef> enqueue) {
    this.cache = cache;
    this.images = images;
    this.enqueue = enqueue;
  }

  /** From where each of them came. */
  void bringAgain() {
    cache.list(ResourceKind.IMAGE, null).stream()
        .filter(this::isLost)
        .map(StoredObject::ref)
        .forEach(enqueue);
  }

  private boolean isLost(StoredObject image) {
    String id = image.tree().at("/status/imageID").asText("");
    return !id.isEmpty() && images.find(id).isEmpty();
  }
}
