package dev.jctl.controller.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.testing.Suite;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schema.ListType;
import dev.jctl.manifests.schema.Schema.Property;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The cases of structured-merge-diff, by which Kubernetes merges what is applied. Without those
 * whose live object has an item twice, as the schema refuses such objects here.
 */
class SchemaMergeSuiteTest {
  @TestFactory
  Stream<DynamicTest> agreesWithTheSuite() throws IOException {
    return Suite.cases("structured-merge").flatMap(SchemaMergeSuiteTest::tests);
  }

  private static Stream<DynamicTest> tests(JsonNode group) {
    Schema schema = named(group.path("types"), group.path("root").asText());
    return group
        .path("cases")
        .valueStream()
        .filter(c -> !hasDuplicates(c.get(0)))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    group.path("name").asText() + ": " + c.get(0) + " with " + c.get(1),
                    () ->
                        assertThat(SchemaMerge.merge(schema, c.get(0), c.get(1)))
                            .isEqualTo(c.get(2))));
  }

  private static boolean hasDuplicates(JsonNode live) {
    for (JsonNode field : live) {
      List<String> identities =
          field.valueStream().filter(i -> field.isArray()).map(i -> identity(i)).toList();
      if (Set.copyOf(identities).size() < identities.size()) {
        return true;
      }
    }
    return false;
  }

  private static String identity(JsonNode item) {
    return item.isObject() ? item.path("key") + "/" + item.path("id") : item.toString();
  }

  private static Schema named(JsonNode types, String name) {
    return types
        .valueStream()
        .filter(t -> t.path("name").asText().equals(name))
        .map(t -> schema(types, t))
        .findFirst()
        .orElseThrow();
  }

  /** Of the suite's own language; its untyped values are atomic. */
  private static Schema schema(JsonNode types, JsonNode type) {
    if (type.path("namedType").asText("").startsWith("__")) {
      return new Schema.AnySchema("");
    }
    if (type.has("namedType")) {
      return named(types, type.path("namedType").asText());
    }
    if (type.has("list")) {
      return list(types, type.path("list"));
    }
    if (type.path("map").has("elementType")) {
      return new Schema.MapSchema("", schema(types, type.path("map").path("elementType")));
    }
    if (type.has("map")) {
      Map<String, Property> fields = new LinkedHashMap<>();
      for (JsonNode field : type.path("map").path("fields")) {
        Schema its = schema(types, field.path("type"));
        fields.put(field.path("name").asText(), new Property(its, false, null));
      }
      return new Schema.ObjectSchema("", fields);
    }
    return new Schema.AnySchema("");
  }

  private static Schema list(JsonNode types, JsonNode list) {
    List<String> keys = list.path("keys").valueStream().map(JsonNode::asText).toList();
    boolean atomic = list.path("elementRelationship").asText().equals("atomic");
    ListType type = atomic ? ListType.ATOMIC : keys.isEmpty() ? ListType.SET : ListType.MAP;
    return new Schema.ListSchema("", schema(types, list.path("elementType")), type, keys);
  }
}
