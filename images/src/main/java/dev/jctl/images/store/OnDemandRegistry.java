package dev.jctl.images.store;

import dev.jctl.images.registry.Registry;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The registry client, made when first needed: an HTTP client costs threads and memory. */
final class OnDemandRegistry implements AutoCloseable {
  private final Supplier<Registry> make;
  private @Nullable Registry registry;

  OnDemandRegistry(Supplier<Registry> make) {
    this.make = make;
  }

  synchronized Registry get() {
    Registry known = registry;
    if (known == null) {
      known = make.get();
      registry = known;
    }
    return known;
  }

  @Override
  public synchronized void close() {
    if (registry != null) {
      registry.close();
      registry = null;
    }
  }
}
