package dev.jctl.images.store;

import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.LayerArchive.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What is in an image, one line for each entry. */
final class Contents {
  private Contents() {}

  static List<String> of(ImageStore store, StoredImage image) {
    List<String> lines = new ArrayList<>();
    for (StoredImage.Layer layer : image.layers()) {
      try (LayerArchive archive = store.openLayer(layer)) {
        archive.forEachRemaining(entry -> lines.add(line(entry)));
      }
    }
    return lines;
  }

  private static String line(Entry entry) {
    return switch (entry) {
      case Entry.Directory d -> "d %o %s".formatted(d.attributes().mode(), d.path());
      case Entry.File f ->
          "f %o %s %s".formatted(f.attributes().mode(), f.path(), text(f.content()));
      case Entry.Symlink l -> "l " + l.path() + " " + l.target();
      case Entry.HardLink l -> "h " + l.path() + " " + l.target();
      case Entry.Fifo p -> "p " + p.path();
      case Entry.Device d ->
          "%s %s %d:%d".formatted(d.block() ? "b" : "c", d.path(), d.major(), d.minor());
      case Entry.Whiteout w -> "w " + w.path();
      case Entry.Opaque o -> "o " + o.path();
    };
  }

  private static String text(InputStream content) {
    try {
      return new String(content.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
