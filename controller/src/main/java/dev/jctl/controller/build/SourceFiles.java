package dev.jctl.controller.build;

import dev.jctl.images.ImageBuild.CopyRequest.Owners;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import java.util.List;

/**
 * Layers that files are taken from.
 *
 * @param owners {@code ROOT}: a context, whose files are told by their content
 */
record SourceFiles(List<Layer> layers, Owners owners) {
  static final SourceFiles NONE = new SourceFiles(List.of(), Owners.ROOT);

  SourceFiles {
    layers = List.copyOf(layers);
  }

  static SourceFiles ofContext(Layer context) {
    return new SourceFiles(List.of(context), Owners.ROOT);
  }

  static SourceFiles ofImage(List<Layer> layers) {
    return new SourceFiles(layers, Owners.AS_THEY_ARE);
  }
}
