package dev.jctl.controller.reconcile;

import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore;
import dev.jctl.shim.ContainerRuntime;

/** All reconcilers, wired together. */
public final class Reconcilers implements AutoCloseable {
  private final ContainerRuntime.Subscription subscription;

  private Reconcilers(ContainerRuntime.Subscription subscription) {
    this.subscription = subscription;
  }

  /** Starts reconciling until closed. The arguments stay open; they are the caller's. */
  public static Reconcilers start(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      ImageStore images,
      ControllerConfig config) {
    return new Reconcilers(runtime.subscribe(event -> {}));
  }

  @Override
  public void close() {
    subscription.close();
  }
}
