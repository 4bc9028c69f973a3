package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.api.Columns.Column;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.List;

/** metav1.Table and metav1.PartialObjectMetadata. */
final class Tables {
  static final String META_V1 = "meta.k8s.io/v1";

  private Tables() {}

  /** What of the object goes along with its row. */
  enum Include {
    NONE,
    METADATA,
    OBJECT;

    static Include of(String parameter) {
      return switch (parameter) {
        case "None" -> NONE;
        case "Object" -> OBJECT;
        default -> METADATA;
      };
    }
  }

  static ObjectNode of(
      ResourceKind kind, List<? extends JsonNode> objects, Include include, Instant now) {
    List<Column> columns = Columns.of(kind);
    ObjectNode table = ResourceCodec.MAPPER.createObjectNode();
    table.put("kind", "Table").put("apiVersion", META_V1);
    table.putObject("metadata");
    ArrayNode definitions = table.putArray("columnDefinitions");
    columns.forEach(column -> define(definitions.addObject(), column));
    ArrayNode rows = table.putArray("rows");
    objects.forEach(object -> addRow(rows.addObject(), columns, object, include, now));
    return table;
  }

  private static void define(ObjectNode definition, Column column) {
    definition
        .put("name", column.name())
        .put("type", column.type())
        .put("format", column.format())
        .put("description", "")
        .put("priority", column.priority());
  }

  private static void addRow(
      ObjectNode row, List<Column> columns, JsonNode object, Include include, Instant now) {
    ArrayNode cells = row.putArray("cells");
    columns.forEach(column -> cells.add(column.cell().apply(object, now)));
    switch (include) {
      case NONE -> row.putNull("object");
      case METADATA -> row.set("object", metadata(object));
      case OBJECT -> row.set("object", object);
    }
  }

  static ObjectNode metadata(JsonNode object) {
    ObjectNode partial = ResourceCodec.MAPPER.createObjectNode();
    partial.put("kind", "PartialObjectMetadata").put("apiVersion", META_V1);
    partial.set("metadata", object.path("metadata"));
    return partial;
  }
}
