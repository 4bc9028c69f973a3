package dev.jctl.controller.merge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.ManagedFields.Writer;
import dev.jctl.manifests.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * {@code kubectl apply} has applied on the client what {@code kubectl apply --server-side} applies
 * now: the annotation that the former keeps says what is kubectl's own, and is kept up to date for
 * going back. Only for the field manager {@code kubectl}, as in k8s.io/apimachinery's {@code
 * lastappliedmanager.go} and {@code lastappliedupdater.go}.
 */
final class LastApplied {
  private static final String MANAGER = "kubectl";
  private static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

  /** Of all annotations of an object, keys and values. */
  private static final int MAX_BYTES = 256 << 10;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  private LastApplied() {}

  /** What kubectl applied on the client and is still so: taking it from others is no conflict. */
  static FieldSet stillSo(Schema schema, ObjectNode live, Writer writer) {
    JsonNode text = live.path("metadata").path("annotations").path(ANNOTATION);
    if (!writer.manager().equals(MANAGER) || !text.isTextual()) {
      return FieldSet.EMPTY;
    }
    JsonNode applied = read(text.textValue());
    return applied.path("apiVersion").asText().equals(writer.apiVersion())
        ? Ownership.of(schema, applied).minus(Ownership.changed(schema, live, applied))
        : FieldSet.EMPTY;
  }

  /** Who wrote something else than JSON there applied nothing on the client. */
  private static JsonNode read(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return Trees.object();
    }
  }

  /** Puts what was applied now into the annotation of {@code merged}, when it has that. */
  static void update(ObjectNode merged, ObjectNode applied, Writer writer) {
    if (writer.manager().equals(MANAGER)
        && merged.path("metadata").path("annotations") instanceof ObjectNode annotations
        && annotations.hasNonNull(ANNOTATION)) {
      annotations.put(ANNOTATION, written(applied));
      if (bytes(annotations) > MAX_BYTES) {
        annotations.remove(ANNOTATION);
      }
    }
  }

  private static String written(ObjectNode applied) {
    ObjectNode configuration = applied.deepCopy();
    if (configuration.path("metadata").path("annotations") instanceof ObjectNode annotations) {
      annotations.remove(ANNOTATION);
    }
    try {
      return JSON.writeValueAsString(configuration) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that cannot be written", e);
    }
  }

  private static long bytes(ObjectNode annotations) {
    return annotations.properties().stream()
        .map(Map.Entry::toString)
        .mapToLong(entry -> entry.getBytes(StandardCharsets.UTF_8).length)
        .sum();
  }
}
