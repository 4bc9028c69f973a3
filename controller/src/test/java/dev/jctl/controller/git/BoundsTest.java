package dev.jctl.controller.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundsTest {
  @TempDir Path directory;

  @Test
  void aFetchThatBringsTooMuchIsEndedAndTold() throws IOException {
    Bounds bounds = new Bounds(directory, Duration.ofMinutes(1));
    assertThat(bounds.isCancelled()).isFalse();
    Path packs = Files.createDirectories(directory.resolve("objects/pack"));
    try (RandomAccessFile pack = new RandomAccessFile(packs.resolve("x.pack").toFile(), "rw")) {
      pack.setLength(Bounds.MAX_BYTES + 1); // without blocks
    }
    Bounds next = new Bounds(directory, Duration.ofMinutes(1));
    assertThat(next.isCancelled()).isTrue();
    Remote remote =
        new Remote(
            "https://git.test/huge",
            new GitRef.DefaultBranch(),
            new Credentials.None(),
            "",
            Duration.ofMinutes(1),
            Extent.ALL);
    GitException told = TransportFailures.of(remote, new IOException("cancelled"), next);
    assertThat(told.reason()).isEqualTo(GitException.Reason.TOO_LARGE);
    assertThat(told).hasMessageContaining("https://git.test/huge is larger than 512 MiB");
  }
}
