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

  /** Of a machine of this architecture. */
  static ImageStoreOptions of(String architecture) {
    return of(architecture, NOTHING, NOTHING, NOTHING);
  }

  private static ImageStoreOptions of(Path registries, Path policy, Path layers) {
    return of("amd64", registries, policy, layers);
  }

  private static ImageStoreOptions of(
      String architecture, Path registries, Path policy, Path layers) {
    return new ImageStoreOptions(
        "linux", architecture, registries, policy, layers, Map.of(), bytes -> Digest.sha256());
  }
}
