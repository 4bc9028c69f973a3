package dev.jctl.manifests.schema;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.Field;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.KubernetesFacts.Fact;
import dev.jctl.manifests.schema.Schema.AnySchema;
import dev.jctl.manifests.schema.Schema.ListSchema;
import dev.jctl.manifests.schema.Schema.ListType;
import dev.jctl.manifests.schema.Schema.MapSchema;
import dev.jctl.manifests.schema.Schema.ObjectSchema;
import dev.jctl.manifests.schema.Schema.Property;
import dev.jctl.manifests.schema.Schema.ScalarSchema;
import dev.jctl.manifests.schema.Schema.ScalarType;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs when this module is built: writes the schema of each kind, from its records and the Fabric8
 * classes that they use, to {@code <directory>/schema/<plural>.json}, and the same as OpenAPI with
 * what Kubernetes says of its fields to {@code <directory>/openapi/<plural>.json}. Nothing else
 * runs it, so that only the build loads those classes.
 */
public final class SchemaGenerator {
  private static final Map<String, ScalarType> SCALARS =
      Map.of(
          "java.lang.String", ScalarType.STRING,
          "java.lang.Integer", ScalarType.INTEGER,
          "java.lang.Long", ScalarType.INTEGER,
          "java.lang.Double", ScalarType.NUMBER,
          "java.lang.Boolean", ScalarType.BOOLEAN,
          "io.fabric8.kubernetes.api.model.IntOrString", ScalarType.INT_OR_STRING,
          "io.fabric8.kubernetes.api.model.Quantity", ScalarType.QUANTITY);

  private static final String KUBERNETES = "io.fabric8.kubernetes.api.model.";

  private final Map<Class<?>, Map<String, Property>> objects = new HashMap<>();
  private final IdentityHashMap<Map<String, Property>, Class<?>> types = new IdentityHashMap<>();
  private final Set<String> seen = new HashSet<>();

  private SchemaGenerator() {}

  /** {@code args}: the directory, and the jar of the Fabric8 model's sources. */
  public static void main(String[] args) throws IOException {
    Path schemas = Files.createDirectories(Path.of(args[0], "schema"));
    Path openApi = Files.createDirectories(Path.of(args[0], "openapi"));
    SchemaGenerator generator = new SchemaGenerator();
    try (KubernetesDocs docs = new KubernetesDocs(Path.of(args[1]))) {
      for (ResourceKind kind : ResourceKind.values()) {
        ObjectSchema schema = generator.schema(kind);
        String file = kind.plural() + ".json";
        writeIfChanged(schemas.resolve(file), SchemaJson.write(schema));
        writeIfChanged(openApi.resolve(file), generator.described(schema, docs));
      }
    }
    generator.refuseUnusedFacts();
  }

  /** An untouched file keeps its time, so that incremental builds see no change. */
  private static void writeIfChanged(Path file, JsonNode json) throws IOException {
    byte[] content = json.toString().getBytes(StandardCharsets.UTF_8);
    if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
      Files.write(file, content);
    }
  }

  private void refuseUnusedFacts() {
    List<String> unused = new ArrayList<>(KubernetesFacts.qualifiedFields());
    unused.removeAll(seen);
    if (!unused.isEmpty()) {
      throw new IllegalStateException("facts about fields that no kind has: " + unused);
    }
  }

  private ObjectSchema schema(ResourceKind kind) {
    Map<String, Property> properties = new LinkedHashMap<>();
    properties.put("apiVersion", constant("The API's group and version.", kind.apiVersion()));
    properties.put("kind", constant("The kind of object.", kind.kind()));
    properties.putAll(object(kind.type()));
    return new ObjectSchema("", properties);
  }

  /** Types of Kubernetes are components, which have their names there. */
  private JsonNode described(ObjectSchema root, KubernetesDocs docs) {
    OpenApiWriter writer =
        new OpenApiWriter(
            new OpenApiWriter.Types() {
              @Override
              public Optional<String> name(Map<String, Property> type) {
                return Optional.ofNullable(types.get(type))
                    .filter(t -> t.getName().startsWith(KUBERNETES))
                    .map(t -> "io.k8s.api.core.v1." + t.getSimpleName());
              }

              @Override
              public String doc(Map<String, Property> type) {
                return docs.of(Objects.requireNonNull(types.get(type)));
              }

              @Override
              public String doc(Map<String, Property> type, String field) {
                Class<?> known = types.get(type);
                return known == null ? "" : docs.of(known, field);
              }
            });
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.set("schema", writer.write(root));
    file.set("components", writer.components());
    return file;
  }

  private static Property constant(String doc, String value) {
    return new Property(
        new ScalarSchema(doc, ScalarType.STRING, List.of(value), null, null), false, null);
  }

  private Map<String, Property> object(Class<?> type) {
    Map<String, Property> known = objects.get(type);
    if (known == null) {
      known = type.isRecord() ? ofRecord(type) : ofBean(type);
      objects.put(type, known);
      types.put(known, type);
    }
    return known;
  }

  private Map<String, Property> ofRecord(Class<?> type) {
    Map<String, Property> properties = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Field field = component.getAnnotation(Field.class);
      if (field == null) {
        throw new IllegalStateException(
            "no @Field on " + type.getName() + "." + component.getName());
      }
      boolean nonNull = !component.getAnnotatedType().isAnnotationPresent(Nullable.class);
      Fact fact = KubernetesFacts.of(field, nonNull);
      properties.put(component.getName(), property(component.getGenericType(), field.doc(), fact));
    }
    return Collections.unmodifiableMap(properties);
  }

  private Map<String, Property> ofBean(Class<?> type) {
    Map<String, Property> sorted = new TreeMap<>();
    for (Method method : type.getDeclaredMethods()) {
      JsonProperty name = method.getAnnotation(JsonProperty.class);
      if (name != null && method.getParameterCount() == 0) {
        seen.add(type.getSimpleName() + "." + name.value());
        Fact fact = KubernetesFacts.of(type, name.value());
        sorted.put(name.value(), property(method.getGenericReturnType(), "", fact));
      }
    }
    return Collections.unmodifiableMap(inDeclaredOrder(type, sorted));
  }

  private static Map<String, Property> inDeclaredOrder(
      Class<?> type, Map<String, Property> sorted) {
    Map<String, Property> ordered = new LinkedHashMap<>();
    JsonPropertyOrder order = type.getAnnotation(JsonPropertyOrder.class);
    for (String name : order == null ? new String[0] : order.value()) {
      Property property = sorted.get(name);
      if (property != null) {
        ordered.put(name, property);
      }
    }
    sorted.forEach(ordered::putIfAbsent);
    return ordered;
  }

  private Property property(Type type, String doc, Fact fact) {
    JsonNode defaultValue = fact.defaultValue();
    return new Property(schema(type, doc, fact), fact.required(), defaultValue);
  }

  private Schema schema(Type type, String doc, Fact fact) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      Schema item = schema(arguments[arguments.length - 1], "", fact.ofItems());
      return generic.getRawType() == Map.class
          ? new MapSchema(doc, item)
          : new ListSchema(doc, item, listType(fact), fact.mapKeys());
    }
    ScalarType scalar = SCALARS.get(type.getTypeName());
    if (scalar != null) {
      return scalar(type, scalar, doc, fact);
    }
    Map<String, Property> properties = object((Class<?>) type);
    // an object of which nothing is known: FieldsV1
    return properties.isEmpty() ? new AnySchema(doc) : new ObjectSchema(doc, properties);
  }

  private static ListType listType(Fact fact) {
    if (!fact.mapKeys().isEmpty()) {
      return ListType.MAP;
    }
    return fact.set() ? ListType.SET : ListType.ATOMIC;
  }

  private static ScalarSchema scalar(Type type, ScalarType scalar, String doc, Fact fact) {
    Long minimum = fact.minimum();
    Long maximum = fact.maximum();
    if (type == Integer.class) {
      minimum = minimum == null ? Long.valueOf(Integer.MIN_VALUE) : minimum;
      maximum = maximum == null ? Long.valueOf(Integer.MAX_VALUE) : maximum;
    }
    return new ScalarSchema(
        doc, fact.time() ? ScalarType.DATE_TIME : scalar, fact.allowed(), minimum, maximum);
  }
}
