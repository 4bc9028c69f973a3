package dev.jctl.shim.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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
    var prepared =
        new PreparedDirectories(
            List.of(place.resolve("a"), place.resolve("b")), new Numbered(), chores);
    prepared.start();
    return prepared;
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
}
