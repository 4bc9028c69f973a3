package dev.jctl.manifests.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Schema.AnySchema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.Schema.Property;
import dev.jctl.manifests.schema.Schema.ScalarSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reference in docs/manifests.md says what the schemas say. */
final class ReferenceTest {
  @ParameterizedTest
  @EnumSource(
      names = {
        "IMAGE",
        "CONTAINER",
        "NETWORK",
        "VOLUME",
        "VOLUME_SNAPSHOT",
        "MANIFEST_SET",
        "GIT_REPOSITORY",
        "MANIFEST_SOURCE"
      })
  void documentsTheFieldsOfTheSpec(ResourceKind kind) throws IOException {
    StringBuilder table = new StringBuilder("| field | type | what |\n| --- | --- | --- |\n");
    Property spec = Objects.requireNonNull(Schemas.of(kind).properties().get("spec"));
    rows("", (ObjectSchema) spec.schema(), table);
    assertThat(Files.readString(Path.of("../docs/manifests.md")))
        .as("the table of %s", kind.kind())
        .contains(table);
  }

  private static void rows(String prefix, ObjectSchema object, StringBuilder table) {
    for (Map.Entry<String, Property> field : object.properties().entrySet()) {
      Property property = field.getValue();
      if (property.schema().description().isEmpty()) {
        continue;
      }
      String name = prefix + field.getKey();
      table.append("| `" + name + "` | " + type(property) + " | " + what(property) + " |\n");
      switch (property.schema()) {
        case ObjectSchema s -> rows(name + ".", s, table);
        case ListSchema s when s.items() instanceof ObjectSchema item ->
            rows(name + "[].", item, table);
        case ListSchema s -> {}
        case MapSchema s -> {}
        case ScalarSchema s -> {}
        case AnySchema s -> {}
      }
    }
  }

  private static String type(Property property) {
    return type(property.schema()) + (property.required() ? ", required" : "");
  }

  private static String type(Schema schema) {
    return switch (schema) {
      case ObjectSchema s -> "object";
      case MapSchema s -> "map of " + type(s.values());
      case ListSchema s ->
          "list of "
              + type(s.items())
              + (s.mapKeys().isEmpty() ? "" : " by " + String.join(", ", s.mapKeys()));
      case ScalarSchema s -> s.type().name().toLowerCase(Locale.ROOT).replace('_', ' ');
      case AnySchema s -> "any";
    };
  }

  private static String what(Property property) {
    List<String> allowed =
        property.schema() instanceof ScalarSchema scalar ? scalar.allowed() : List.of();
    return property.schema().description()
        + (allowed.isEmpty() ? "" : " One of " + String.join(", ", allowed) + ".")
        + (property.defaultValue() == null
            ? ""
            : " Default " + property.defaultValue().asText() + ".");
  }
}
