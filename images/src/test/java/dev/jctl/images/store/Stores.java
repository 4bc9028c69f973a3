package dev.jctl.images.store;

import dev.jctl.images.ImageStore.ImageStoreOptions;
import dev.jctl.images.reference.Digest;
import java.nio.file.Path;
import java.util.Map;

/** Options of the stores of these tests. */
final class Stores {
  private static final Path NOTHING = Path.of("/nonexistent");
  static final ImageStoreOptions AMD64 = of(NOTHING, NOTHING, NOTHING);

  private Stores() {}

  static ImageStoreOptions withRegistries(Path file) {
    return of(file, NOTHING, NOTHING);
  }

  static ImageStoreOptions withPolicy(Path file) {
    return of(NOTHING, file, NOTHING);
  }

  static ImageStoreOptions withLayerRules(Path file) {
    return of(NOTHING, NOTHING, file);
  }

  private static ImageStoreOptions of(Path registries, Path policy, Path layers) {
    return new ImageStoreOptions(
        "linux", "amd64", registries, policy, layers, Map.of(), bytes -> Digest.sha256());
  }
}
