package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.content.Lease;
import dev.jctl.images.oci.Descriptor;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Fetches the layers of one image, a few at a time; the first failure ends the others. */
record LayerFetches(Lease lease, ImageOrigin origin, ProgressMeter meter) {
  private static final int AT_ONCE = 3;

  void fetchAll(List<Descriptor> layers) {
    ExecutorService threads =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().name("layer-", 0).factory());
    try {
      ExecutorCompletionService<Void> fetches = new ExecutorCompletionService<>(threads);
      for (Descriptor layer : layers) {
        fetches.submit(() -> fetch(layer), null);
      }
      for (int i = 0; i < layers.size(); i++) {
        fetches.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(Reason.IO, origin.name() + ": interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ImageException known
          ? known
          : new ImageException(Reason.IO, origin.name() + ": " + e.getCause(), e);
    } finally {
      threads.shutdownNow();
      threads.close(); // nothing may write under the lease once it is given back
    }
  }

  private void fetch(Descriptor layer) {
    String what = origin.name() + ": layer " + layer.digest();
    if (lease.holds(layer.digest())) {
      meter.add(layer.size());
    } else {
      lease.fetch(what, layer.digest(), layer.size(), out -> origin.layer(layer, out, meter));
    }
    meter.layerDone();
  }
}
