package dev.jctl.images.store;

import dev.jctl.images.content.Lease;
import dev.jctl.images.oci.Descriptor;
import java.util.List;

/** Fetches the layers of one image. */
record LayerFetches(Lease lease, ImageOrigin origin, ProgressMeter meter) {
  void fetchAll(List<Descriptor> layers) {
    AFewAtOnce.each(origin.name(), layers, this::fetch);
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
