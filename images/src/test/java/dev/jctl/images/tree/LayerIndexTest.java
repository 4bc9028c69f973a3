package dev.jctl.images.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.ImageException;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayerIndexTest {
  private static LayerArchive fifos(String... paths) {
    Iterator<Entry> entries =
        List.of(paths).stream()
            .<Entry>map(path -> new Entry.Fifo(path, new Attributes(0644, 0, 0, 0, Map.of())))
            .iterator();
    return new LayerArchive() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public Entry next() {
        return entries.next();
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void layersOfTooManyEntriesAreRefusedByNameBeforeTheyFillTheMemory() {
    int others = LayerIndex.MAX_ENTRIES - 2;
    assertThat(LayerIndex.of(fifos("a", "b"), "sha256:1", others).size()).isEqualTo(2);
    assertThatThrownBy(() -> LayerIndex.of(fifos("a", "b", "c"), "sha256:1", others))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("layer sha256:1: with it there are more than 200000 entries");
  }
}
