package dev.jctl.shim.local;

import static dev.jctl.shim.local.PreparedDirectories.FEW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jctl.shim.local.PreparedDirectories.Pace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedDirectoriesTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Chores chores = new Chores();
  private final Queue<Path> released = new ConcurrentLinkedQueue<>();

  @TempDir private Path place;

  /** Each has a file with its own number. */
  private final class Numbered implements PreparedDirectories.Content {
    private int made;

    @Override
    public void make(Path directory) {
      try {
        Files.createDirectory(directory);
        Files.writeString(directory.resolve("number"), Integer.toString(made++));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void release(Path directory) {
      released.add(directory);
    }
  }

  private PreparedDirectories started() {
    return started(List.of(place.resolve("a"), place.resolve("b")), Pace.USUAL);
  }

  private PreparedDirectories started(List<Path> slots, Pace pace) {
    var prepared = new PreparedDirectories(slots, new Numbered(), chores, pace);
    prepared.start();
    return prepared;
  }

  private List<Path> slots(int count) {
    return IntStream.range(0, count).mapToObj(i -> place.resolve("slot-" + i)).toList();
  }

  /** Takes so many at once, and says how many of them there were. */
  private static long burst(PreparedDirectories prepared, Path place, int count) {
    return IntStream.range(0, count).filter(i -> prepared.take(place.resolve("own-" + i))).count();
  }

  /** Takes until so many were missing, as they are made meanwhile. */
  private static void missing(PreparedDirectories prepared, Path place, int count) {
    int missed = 0;
    for (int i = 0; missed < count; i++) {
      missed += prepared.take(place.resolve("own-" + i)) ? 0 : 1;
    }
  }

  private void awaitReady(List<Path> slots, int count) {
    await()
        .atMost(LONG)
        .until(
            () -> slots.stream().filter(s -> Files.exists(s.resolve("number"))).count() == count);
  }

  @AfterEach
  void stop() {
    chores.close();
  }

  @Test
  void eachIsGivenOnceAndReplacedAfterwards() throws IOException {
    try (PreparedDirectories prepared = started()) {
      for (int i = 0; i < 5; i++) {
        Path own = place.resolve("own-" + i);
        await().atMost(LONG).until(() -> prepared.take(own));
        assertThat(own.resolve("number")).hasContent(Integer.toString(i));
      }
    }
  }

  @Test
  void whatNobodyTookIsReleasedAndDeleted() {
    try (PreparedDirectories prepared = started()) {
      await().atMost(LONG).until(() -> Files.exists(place.resolve("b/number")));
      assertThat(prepared.take(place.resolve("own"))).isTrue();
    }
    assertThat(released).contains(place.resolve("b"));
    assertThat(place.resolve("a")).doesNotExist();
    assertThat(place.resolve("b")).doesNotExist();
    assertThat(place.resolve("own/number")).exists();
  }

  @Test
  void asManyAreKeptAsALaterBurstTakes(@TempDir Path first, @TempDir Path second) {
    List<Path> slots = slots(16);
    try (PreparedDirectories prepared = started(slots, new Pace(Duration.ZERO, LONG))) {
      awaitReady(slots, FEW);
      missing(prepared, first, 6);
      awaitReady(slots, 16);
      assertThat(burst(prepared, second, 10)).isEqualTo(10);
    }
  }

  @Test
  void noneIsReplacedWhileMoreAreTaken(@TempDir Path own) {
    List<Path> slots = slots(FEW);
    try (PreparedDirectories prepared = started(slots, new Pace(LONG, LONG))) {
      awaitReady(slots, FEW);
      assertThat(burst(prepared, own, 2)).isEqualTo(2);
      assertThat(slots).filteredOn(Files::exists).hasSize(FEW - 2);
    }
  }

  @Test
  void aBurstThatDoesNotComeAgainIsForgotten(@TempDir Path own) {
    List<Path> slots = slots(16);
    Pace pace = new Pace(Duration.ZERO, Duration.ofSeconds(2));
    try (PreparedDirectories prepared = started(slots, pace)) {
      awaitReady(slots, FEW);
      missing(prepared, own, 6);
      await().atMost(LONG).until(() -> !released.isEmpty());
      awaitReady(slots, FEW);
    }
  }
}
