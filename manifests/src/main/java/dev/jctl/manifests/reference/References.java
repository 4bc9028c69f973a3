package dev.jctl.manifests.reference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ImageNames;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Which objects one refers to, each once. What may be absent (optional) is left out. Pure. */
public final class References {
  private static final String NAME = "name";

  private final String namespace;
  private final List<Reference> found = new ArrayList<>();

  private References(String namespace) {
    this.namespace = namespace;
  }

  public static List<Reference> of(ResourceKind kind, JsonNode object) {
    References references =
        new References(object.path("metadata").path("namespace").asText("default"));
    JsonNode spec = object.path("spec");
    switch (kind) {
      case CONTAINER -> references.container(spec);
      case POD -> references.pod(object.path("metadata").path("annotations"), spec);
      case IMAGE -> references.names(ResourceKind.SECRET, spec.path("imagePullSecrets"));
      case GIT_REPOSITORY -> {
        references.dependencies(spec.path("dependsOn"));
        references.add(ResourceKind.SECRET, spec.path("secretRef").path(NAME));
      }
      case MANIFEST_SOURCE -> {
        references.dependencies(spec.path("dependsOn"));
        references.names(ResourceKind.SECRET, spec.path("oci").path("imagePullSecrets"));
      }
      default -> {}
    }
    return references.found;
  }

  private void container(JsonNode spec) {
    image(spec.path("image"), pullSecrets(spec));
    names(ResourceKind.NETWORK, spec.path("networks"));
    names(ResourceKind.VOLUME, spec.path("volumeMounts"));
    environment(spec);
  }

  private void pod(JsonNode annotations, JsonNode spec) {
    for (String field : List.of("initContainers", "containers")) {
      for (JsonNode container : spec.path(field)) {
        image(container.path("image"), pullSecrets(spec));
        environment(container);
      }
    }
    for (JsonNode volume : spec.path("volumes")) {
      add(ResourceKind.VOLUME, volume.path("persistentVolumeClaim").path("claimName"));
      required(ResourceKind.CONFIG_MAP, volume.path("configMap"), NAME, "");
      required(ResourceKind.SECRET, volume.path("secret"), "secretName", "");
    }
    names(ResourceKind.NETWORK, networks(annotations.path(Annotations.NETWORKS).asText("[]")));
  }

  private static JsonNode networks(String text) {
    try {
      return Json.read(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Json.array(); // the Pod's status says that it cannot be read
    }
  }

  private static List<String> pullSecrets(JsonNode spec) {
    List<String> names = new ArrayList<>();
    spec.path("imagePullSecrets").forEach(s -> names.add(s.path(NAME).asText("")));
    return names;
  }

  /** A reference is an Image that is made for it, unless one is called so. */
  private void image(JsonNode image, List<String> pullSecrets) {
    String name = image.asText("");
    if (!name.isEmpty()) {
      add(
          ResourceKind.IMAGE,
          ImageNames.isReference(name) ? ImageNames.of(name, pullSecrets) : name,
          "");
    }
  }

  private void environment(JsonNode container) {
    for (JsonNode variable : container.path("env")) {
      JsonNode from = variable.path("valueFrom");
      JsonNode map = from.path("configMapKeyRef");
      JsonNode secret = from.path("secretKeyRef");
      required(ResourceKind.CONFIG_MAP, map, NAME, map.path("key").asText(""));
      required(ResourceKind.SECRET, secret, NAME, secret.path("key").asText(""));
    }
    for (JsonNode source : container.path("envFrom")) {
      required(ResourceKind.CONFIG_MAP, source.path("configMapRef"), NAME, "");
      required(ResourceKind.SECRET, source.path("secretRef"), NAME, "");
    }
  }

  /** Of any kind, and any namespace. */
  private void dependencies(JsonNode list) {
    for (JsonNode item : list) {
      ResourceKind kind =
          ResourceKind.named(item.path("kind").asText(ResourceKind.GIT_REPOSITORY.kind()))
              .orElse(ResourceKind.GIT_REPOSITORY);
      String in = kind.namespaced() ? item.path("namespace").asText(namespace) : "";
      found.add(new Reference(kind, in, item.path(NAME).asText(), ""));
    }
  }

  private void names(ResourceKind kind, JsonNode list) {
    list.forEach(item -> add(kind, item.path(NAME)));
  }

  private void required(ResourceKind kind, JsonNode reference, String field, String key) {
    if (!reference.path("optional").asBoolean(false) && reference.path(field).isTextual()) {
      add(kind, reference.path(field).asText(), key);
    }
  }

  private void add(ResourceKind kind, JsonNode name) {
    if (name.isTextual()) {
      add(kind, name.asText(), "");
    }
  }

  private void add(ResourceKind kind, String name, String key) {
    Reference reference = new Reference(kind, namespace, name, key);
    if (!found.contains(reference)) {
      found.add(reference);
    }
  }
}
