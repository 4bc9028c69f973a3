package dev.jctl.manifests.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.codec.YamlText;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code crds/} is what the code says. {@code -Dgolden.write=true} writes it anew; read the
 * difference before it is kept.
 */
class CustomResourcesTest {
  private static final Path DIRECTORY = Path.of("crds");

  static List<ResourceKind> kinds() {
    return CustomResources.kinds();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theFileIsWhatTheCodeSays(ResourceKind kind) throws IOException {
    Path file = DIRECTORY.resolve(kind.plural() + ".jctl.dev.yaml");
    String text = YamlText.write(CustomResources.definition(kind));
    if (Boolean.getBoolean("golden.write")) {
      Files.createDirectories(DIRECTORY);
      Files.writeString(file, text);
    }
    assertThat(Files.readString(file)).isEqualTo(text);
  }

  @Test
  void thereAreNoOtherFiles() throws IOException {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              kinds().stream().map(k -> k.plural() + ".jctl.dev.yaml").toList());
    }
  }

  /** What kube-apiserver asks of a structural schema, as far as ours could fail it. */
  @ParameterizedTest
  @MethodSource("kinds")
  void theSchemaIsStructural(ResourceKind kind) {
    JsonNode schema =
        CustomResources.definition(kind).at("/spec/versions/0/schema/openAPIV3Schema");
    assertThat(schema.at("/properties/metadata")).hasSize(1);
    check("", schema);
  }

  private static final Set<String> KNOWN =
      Set.of(
          "type",
          "format",
          "description",
          "default",
          "enum",
          "minimum",
          "maximum",
          "items",
          "properties",
          "required",
          "additionalProperties",
          "x-kubernetes-int-or-string",
          "x-kubernetes-list-type",
          "x-kubernetes-list-map-keys",
          "x-kubernetes-validations",
          "x-kubernetes-preserve-unknown-fields");

  private static void check(String path, JsonNode schema) {
    schema.fieldNames().forEachRemaining(f -> assertThat(KNOWN).as(path).contains(f));
    boolean intOrString = schema.path("x-kubernetes-int-or-string").asBoolean();
    assertThat(schema.has("type")).as("type of %s", path).isNotEqualTo(intOrString);
    schema
        .path("required")
        .forEach(r -> assertThat(schema.path("properties").has(r.asText())).isTrue());
    schema
        .path("properties")
        .properties()
        .forEach(f -> check(path + "." + f.getKey(), f.getValue()));
    for (String inner : List.of("items", "additionalProperties")) {
      if (schema.has(inner)) {
        check(path + "." + inner, schema.path(inner));
      }
    }
    for (JsonNode key : schema.path("x-kubernetes-list-map-keys")) {
      JsonNode items = schema.path("items");
      boolean known = items.path("properties").path(key.asText()).has("default");
      boolean required =
          items.path("required").valueStream().anyMatch(r -> r.asText().equals(key.asText()));
      assertThat(known || required).as("key %s of %s", key, path).isTrue();
    }
  }

  @Test
  void rulesThatASchemaCannotTellAreWhereTheyBelong() {
    JsonNode volume =
        CustomResources.definition(ResourceKind.VOLUME)
            .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/driver");
    assertThat(volume.at("/x-kubernetes-validations/0/rule").asText()).isEqualTo("self == oldSelf");
    for (ResourceKind kind : kinds()) {
      JsonNode schema = OpenApiSchemas.of(kind);
      long there =
          schema.findValues("x-kubernetes-validations").stream().mapToLong(JsonNode::size).sum();
      assertThat(there).as(kind.kind()).isEqualTo(CelRules.of(kind).size());
    }
  }
}
