package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.jctl.images.ImageException;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.images.tree.LayerIndex;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LayerIndexesTest {
  private static final int MOST = 10_000;

  private final LayerIndexes indexes = new LayerIndexes(MOST);
  private final AtomicInteger read = new AtomicInteger();

  private LayerIndexes.Wanted layer(String name, int entries) {
    return new LayerIndexes.Wanted(
        name,
        name,
        room -> {
          read.incrementAndGet();
          return LayerIndex.of(fifos(entries), room);
        });
  }

  private static LayerArchive fifos(int count) {
    Attributes attributes = new Attributes(0644, 0, 0, 0, Map.of());
    Iterator<Entry> entries =
        Collections.<Entry>nCopies(count, new Entry.Fifo("f", attributes)).iterator();
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
    LayerIndexes.Wanted lower = layer("sha256:1", MOST - 2);
    LayerIndexes.Wanted upper = layer("sha256:2", 2);
    try (LayerIndexes.Loan loan = indexes.lend(List.of(lower, upper, lower))) {
      assertThat(loan.index(upper).size()).isEqualTo(2);
    }
    assertThatThrownBy(() -> indexes.lend(List.of(lower, layer("sha256:3", 3))))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("layer sha256:3: with it there are more than 10000 entries");
    indexes.lend(List.of(lower, upper)).close();
  }

  @Test
  void whatManyLookIntoAtOnceIsNoMoreThanOneMayAndAllOfThemEnd() {
    AtomicInteger open = new AtomicInteger();
    List<CompletableFuture<Void>> all =
        IntStream.range(0, 20)
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () -> {
                          List<LayerIndexes.Wanted> wanted =
                              List.of(layer("a" + i % 5, 3000), layer("b" + i, 1500 + i));
                          try (LayerIndexes.Loan loan = indexes.lend(wanted)) {
                            int entries = wanted.stream().mapToInt(w -> loan.index(w).size()).sum();
                            assertThat(open.addAndGet(entries)).isLessThanOrEqualTo(MOST);
                            open.addAndGet(-entries);
                          }
                        },
                        task -> Thread.ofVirtual().start(task)))
            .toList();
    all.forEach(CompletableFuture::join);
  }

  @Test
  void whoFindsNoRoomWaitsForThoseWhoHaveIt() {
    CompletableFuture<Void> second;
    try (LayerIndexes.Loan _ = indexes.lend(List.of(layer("a", 6000)))) {
      second = CompletableFuture.runAsync(() -> indexes.lend(List.of(layer("b", 6000))).close());
      await().atMost(Duration.ofSeconds(60)).until(() -> read.get() == 2);
      assertThat(second).isNotDone();
    }
    second.join();
  }

  @Test
  void aBuildReadsALayerOnceAndNothingStaysAfterTheLast() {
    LayerIndexes.Wanted wanted = layer("a", 6000);
    indexes.buildBegins();
    indexes.lend(List.of(wanted)).close();
    indexes.lend(List.of(wanted)).close();
    assertThat(read).hasValue(1);
    indexes.lend(List.of(layer("b", 6000))).close();
    indexes.lend(List.of(wanted)).close();
    assertThat(read).as("there was no room for both").hasValue(3);
    indexes.buildEnds();
    indexes.lend(List.of(wanted)).close();
    assertThat(read).hasValue(4);
  }
}
