package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;

/**
 * Schemas as OpenAPI v3 with Kubernetes' extensions ({@code x-kubernetes-list-type}, {@code
 * x-kubernetes-validations}, …). Pure.
 */
public final class OpenApiSchemas {
  public static final String INT_OR_STRING = "x-kubernetes-int-or-string";

  private OpenApiSchemas() {}

  /** Of whole objects, in one piece, with the rules of {@link CelRules}. */
  public static ObjectNode of(ResourceKind kind) {
    ObjectNode schema = new OpenApiWriter(OpenApiWriter.Types.NAMELESS).write(Schemas.of(kind));
    CelRules.addTo(kind, schema);
    return schema;
  }

  /**
   * The same with a description of every field, for {@code kubectl explain}.
   *
   * @param components types of Kubernetes that it refers to, by name
   */
  public record Described(ObjectNode schema, ObjectNode components) {}

  /** Read anew each time: it is seldom asked for, and large. */
  public static Described described(ResourceKind kind) {
    ObjectNode file = (ObjectNode) Schemas.resource("/openapi/" + kind.plural() + ".json");
    ObjectNode schema = (ObjectNode) file.path("schema");
    CelRules.addTo(kind, schema);
    return new Described(schema, (ObjectNode) file.path("components"));
  }
}
