package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.ResourceKind;
import org.jspecify.annotations.Nullable;

/** Which objects of a collection are asked for. */
record Selection(
    ResourceKind kind, @Nullable String namespace, LabelSelector labels, FieldSelector fields) {
  static Selection of(ApiTarget.Collection collection, Query query) {
    return new Selection(
        collection.kind(),
        collection.namespace(),
        LabelSelector.parse(query.text("labelSelector").orElse("")),
        FieldSelector.parse(query.text("fieldSelector").orElse("")));
  }

  /** Whether an object's content need not be looked at. */
  boolean takesAll() {
    return labels.requirements().isEmpty() && fields.requirements().isEmpty();
  }

  boolean matches(JsonNode object) {
    return labels.matches(object) && fields.matches(object);
  }
}
