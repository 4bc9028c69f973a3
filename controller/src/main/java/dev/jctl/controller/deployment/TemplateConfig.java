package dev.jctl.controller.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.config.ConfigData;
import dev.jctl.controller.config.ConfigReferences;
import dev.jctl.controller.config.ConfigReferences.Reference;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Annotations;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the ConfigMaps and Secrets of a template hold, where other content is to restart its Pods:
 * it is a part of the template then, and goes from Pod to Pod as the template does.
 */
final class TemplateConfig {
  private final ResourceCache cache;
  private final Dependents dependents;

  TemplateConfig(ResourceCache cache, Dependents dependents) {
    this.cache = cache;
    this.dependents = dependents;
  }

  /**
   * Digest of all of it. Empty when other content restarts nothing; or when what has to be there is
   * missing, with which no Pod could start.
   */
  Optional<String> digest(StoredObject deployment) {
    JsonNode template = deployment.tree().path("spec").path("template");
    List<Reference> references =
        restarts(template) ? references(template, deployment.ref().namespace()) : List.of();
    Set<ObjectRef> refs = references.stream().map(Reference::ref).collect(Collectors.toSet());
    dependents.set(deployment.ref(), refs);
    ConfigData data =
        new ConfigData(refs.stream().flatMap(ref -> cache.find(ref).stream()).toList());
    boolean missing = references.stream().anyMatch(r -> r.missing(data).isPresent());
    return refs.isEmpty() || missing ? Optional.empty() : Optional.of(data.digest(refs));
  }

  private static boolean restarts(JsonNode template) {
    return template
        .path("metadata")
        .path("annotations")
        .path(Annotations.ON_CONFIG_CHANGE)
        .asText()
        .equals("Restart");
  }

  private static List<Reference> references(JsonNode template, String namespace) {
    PodSpec spec = ResourceCodec.MAPPER.convertValue(template.path("spec"), PodSpec.class);
    return ConfigReferences.of(spec, namespace);
  }
}
