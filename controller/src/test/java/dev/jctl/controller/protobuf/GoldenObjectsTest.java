package dev.jctl.controller.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.testing.Json;
import dev.jctl.controller.testing.Suite;
import java.io.IOException;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Kubernetes' own objects, all of whose fields are set: in protobuf they are what they are in JSON.
 */
class GoldenObjectsTest {
  @TestFactory
  Stream<DynamicTest> areReadAsTheirJson() throws IOException {
    return Suite.cases("golden-objects")
        .map(c -> DynamicTest.dynamicTest(c.path("name").asText(), () -> check(c)));
  }

  private static void check(JsonNode test) throws ProtobufObjects.InvalidBody {
    byte[] body = Base64.getDecoder().decode(test.path("protobuf").asText());
    // as text, so that a number is a number
    assertThat(Json.tree(ProtobufObjects.read(body).toString())).isEqualTo(test.path("json"));
  }
}
