package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageStoreOptions;
import java.nio.file.Path;

/** The image store on a directory. */
public final class ContentImageStore {
  private ContentImageStore() {}

  public static ImageStore open(Path directory, ImageStoreOptions options) {
    throw new ImageException(
        ImageException.Reason.IO, "cannot open " + directory + " for " + options);
  }
}
