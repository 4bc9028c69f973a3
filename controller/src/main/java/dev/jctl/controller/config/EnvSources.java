package dev.jctl.controller.config;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Names;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a Pod's containers take their environment from. */
public final class EnvSources {
  private final String namespace;
  private final Map<String, String> fields;
  private final @Nullable Contents contents;
  private final Map<String, String> given;

  private record Contents(ConfigData data, ResourceFields resources) {}

  private EnvSources(
      String namespace,
      Map<String, String> fields,
      @Nullable Contents contents,
      Map<String, String> given) {
    this.namespace = namespace;
    this.fields = Map.copyOf(fields);
    this.contents = contents;
    this.given = Map.copyOf(given);
  }

  /**
   * @param fields what {@code fieldRef} may name, by path
   * @param given variables that a container has without asking for them
   */
  public static EnvSources of(
      String namespace,
      Map<String, String> fields,
      ConfigData data,
      ResourceFields resources,
      Map<String, String> given) {
    return new EnvSources(namespace, fields, new Contents(data, resources), given);
  }

  /**
   * Names the ConfigMap, Secret or resource in place of what is in it, without what it has not
   * asked for.
   */
  public static EnvSources named(String namespace, Map<String, String> fields) {
    return new EnvSources(namespace, fields, null, Map.of());
  }

  public Map<String, String> given() {
    return given;
  }

  /** Empty when the variable is not to be there: it is taken from what there need not be. */
  public Optional<String> value(Container container, EnvVar variable) {
    EnvVarSource from = variable.getValueFrom();
    if (from == null) {
      return Optional.of(Objects.requireNonNullElse(variable.getValue(), ""));
    }
    if (from.getConfigMapKeyRef() != null) {
      return value(
          ResourceKind.CONFIG_MAP,
          from.getConfigMapKeyRef().getName(),
          from.getConfigMapKeyRef().getKey());
    }
    if (from.getSecretKeyRef() != null) {
      return value(
          ResourceKind.SECRET, from.getSecretKeyRef().getName(), from.getSecretKeyRef().getKey());
    }
    if (from.getResourceFieldRef() != null) {
      return Optional.of(
          contents == null
              ? "<" + from.getResourceFieldRef().getResource() + ">"
              : contents.resources().value(container, from.getResourceFieldRef()));
    }
    return Optional.of(
        from.getFieldRef() == null
            ? ""
            : fields.getOrDefault(from.getFieldRef().getFieldPath(), ""));
  }

  private Optional<String> value(ResourceKind kind, String name, String key) {
    return contents == null
        ? Optional.of("<" + kind.kind() + " " + name + ", key " + key + ">")
        : contents.data().find(ref(kind, name), key).map(EnvSources::text);
  }

  /** All keys of one that can be variables. */
  public Map<String, String> all(EnvFromSource from) {
    Map<String, String> variables = new LinkedHashMap<>();
    if (from.getConfigMapRef() != null) {
      addAll(ResourceKind.CONFIG_MAP, from.getConfigMapRef().getName(), prefix(from), variables);
    }
    if (from.getSecretRef() != null) {
      addAll(ResourceKind.SECRET, from.getSecretRef().getName(), prefix(from), variables);
    }
    return variables;
  }

  private static String prefix(EnvFromSource from) {
    return Objects.requireNonNullElse(from.getPrefix(), "");
  }

  private void addAll(
      ResourceKind kind, String name, String prefix, Map<String, String> variables) {
    if (contents == null) {
      variables.put(prefix + "*", "<" + kind.kind() + " " + name + ">");
      return;
    }
    contents
        .data()
        .find(ref(kind, name))
        .ifPresent(
            content ->
                content.forEach(
                    (key, value) -> {
                      if (Names.isEnvName(prefix + key)) {
                        variables.put(prefix + key, text(value));
                      }
                    }));
  }

  private ObjectRef ref(ResourceKind kind, String name) {
    return new ObjectRef(kind, namespace, name);
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }
}
