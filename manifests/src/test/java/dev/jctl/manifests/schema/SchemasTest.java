package dev.jctl.manifests.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Schema.AnySchema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.Schema.ScalarSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Laws of the generated schemas, over trees that are generated from them. */
final class SchemasTest {
  private static final long SEED = 99;
  private static final int TREES = 100;
  private static final JsonMapper MAPPER = new JsonMapper();

  @ParameterizedTest
  @EnumSource
  void whatIsValidDecodesToTheRecord(ResourceKind kind) {
    Random random = new Random(SEED);
    for (int i = 0; i < TREES; i++) {
      ObjectNode tree = tree(kind, random);
      assertThat(SchemaValidator.validate(Schemas.of(kind), tree)).as("%s", tree).isEmpty();
      ObjectNode body = tree.deepCopy().without(List.of("apiVersion", "kind"));
      assertThatCode(() -> MAPPER.treeToValue(body, kind.type()))
          .as("%s", tree)
          .doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-30T23:59:59Z, true",
    "2026-11-31T00:00:00Z, false",
    "2024-02-29T00:00:00Z, true",
    "2026-02-29T00:00:00Z, false",
    "1900-02-29T00:00:00Z, false",
    "2026-13-01T00:00:00Z, false",
    "2026-01-01T24:00:00Z, false",
    "2026-12-31T00:00:00.5+01:00, true"
  })
  void aTimeIsOneThatTheCalendarHas(String text, boolean valid) {
    ObjectNode event = JsonNodeFactory.instance.objectNode().put("lastTimestamp", text);
    List<FieldError> errors = SchemaValidator.validate(Schemas.of(ResourceKind.EVENT), event);
    assertThat(errors.stream().noneMatch(e -> e.path().equals("lastTimestamp"))).isEqualTo(valid);
  }

  @ParameterizedTest
  @EnumSource
  void defaultsAreValidAndFilledInOnce(ResourceKind kind) {
    Random random = new Random(SEED);
    for (int i = 0; i < TREES; i++) {
      ObjectNode tree = tree(kind, random);
      Defaulter.apply(Schemas.of(kind), tree);
      assertThat(SchemaValidator.validate(Schemas.of(kind), tree)).as("%s", tree).isEmpty();
      ObjectNode again = tree.deepCopy();
      Defaulter.apply(Schemas.of(kind), again);
      assertThat(again).isEqualTo(tree);
    }
  }

  /** Spoils one value anywhere: the checks say so or take it, but never throw. */
  @ParameterizedTest
  @EnumSource
  void anySpoiltTreeIsCheckedToTheEnd(ResourceKind kind) {
    Random random = new Random(SEED);
    for (int i = 0; i < TREES * 5; i++) {
      ObjectNode tree = tree(kind, random);
      spoil(tree, random);
      assertThatCode(
              () -> {
                SchemaValidator.validate(Schemas.of(kind), tree);
                KindRules.check(kind, tree);
                Defaulter.apply(Schemas.of(kind), tree);
              })
          .as("%s", tree)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void readingManifestsLoadsNoClassOfTheFabric8Model() throws Exception {
    try (URLClassLoader without = classPathWithoutFabric8()) {
      Class<?> reader = without.loadClass("dev.jctl.manifests.codec.ManifestReader");
      Object documents =
          reader
              .getMethod("read", String.class, String.class)
              .invoke(
                  null,
                  "m.yaml",
                  """
                  apiVersion: v1
                  kind: Pod
                  metadata: {name: a}
                  spec: {containers: [{name: a, image: a}]}
                  """);
      assertThat(documents).asString().contains("\"image\":\"a\"");
    }
  }

  private static URLClassLoader classPathWithoutFabric8() throws IOException {
    URL[] urls =
        Arrays.stream(System.getProperty("java.class.path").split(":"))
            .filter(entry -> !entry.contains("fabric8"))
            .map(entry -> url(Path.of(entry).toUri()))
            .toArray(URL[]::new);
    return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
  }

  private static URL url(URI uri) {
    try {
      return uri.toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void carriesWhatKubernetesKnowsOfItsFields() {
    ListSchema ports = (ListSchema) at(ResourceKind.POD, "spec", "containers", "ports");
    assertThat(ports.mapKeys()).containsExactly("containerPort", "protocol");
    ListSchema finalizers = (ListSchema) at(ResourceKind.IMAGE, "metadata", "finalizers");
    assertThat(finalizers.type()).isEqualTo(Schema.ListType.SET);
    ListSchema conditions = (ListSchema) at(ResourceKind.VOLUME, "status", "conditions");
    assertThat(conditions.mapKeys()).containsExactly("type");
    assertThat(at(ResourceKind.CONTAINER, "spec", "image").description()).contains("An Image");
  }

  @Test
  void fillsInDefaultsThatLeadToOthers() throws IOException {
    assertThat(defaulted(ResourceKind.VOLUME, "{}"))
        .hasToString("{\"spec\":{\"driver\":\"local\",\"reclaimPolicy\":\"Retain\"}}");
    assertThat(
            defaulted(
                ResourceKind.CONTAINER,
                "{\"spec\":{\"image\":\"a\",\"ports\":[{\"containerPort\":80}],"
                    + "\"livenessProbe\":{\"httpGet\":{\"port\":80}}}}"))
        .hasToString(
            "{\"spec\":{\"image\":\"a\",\"ports\":[{\"containerPort\":80,\"protocol\":\"TCP\"}],"
                + "\"livenessProbe\":{\"httpGet\":{\"port\":80,\"path\":\"/\",\"scheme\":\"HTTP\"},"
                + "\"failureThreshold\":3,\"periodSeconds\":10,\"successThreshold\":1,\"timeoutSeconds\":1},"
                + "\"imagePullPolicy\":\"IfNotPresent\",\"restartPolicy\":\"Always\","
                + "\"terminationGracePeriodSeconds\":30}}");
  }

  private static ObjectNode defaulted(ResourceKind kind, String json) throws IOException {
    ObjectNode tree = (ObjectNode) MAPPER.readTree(json);
    Defaulter.apply(Schemas.of(kind), tree);
    return tree;
  }

  private static Schema at(ResourceKind kind, String... names) {
    Schema schema = Schemas.of(kind);
    for (String name : names) {
      Schema inner = schema instanceof ListSchema list ? list.items() : schema;
      schema = Objects.requireNonNull(((ObjectSchema) inner).properties().get(name)).schema();
    }
    return schema;
  }

  private static ObjectNode tree(ResourceKind kind, Random random) {
    return (ObjectNode) generate(Schemas.of(kind), random, 0);
  }

  private static JsonNode generate(Schema schema, Random random, int depth) {
    return switch (schema) {
      case ObjectSchema s -> object(s, random, depth);
      case MapSchema s ->
          JsonNodeFactory.instance
              .objectNode()
              .set("k" + random.nextInt(9), generate(s.values(), random, depth + 1));
      case ListSchema s -> list(s, random, depth);
      case ScalarSchema s -> scalar(s, random);
      case AnySchema s -> JsonNodeFactory.instance.objectNode().put("f:any", true);
    };
  }

  /** The deeper, the fewer of the optional fields. */
  private static ObjectNode object(ObjectSchema schema, Random random, int depth) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    schema
        .properties()
        .forEach(
            (name, property) -> {
              if (property.required() || random.nextInt(2 + 2 * depth) == 0) {
                object.set(name, generate(property.schema(), random, depth + 1));
              }
            });
    return object;
  }

  /** One item at most, as several would have to differ. */
  private static ArrayNode list(ListSchema schema, Random random, int depth) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    return random.nextBoolean() ? list.add(generate(schema.items(), random, depth + 1)) : list;
  }

  private static JsonNode scalar(ScalarSchema schema, Random random) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (!schema.allowed().isEmpty()) {
      return nodes.textNode(schema.allowed().get(random.nextInt(schema.allowed().size())));
    }
    long number = Math.max(schema.minimum() == null ? 0 : schema.minimum(), random.nextInt(99));
    return switch (schema.type()) {
      case STRING -> nodes.textNode("s" + number);
      case INTEGER, NUMBER -> nodes.numberNode(number);
      case BOOLEAN -> nodes.booleanNode(random.nextBoolean());
      case INT_OR_STRING ->
          random.nextBoolean() ? nodes.numberNode((int) number) : nodes.textNode("http");
      case QUANTITY -> random.nextBoolean() ? nodes.numberNode(number) : nodes.textNode("64Mi");
      case DATE_TIME -> nodes.textNode("2026-01-31T12:00:00Z");
    };
  }

  private static void spoil(JsonNode node, Random random) {
    JsonNode here = node;
    while (true) {
      int size = here.size();
      JsonNode next = here.isEmpty() ? here : child(here, random.nextInt(size));
      if (!next.isContainerNode() || next.isEmpty() || random.nextInt(4) == 0) {
        replace(here, random);
        return;
      }
      here = next;
    }
  }

  private static JsonNode child(JsonNode node, int index) {
    return node.valueStream().skip(index).findFirst().orElse(node);
  }

  private static void replace(JsonNode parent, Random random) {
    JsonNode[] values = {
      JsonNodeFactory.instance.textNode("\u0000../\uD800"),
      JsonNodeFactory.instance.numberNode(new BigDecimal("1e300")),
      JsonNodeFactory.instance.nullNode(),
      JsonNodeFactory.instance.arrayNode().addNull().add(1),
      JsonNodeFactory.instance.objectNode().put("", -1),
      JsonNodeFactory.instance.textNode("a.".repeat(100_000)),
    };
    JsonNode value = values[random.nextInt(values.length)];
    if (parent instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = object.propertyStream().map(Map.Entry::getKey).toList();
      object.set(names.get(random.nextInt(names.size())), value);
    } else if (parent instanceof ArrayNode array && !array.isEmpty()) {
      array.set(random.nextInt(array.size()), value);
    }
  }
}
