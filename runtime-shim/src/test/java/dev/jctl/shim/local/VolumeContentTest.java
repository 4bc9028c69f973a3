package dev.jctl.shim.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.VolumeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VolumeContentTest {
  @TempDir Path volume;

  private static VolumeFile file(String path, String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new VolumeFile(path, 0440, Base64.getEncoder().encodeToString(bytes));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(volume)) {
      return entries.map(p -> p.getFileName().toString()).filter(n -> !n.startsWith("..")).toList();
    }
  }

  @Test
  void filesHaveTheirContentAndMode() throws IOException {
    VolumeContent.write(volume, List.of(file("a", "one"), file("conf/b", "two")));
    assertThat(volume.resolve("a")).hasContent("one");
    assertThat(volume.resolve("conf/b")).hasContent("two");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(volume.resolve("a"))))
        .isEqualTo("r--r-----");
  }

  @Test
  void whoHasTheOldDirectoryOpenSeesNothingOfTheNew() throws IOException {
    VolumeContent.write(volume, List.of(file("a", "one"), file("b", "one")));
    Path before = volume.resolve("..data").toRealPath();
    VolumeContent.write(volume, List.of(file("a", "two"), file("c", "two")));
    assertThat(volume.resolve("..data").toRealPath()).isNotEqualTo(before);
    assertThat(before).doesNotExist();
    assertThat(volume.resolve("a")).hasContent("two");
    assertThat(names()).containsExactlyInAnyOrder("a", "c");
  }

  @Test
  void theSameContentIsNoChange() throws IOException {
    List<VolumeFile> files = List.of(file("a", "one"), file("d/b", "two"));
    VolumeContent.write(volume, files);
    Path before = volume.resolve("..data").toRealPath();
    VolumeContent.write(volume, files);
    assertThat(volume.resolve("..data").toRealPath()).isEqualTo(before);
  }

  @Test
  void whatAKilledWriterLeftIsRemoved() throws IOException {
    Files.createDirectories(volume.resolve("..data.1/x"));
    Files.createSymbolicLink(volume.resolve("..data_new"), Path.of("..data.1"));
    VolumeContent.write(volume, List.of(file("a", "one")));
    assertThat(volume.resolve("..data.1")).doesNotExist();
    assertThat(volume.resolve("a")).hasContent("one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/a", "../a", "a/../../b", "..data/a"})
  void aPathThatIsNotWithinIsRefused(String path) {
    assertThatThrownBy(() -> VolumeContent.write(volume, List.of(file(path, "x"))))
        .isInstanceOf(RuntimeFailure.class);
    assertThat(volume).isEmptyDirectory();
  }
}
