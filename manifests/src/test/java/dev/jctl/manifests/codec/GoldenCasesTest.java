package dev.jctl.manifests.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * {@code cases/NAME/manifest.yaml} (or {@code .json}) reads as {@code expected.txt} says: the
 * documents, or the errors.
 */
final class GoldenCasesTest {
  @TestFactory
  Stream<DynamicTest> readsAsExpected() throws IOException {
    Path cases = Path.of("src/test/resources/cases");
    try (Stream<Path> directories = Files.list(cases)) {
      return directories.sorted().toList().stream()
          .map(d -> DynamicTest.dynamicTest(d.getFileName().toString(), () -> check(d)));
    }
  }

  private static void check(Path directory) throws IOException {
    boolean json = Files.exists(directory.resolve("manifest.json"));
    String name = json ? "manifest.json" : "manifest.yaml";
    assertThat(read(name, Files.readString(directory.resolve(name))))
        .isEqualTo(Files.readString(directory.resolve("expected.txt")));
  }

  private static String read(String name, String text) {
    try {
      return ManifestReader.read(name, text).stream()
          .map(d -> YamlText.write(d.tree()))
          .collect(Collectors.joining("---\n"));
    } catch (ManifestException e) {
      return e.getMessage() + "\n";
    }
  }
}
