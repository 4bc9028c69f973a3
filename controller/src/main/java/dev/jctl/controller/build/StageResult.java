package dev.jctl.controller.build;

import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.oci.ConfigDraft;
import java.util.List;

/** What a stage came to. */
record StageResult(List<Layer> layers, ConfigDraft config) {
  StageResult {
    layers = List.copyOf(layers);
  }

  /** What its content is called. */
  List<String> diffIds() {
    return layers.stream().map(Layer::diffId).toList();
  }
}
