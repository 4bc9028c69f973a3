package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.Keys;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Schemas;
import dev.jctl.store.Key;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which objects of a collection are asked for. */
record Selection(
    ResourceKind kind, @Nullable String namespace, LabelSelector labels, FieldSelector fields) {
  static Selection of(ApiTarget.Collection collection, Query query) {
    return new Selection(
        collection.kind(),
        collection.namespace(),
        LabelSelector.parse(query.text("labelSelector").orElse("")),
        FieldSelector.parse(query.text("fieldSelector").orElse(""))
            .of(Schemas.of(collection.kind())));
  }

  /** Whether an object's content need not be looked at. */
  boolean takesAll() {
    return labels.requirements().isEmpty() && fields.requirements().isEmpty();
  }

  /**
   * Of the keys that can be of it. Clients wait for single objects by selecting their names: those
   * look at one key instead of all.
   */
  Key prefix() {
    return named().orElseGet(() -> Keys.collection(kind, namespace));
  }

  /** Of the one object that it can be, when nothing else is asked of it. */
  Optional<Key> key() {
    return labels.requirements().isEmpty() && fields.requirements().size() == 1
        ? named()
        : Optional.empty();
  }

  private Optional<Key> named() {
    return name()
        .filter(name -> namespace != null || !kind.namespaced())
        .map(name -> Keys.of(new ObjectRef(kind, namespace == null ? "" : namespace, name)));
  }

  private Optional<String> name() {
    return fields.requirements().stream()
        .filter(
            r -> r.equal() && r.path().equals("metadata.name") && r.value().matches("[^\\x00]+"))
        .map(FieldSelector.Requirement::value)
        .findFirst();
  }

  boolean matches(JsonNode object) {
    return labels.matches(object) && fields.matches(object);
  }
}
