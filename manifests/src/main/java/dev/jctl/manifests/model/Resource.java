package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.NamespaceSpec;
import io.fabric8.kubernetes.api.model.NamespaceStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import org.jspecify.annotations.Nullable;

/**
 * An object of the API, typed. {@code apiVersion} and {@code kind} are in its {@link ResourceKind}.
 */
public sealed interface Resource {
  ObjectMeta metadata();

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Image(ObjectMeta metadata, ImageSpec spec, @Nullable ImageStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Container(ObjectMeta metadata, ContainerSpec spec, @Nullable ContainerStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Network(ObjectMeta metadata, NetworkSpec spec, @Nullable NetworkStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Volume(ObjectMeta metadata, VolumeSpec spec, @Nullable VolumeStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Pod(ObjectMeta metadata, PodSpec spec, @Nullable PodStatus status) implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Namespace(
      ObjectMeta metadata, @Nullable NamespaceSpec spec, @Nullable NamespaceStatus status)
      implements Resource {}

  /** core/v1 Event. Times are RFC 3339 texts. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Event(
      ObjectMeta metadata,
      ObjectReference involvedObject,
      @Nullable String reason,
      @Nullable String message,
      @Nullable String type,
      @Nullable Integer count,
      @Nullable String firstTimestamp,
      @Nullable String lastTimestamp,
      @Nullable EventSource source,
      @Nullable String reportingComponent)
      implements Resource {
    public record EventSource(@Nullable String component, @Nullable String host) {}
  }
}
