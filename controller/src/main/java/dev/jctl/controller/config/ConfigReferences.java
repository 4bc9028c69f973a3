package dev.jctl.controller.config;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.ConfigMapProjection;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The ConfigMaps and Secrets that a Pod refers to. */
public final class ConfigReferences {
  private final String namespace;
  private final List<Reference> references = new ArrayList<>();

  /**
   * @param keys that have to be in it
   */
  public record Reference(ObjectRef ref, boolean optional, List<String> keys) {
    public Reference {
      keys = List.copyOf(keys);
    }

    /** What keeps the Pod from running, in words. */
    public Optional<String> missing(ConfigData data) {
      if (optional) {
        return Optional.empty();
      }
      String what = ref.kind().kind() + " " + ref.name();
      if (data.find(ref).isEmpty()) {
        return Optional.of(what + " does not exist in namespace " + ref.namespace());
      }
      return keys.stream()
          .filter(key -> data.find(ref, key).isEmpty())
          .findFirst()
          .map(key -> what + " has no key " + key);
    }
  }

  private ConfigReferences(String namespace) {
    this.namespace = namespace;
  }

  public static List<Reference> of(PodSpec spec, String namespace) {
    ConfigReferences found = new ConfigReferences(namespace);
    list(spec.getInitContainers()).forEach(found::container);
    list(spec.getContainers()).forEach(found::container);
    list(spec.getVolumes()).forEach(found::volume);
    return List.copyOf(found.references);
  }

  /** Those of one container: of its environment, and of the volumes that it mounts. */
  public static Set<ObjectRef> of(Container container, PodSpec spec, String namespace) {
    ConfigReferences found = new ConfigReferences(namespace);
    found.container(container);
    Set<String> mounted =
        list(container.getVolumeMounts()).stream()
            .map(VolumeMount::getName)
            .collect(Collectors.toSet());
    list(spec.getVolumes()).stream()
        .filter(volume -> mounted.contains(volume.getName()))
        .forEach(found::volume);
    return found.references.stream().map(Reference::ref).collect(Collectors.toSet());
  }

  /** Those of the environment of one container. */
  public static List<Reference> ofEnvironment(Container container, String namespace) {
    ConfigReferences found = new ConfigReferences(namespace);
    found.container(container);
    return List.copyOf(found.references);
  }

  static <T> List<T> list(@Nullable List<T> list) {
    return Objects.requireNonNullElse(list, List.of());
  }

  /** Whether its environment depends on any, or on resources, which change as it runs. */
  public static boolean has(Container container) {
    return !list(container.getEnvFrom()).isEmpty()
        || list(container.getEnv()).stream()
            .map(EnvVar::getValueFrom)
            .filter(Objects::nonNull)
            .anyMatch(
                f ->
                    f.getConfigMapKeyRef() != null
                        || f.getSecretKeyRef() != null
                        || f.getResourceFieldRef() != null);
  }

  /** Whether its environment may hold what is secret. */
  public static boolean hasSecret(Container container) {
    return list(container.getEnvFrom()).stream().anyMatch(from -> from.getSecretRef() != null)
        || list(container.getEnv()).stream()
            .map(EnvVar::getValueFrom)
            .filter(Objects::nonNull)
            .anyMatch(from -> from.getSecretKeyRef() != null);
  }

  private void container(Container container) {
    for (EnvFromSource from : list(container.getEnvFrom())) {
      if (from.getConfigMapRef() != null) {
        var ref = from.getConfigMapRef();
        add(ResourceKind.CONFIG_MAP, ref.getName(), ref.getOptional(), List.of());
      }
      if (from.getSecretRef() != null) {
        var ref = from.getSecretRef();
        add(ResourceKind.SECRET, ref.getName(), ref.getOptional(), List.of());
      }
    }
    list(container.getEnv()).stream()
        .map(EnvVar::getValueFrom)
        .filter(Objects::nonNull)
        .forEach(this::variable);
  }

  private void variable(EnvVarSource from) {
    if (from.getConfigMapKeyRef() != null) {
      var ref = from.getConfigMapKeyRef();
      add(ResourceKind.CONFIG_MAP, ref.getName(), ref.getOptional(), List.of(ref.getKey()));
    }
    if (from.getSecretKeyRef() != null) {
      var ref = from.getSecretKeyRef();
      add(ResourceKind.SECRET, ref.getName(), ref.getOptional(), List.of(ref.getKey()));
    }
  }

  private void volume(Volume volume) {
    ConfigMapVolumeSource map = volume.getConfigMap();
    if (map != null) {
      add(ResourceKind.CONFIG_MAP, map.getName(), map.getOptional(), keys(map.getItems()));
    }
    SecretVolumeSource secret = volume.getSecret();
    if (secret != null) {
      add(
          ResourceKind.SECRET,
          secret.getSecretName(),
          secret.getOptional(),
          keys(secret.getItems()));
    }
    if (volume.getProjected() != null) {
      list(volume.getProjected().getSources()).forEach(this::projection);
    }
  }

  private void projection(VolumeProjection source) {
    ConfigMapProjection map = source.getConfigMap();
    if (map != null) {
      add(ResourceKind.CONFIG_MAP, map.getName(), map.getOptional(), keys(map.getItems()));
    }
    SecretProjection secret = source.getSecret();
    if (secret != null) {
      add(ResourceKind.SECRET, secret.getName(), secret.getOptional(), keys(secret.getItems()));
    }
  }

  private static List<String> keys(@Nullable List<KeyToPath> items) {
    return list(items).stream().map(KeyToPath::getKey).toList();
  }

  private void add(
      ResourceKind kind, @Nullable String name, @Nullable Boolean optional, List<String> keys) {
    references.add(
        new Reference(
            new ObjectRef(kind, namespace, Objects.requireNonNullElse(name, "")),
            Boolean.TRUE.equals(optional),
            keys));
  }
}
