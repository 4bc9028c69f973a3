package dev.jctl.controller.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which objects a Container or Pod refers to. Pure. */
final class References {
  private final String namespace;
  private final Set<ObjectRef> found = new LinkedHashSet<>();

  private References(String namespace) {
    this.namespace = namespace;
  }

  static Set<ObjectRef> of(ObjectRef ref, JsonNode object) {
    References references = new References(ref.namespace());
    JsonNode spec = object.path("spec");
    switch (ref.kind()) {
      case CONTAINER -> references.container(spec);
      case POD -> references.pod(spec);
      default -> {}
    }
    if (ref.kind().namespaced()) {
      references.found.add(new ObjectRef(ResourceKind.NAMESPACE, "", ref.namespace()));
    }
    return references.found;
  }

  private void container(JsonNode spec) {
    add(ResourceKind.IMAGE, spec.path("image"));
    spec.path("networks").forEach(n -> add(ResourceKind.NETWORK, n.path("name")));
    spec.path("volumeMounts").forEach(m -> add(ResourceKind.VOLUME, m.path("name")));
    spec.path("imagePullSecrets").forEach(s -> add(ResourceKind.SECRET, s.path("name")));
    environment(spec);
  }

  private void pod(JsonNode spec) {
    spec.path("containers").forEach(this::podContainer);
    spec.path("initContainers").forEach(this::podContainer);
    for (JsonNode volume : spec.path("volumes")) {
      add(ResourceKind.VOLUME, volume.path("persistentVolumeClaim").path("claimName"));
      add(ResourceKind.CONFIG_MAP, volume.path("configMap").path("name"));
      add(ResourceKind.SECRET, volume.path("secret").path("secretName"));
    }
  }

  private void podContainer(JsonNode container) {
    add(ResourceKind.IMAGE, container.path("image"));
    environment(container);
  }

  private void environment(JsonNode container) {
    for (JsonNode variable : container.path("env")) {
      add(ResourceKind.CONFIG_MAP, variable.at("/valueFrom/configMapKeyRef/name"));
      add(ResourceKind.SECRET, variable.at("/valueFrom/secretKeyRef/name"));
    }
    for (JsonNode source : container.path("envFrom")) {
      add(ResourceKind.CONFIG_MAP, source.at("/configMapRef/name"));
      add(ResourceKind.SECRET, source.at("/secretRef/name"));
    }
  }

  private void add(ResourceKind kind, JsonNode name) {
    if (name.isTextual()) {
      found.add(new ObjectRef(kind, namespace, name.asText()));
    }
  }
}
