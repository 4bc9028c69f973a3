package dev.jctl.controller.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Public suites of cases, one a line, below {@code src/test/resources/suites}. */
public final class Suite {
  private Suite() {}

  /** All but the first line, which says where they are from. */
  public static Stream<JsonNode> cases(String name) throws IOException {
    return Files.readAllLines(Path.of("src/test/resources/suites").resolve(name + ".jsonl"))
        .stream()
        .skip(1)
        .map(Json::tree);
  }
}
