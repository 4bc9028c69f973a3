package dev.jctl.images.store;

import dev.jctl.images.ImageStore.ImageStoreOptions;
import dev.jctl.images.reference.Digest;
import java.nio.file.Path;
import java.util.Map;

/** Options of the stores of these tests. */
final class Stores {
  static final ImageStoreOptions AMD64 = withRegistries(Path.of("/nonexistent"));

  private Stores() {}

  static ImageStoreOptions withRegistries(Path file) {
    return new ImageStoreOptions("linux", "amd64", file, Map.of(), bytes -> Digest.sha256());
  }
}
