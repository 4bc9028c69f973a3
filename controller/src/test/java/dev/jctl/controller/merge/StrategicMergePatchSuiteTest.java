package dev.jctl.controller.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.testing.Suite;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schema.ListType;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The cases with which Kubernetes tests strategic merge patches: those made by hand, and the two-
 * and three-way patches that it makes itself; without those of fields that are replaced as a whole,
 * which none of our kinds has.
 */
class StrategicMergePatchSuiteTest {
  /**
   * Where they put new items behind others depends on what Go's slices share after a deletion; as
   * everywhere else, new items come first here.
   */
  private static final Set<String> ACCIDENTS =
      Set.of(
          "add map and delete map from merging list, three-way",
          "add map and delete map from merging list with conflict, three-way");

  private static final int DEPTH = 5;
  private static final Schema ANY = new Schema.AnySchema("");

  @TestFactory
  Stream<DynamicTest> agreesWithTheSuite() throws IOException {
    Schema item = mergeItem(DEPTH);
    return Suite.cases("strategic-merge")
        .filter(c -> !ACCIDENTS.contains(c.path("comment").asText()))
        .map(c -> DynamicTest.dynamicTest(c.path("comment").asText(), () -> check(item, c)));
  }

  private static void check(Schema schema, JsonNode test) {
    ObjectNode target = (ObjectNode) test.path("target");
    ObjectNode patch = (ObjectNode) test.path("patch");
    if (test.has("error")) {
      assertThatThrownBy(() -> StrategicMergePatch.apply(schema, target, patch))
          .as(test.toString())
          .isInstanceOf(PatchException.class);
      return;
    }
    // what is null is dropped there when the object is decoded
    assertThat(Trees.withoutNulls(StrategicMergePatch.apply(schema, target, patch)))
        .as(test.toString())
        .isEqualTo(Trees.withoutNulls((ObjectNode) test.path("expected")));
  }

  /** The type that the cases are of, which has itself in its fields. */
  private static Schema mergeItem(int depth) {
    if (depth == 0) {
      return ANY;
    }
    Schema item = mergeItem(depth - 1);
    Map<String, Schema.Property> fields = new LinkedHashMap<>();
    for (String name : List.of("mergingList", "mergeItemPtr", "retainKeysMergingList")) {
      fields.put(name, list(item, ListType.MAP, List.of("name")));
    }
    fields.put("nonMergingList", list(item, ListType.ATOMIC, List.of()));
    fields.put("mergingIntList", list(ANY, ListType.SET, List.of()));
    fields.put("nonMergingIntList", list(ANY, ListType.ATOMIC, List.of()));
    fields.put("simpleMap", property(new Schema.MapSchema("", ANY)));
    fields.put("retainKeysMap", property(item));
    return new Schema.ObjectSchema("", fields);
  }

  private static Schema.Property list(Schema items, ListType type, List<String> keys) {
    return property(new Schema.ListSchema("", items, type, keys));
  }

  private static Schema.Property property(Schema schema) {
    return new Schema.Property(schema, false, null);
  }
}
