package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A structural schema: the part of OpenAPI v3 that Kubernetes uses for its objects. */
public sealed interface Schema {
  String description();

  /** {@code order} of properties is that of the record. */
  record ObjectSchema(String description, Map<String, Property> properties) implements Schema {}

  /** {@code defaultValue}: JSON, or null for none. */
  record Property(Schema schema, boolean required, @Nullable JsonNode defaultValue) {}

  /** Any keys, values of one schema. */
  record MapSchema(String description, Schema values) implements Schema {}

  /**
   * {@code mapKeys}: for {@link ListType#MAP}, the fields that identify an item; the first is the
   * strategic merge key.
   */
  record ListSchema(String description, Schema items, ListType type, List<String> mapKeys)
      implements Schema {
    public ListSchema {
      mapKeys = List.copyOf(mapKeys);
    }
  }

  enum ListType {
    ATOMIC,
    SET,
    MAP
  }

  /** {@code allowed}: empty for any; {@code minimum}, {@code maximum}: inclusive. */
  record ScalarSchema(
      String description,
      ScalarType type,
      List<String> allowed,
      @Nullable Long minimum,
      @Nullable Long maximum)
      implements Schema {
    public ScalarSchema {
      allowed = List.copyOf(allowed);
    }
  }

  enum ScalarType {
    STRING,
    INTEGER,
    NUMBER,
    BOOLEAN,
    INT_OR_STRING,
    /** A number or text such as {@code 500m}, {@code 64Mi}. */
    QUANTITY,
    /** RFC 3339. */
    DATE_TIME
  }

  /** Not looked into ({@code managedFields}). */
  record AnySchema(String description) implements Schema {}
}
