package dev.jctl.controller.pod;

import dev.jctl.images.ImageStore.StoredImage;
import java.util.Map;

/**
 * What a Pod's volumes refer to, as it was found.
 *
 * @param images by name of the volume: those that are images
 * @param claims by name of the claim, or else the Volume: the others that are Volumes
 */
record FoundVolumes(Map<String, StoredImage> images, Map<String, Claimed> claims) {
  static final FoundVolumes NONE = new FoundVolumes(Map.of(), Map.of());

  FoundVolumes {
    images = Map.copyOf(images);
    claims = Map.copyOf(claims);
  }

  /**
   * A Volume.
   *
   * @param volume its name
   * @param readOnly by its access modes
   * @param seeded it gets what the image has where it is mounted, once
   * @param foreign on a server: its files can be given neither to other users nor to a group
   */
  record Claimed(String volume, boolean readOnly, boolean seeded, boolean foreign) {}

  Claimed claim(String name) {
    return claims.getOrDefault(name, new Claimed(name, false, false, false));
  }
}
