package dev.jctl.controller.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.testing.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The cases of <a href="https://github.com/json-patch/json-patch-tests">json-patch-tests</a>
 * (spec_tests.json and tests.json, without those that are disabled there and one with a member
 * twice, which no parser here lets through), one a line.
 */
class JsonPatchSuiteTest {
  @TestFactory
  Stream<DynamicTest> agreesWithTheSuite() throws IOException {
    return Files.readAllLines(Path.of("src/test/resources/suites/json-patch.jsonl")).stream()
        .map(Json::tree)
        .map(c -> DynamicTest.dynamicTest(name(c), () -> check(c)));
  }

  private static String name(JsonNode test) {
    return test.path("comment").asText(test.path("patch").toString());
  }

  private static void check(JsonNode test) {
    if (test.has("error")) {
      assertThatThrownBy(() -> JsonPatch.apply(test.path("doc"), test.path("patch")))
          .as(test.toString())
          .isInstanceOf(PatchException.class);
      return;
    }
    JsonNode patched = JsonPatch.apply(test.path("doc"), test.path("patch"));
    if (test.has("expected")) {
      assertThat(patched).as(test.toString()).isEqualTo(test.path("expected"));
    }
  }
}
