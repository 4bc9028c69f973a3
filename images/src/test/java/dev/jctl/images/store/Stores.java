package dev.jctl.images.store;

import dev.jctl.images.ImageStore.ImageStoreOptions;
import dev.jctl.images.reference.Digest;
import java.nio.file.Path;
import java.util.Map;

/** Options of the stores of these tests. */
final class Stores {
  private static final Path NOTHING = Path.of("/nonexistent");
  static final ImageStoreOptions AMD64 = withRegistries(NOTHING);

  private Stores() {}

  static ImageStoreOptions withRegistries(Path file) {
    return new ImageStoreOptions(
        "linux", "amd64", file, NOTHING, Map.of(), bytes -> Digest.sha256());
  }

  static ImageStoreOptions withPolicy(Path file) {
    return new ImageStoreOptions(
        "linux", "amd64", NOTHING, file, Map.of(), bytes -> Digest.sha256());
  }
}
