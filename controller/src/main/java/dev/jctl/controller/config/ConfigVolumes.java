package dev.jctl.controller.config;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.VolumeFile;
import dev.jctl.shim.spec.VolumeSpec;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.ServiceAccountTokenProjection;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Volumes of a Pod whose files come from ConfigMaps, Secrets, tokens and the Pod's own fields. */
public final class ConfigVolumes {
  private static final int DEFAULT_MODE = 0644;

  private final Sources from;
  private final Map<String, VolumeFile> files = new LinkedHashMap<>();

  /**
   * What the files of a Pod are made of.
   *
   * @param fields what {@code fieldRef} may name, by path
   * @param tokenMode permission bits of tokens; null for those of other files
   */
  public record Sources(
      String namespace,
      Map<String, String> fields,
      ConfigData data,
      ResourceFields resources,
      ProjectedTokens tokens,
      @Nullable Integer tokenMode) {}

  private ConfigVolumes(Sources from) {
    this.from = from;
  }

  public static boolean isOne(Volume volume) {
    return volume.getConfigMap() != null
        || volume.getSecret() != null
        || volume.getDownwardAPI() != null
        || volume.getProjected() != null;
  }

  /** Where its bytes are: what may be secret in memory. */
  public static VolumeSpec spec(Volume volume, String id) {
    boolean secret = volume.getSecret() != null || volume.getProjected() != null;
    return new VolumeSpec(id, secret ? VolumeSpec.Driver.TMPFS : VolumeSpec.Driver.LOCAL, 0);
  }

  /** Of two files of one path the later counts. */
  public static List<VolumeFile> files(Volume volume, Sources from) {
    ConfigVolumes content = new ConfigVolumes(from);
    content.add(volume);
    return List.copyOf(content.files.values());
  }

  private void add(Volume volume) {
    if (volume.getConfigMap() != null) {
      var map = volume.getConfigMap();
      addData(ResourceKind.CONFIG_MAP, map.getName(), map.getItems(), map.getDefaultMode());
    } else if (volume.getSecret() != null) {
      var secret = volume.getSecret();
      addData(
          ResourceKind.SECRET, secret.getSecretName(), secret.getItems(), secret.getDefaultMode());
    } else if (volume.getDownwardAPI() != null) {
      addFields(volume.getDownwardAPI().getItems(), volume.getDownwardAPI().getDefaultMode());
    } else if (volume.getProjected() != null) {
      Integer mode = volume.getProjected().getDefaultMode();
      ConfigReferences.list(volume.getProjected().getSources()).forEach(s -> project(s, mode));
    }
  }

  private void project(VolumeProjection source, @Nullable Integer mode) {
    if (source.getConfigMap() != null) {
      addData(
          ResourceKind.CONFIG_MAP,
          source.getConfigMap().getName(),
          source.getConfigMap().getItems(),
          mode);
    }
    if (source.getSecret() != null) {
      addData(
          ResourceKind.SECRET, source.getSecret().getName(), source.getSecret().getItems(), mode);
    }
    if (source.getDownwardAPI() != null) {
      addFields(source.getDownwardAPI().getItems(), mode);
    }
    if (source.getServiceAccountToken() != null) {
      addToken(source.getServiceAccountToken(), mode);
    }
  }

  private void addData(
      ResourceKind kind,
      String name,
      @Nullable List<KeyToPath> items,
      @Nullable Integer defaultMode) {
    Optional<Map<String, byte[]>> content =
        from.data().find(new ObjectRef(kind, from.namespace(), name));
    if (content.isEmpty()) {
      return;
    }
    if (items == null || items.isEmpty()) {
      content.get().forEach((key, value) -> put(key, null, defaultMode, value));
      return;
    }
    for (KeyToPath item : items) {
      byte[] value = content.get().get(item.getKey());
      if (value != null) {
        put(item.getPath(), item.getMode(), defaultMode, value);
      }
    }
  }

  private void addFields(
      @Nullable List<DownwardAPIVolumeFile> items, @Nullable Integer defaultMode) {
    for (DownwardAPIVolumeFile item : ConfigReferences.list(items)) {
      byte[] value = value(item).getBytes(StandardCharsets.UTF_8);
      put(item.getPath(), item.getMode(), defaultMode, value);
    }
  }

  private void addToken(ServiceAccountTokenProjection source, @Nullable Integer defaultMode) {
    String text = from.tokens().texts().get(ProjectedToken.of(source));
    if (text != null) {
      put(source.getPath(), from.tokenMode(), defaultMode, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private String value(DownwardAPIVolumeFile item) {
    var resource = item.getResourceFieldRef();
    if (resource != null) {
      return from.resources()
          .value(Objects.requireNonNullElse(resource.getContainerName(), ""), resource);
    }
    return item.getFieldRef() == null
        ? ""
        : from.fields().getOrDefault(item.getFieldRef().getFieldPath(), "");
  }

  private void put(
      String path, @Nullable Integer mode, @Nullable Integer defaultMode, byte[] value) {
    int bits =
        Objects.requireNonNullElse(mode, Objects.requireNonNullElse(defaultMode, DEFAULT_MODE));
    files.put(path, new VolumeFile(path, bits, Base64.getEncoder().encodeToString(value)));
  }
}
