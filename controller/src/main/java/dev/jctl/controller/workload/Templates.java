package dev.jctl.controller.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;

/** Templates → objects. Pure. */
public final class Templates {
  /** A generated name adds six characters, and a Pod's name is its host name. */
  private static final int MAX_PREFIX = 57;

  private Templates() {}

  /** A Pod of {@code owner}, with a name that the server completes. */
  public static ObjectNode pod(StoredObject owner, JsonNode template) {
    String name = owner.ref().name();
    String prefix = name.length() <= MAX_PREFIX ? name : name.substring(0, MAX_PREFIX);
    ObjectNode pod = object(ResourceKind.POD, owner, template);
    pod.withObject("/metadata").put("generateName", prefix + "-");
    return pod;
  }

  /** An object of {@code owner}, with labels, annotations and spec of a template. */
  public static ObjectNode object(ResourceKind kind, StoredObject owner, JsonNode template) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("namespace", owner.ref().namespace());
    for (String field : List.of("labels", "annotations", "finalizers")) {
      JsonNode given = template.path("metadata").path(field);
      if (!given.isEmpty()) {
        metadata.set(field, given.deepCopy());
      }
    }
    metadata.putArray("ownerReferences").add(Owners.reference(owner));
    object.set("spec", template.path("spec").deepCopy());
    return object;
  }
}
