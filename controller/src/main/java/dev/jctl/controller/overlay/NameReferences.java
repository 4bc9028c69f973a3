package dev.jctl.controller.overlay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Map;

/** Where objects name others, so that a name that changes changes there too. Pure. */
final class NameReferences {
  /** {@code names}: of each kind, the new name by the old. */
  private final Map<ResourceKind, Map<String, String>> names;

  NameReferences(Map<ResourceKind, Map<String, String>> names) {
    this.names = names;
  }

  ManifestDocument apply(ManifestDocument document) {
    ObjectNode tree = document.tree().deepCopy();
    JsonNode spec = tree.path("spec");
    switch (document.kind()) {
      case CONTAINER -> {
        rename(spec, "image", ResourceKind.IMAGE);
        each(spec.path("networks"), "name", ResourceKind.NETWORK);
        each(spec.path("volumeMounts"), "name", ResourceKind.VOLUME);
        each(spec.path("imagePullSecrets"), "name", ResourceKind.SECRET);
        environment(spec);
      }
      case IMAGE -> each(spec.path("imagePullSecrets"), "name", ResourceKind.SECRET);
      case POD -> pod(spec);
      case GIT_REPOSITORY -> rename(spec.path("secretRef"), "name", ResourceKind.SECRET);
      case ROLE_BINDING, CLUSTER_ROLE_BINDING -> {
        each(tree.path("subjects"), "name", ResourceKind.SERVICE_ACCOUNT);
        ResourceKind role =
            tree.path("roleRef").path("kind").asText().equals("ClusterRole")
                ? ResourceKind.CLUSTER_ROLE
                : ResourceKind.ROLE;
        rename(tree.path("roleRef"), "name", role);
      }
      default -> {
        return document;
      }
    }
    return new ManifestDocument(document.source(), document.kind(), tree, document.positions());
  }

  private void pod(JsonNode spec) {
    each(spec.path("imagePullSecrets"), "name", ResourceKind.SECRET);
    rename(spec, "serviceAccountName", ResourceKind.SERVICE_ACCOUNT);
    spec.path("containers").forEach(this::environment);
    spec.path("initContainers").forEach(this::environment);
    for (JsonNode volume : spec.path("volumes")) {
      rename(volume.path("configMap"), "name", ResourceKind.CONFIG_MAP);
      rename(volume.path("secret"), "secretName", ResourceKind.SECRET);
      rename(volume.path("persistentVolumeClaim"), "claimName", ResourceKind.VOLUME);
      for (JsonNode source : volume.path("projected").path("sources")) {
        rename(source.path("configMap"), "name", ResourceKind.CONFIG_MAP);
        rename(source.path("secret"), "name", ResourceKind.SECRET);
      }
    }
  }

  private void environment(JsonNode container) {
    for (JsonNode variable : container.path("env")) {
      JsonNode from = variable.path("valueFrom");
      rename(from.path("configMapKeyRef"), "name", ResourceKind.CONFIG_MAP);
      rename(from.path("secretKeyRef"), "name", ResourceKind.SECRET);
    }
    for (JsonNode from : container.path("envFrom")) {
      rename(from.path("configMapRef"), "name", ResourceKind.CONFIG_MAP);
      rename(from.path("secretRef"), "name", ResourceKind.SECRET);
    }
  }

  private void each(JsonNode list, String field, ResourceKind kind) {
    list.forEach(item -> rename(item, field, kind));
  }

  private void rename(JsonNode holder, String field, ResourceKind kind) {
    String renamed = names.getOrDefault(kind, Map.of()).get(holder.path(field).asText());
    if (renamed != null && holder instanceof ObjectNode object) {
      object.put(field, renamed);
    }
  }
}
