package dev.jctl.controller.build;

import dev.jctl.images.ImageStore.StoredImage;
import java.util.function.Supplier;

/** Images that no object names yet: while they are kept nobody sweeps them away. */
public interface KeptImages {
  /** Makes one, which is kept from the moment that it is there. */
  StoredImage keep(Supplier<StoredImage> make);

  void release(StoredImage image);
}
