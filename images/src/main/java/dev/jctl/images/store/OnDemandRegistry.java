package dev.jctl.images.store;

import dev.jctl.images.registry.Registry;
import dev.jctl.images.registry.RetryPolicy;
import org.jspecify.annotations.Nullable;

/** The registry client, made when first needed: an HTTP client costs threads and memory. */
final class OnDemandRegistry implements AutoCloseable {
  private final RetryPolicy retry;
  private @Nullable Registry registry;

  OnDemandRegistry(RetryPolicy retry) {
    this.retry = retry;
  }

  synchronized Registry get() {
    Registry known = registry;
    if (known == null) {
      known = new Registry(retry);
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
