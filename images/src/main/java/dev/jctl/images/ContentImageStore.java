package dev.jctl.images;

import java.nio.file.Path;

final class ContentImageStore {
  private ContentImageStore() {}

  static ImageStore open(Path directory, ImageStore.ImageStoreOptions options) {
    throw new ImageException(
        ImageException.Reason.IO, "cannot open " + directory + " for " + options);
  }
}
