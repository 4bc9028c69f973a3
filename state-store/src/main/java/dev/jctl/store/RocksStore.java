package dev.jctl.store;

import java.nio.file.Path;

final class RocksStore {
  private RocksStore() {}

  static Store open(Path directory, StoreOptions options) {
    throw new StoreException("cannot open " + directory + " with " + options);
  }
}
