package dev.jctl.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarIndexTest {
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path temp;

  private TarIndex index(byte[] tar) throws IOException {
    return TarIndex.open("archive", Files.write(temp.resolve("a.tar"), tar));
  }

  @Test
  void findsFilesBehindLargeOnes() throws IOException {
    String large = "x".repeat(3 * MEBIBYTE + 7);
    try (TarIndex index = index(new Tars().file("a", large).file("b", "second").bytes());
        InputStream a = index.open("a").orElseThrow();
        InputStream b = index.open("b").orElseThrow()) {
      assertThat(a.readAllBytes()).asString().isEqualTo(large);
      assertThat(b.readAllBytes()).asString().isEqualTo("second");
      assertThat(index.size("c")).isEmpty();
    }
  }

  @Test
  void refusesHeadersThatAreLargerThanAnyOfAnImage() {
    String large = "x".repeat(2 * MEBIBYTE);
    byte[] tar =
        new Tars()
            .special("a", TarConstants.LF_NORMAL, entry -> entry.addPaxHeader("comment.of", large))
            .bytes();
    assertThatThrownBy(() -> index(tar))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("its headers are too large");
  }
}
