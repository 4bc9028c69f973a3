package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.NamespaceSpec;
import io.fabric8.kubernetes.api.model.NamespaceStatus;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of the API, typed. {@code apiVersion} and {@code kind} are in its {@link ResourceKind}.
 */
public sealed interface Resource {
  ObjectMeta metadata();

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Image(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") ImageSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable ImageStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Container(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") ContainerSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable ContainerStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Network(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.", defaultValue = "{}") NetworkSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable NetworkStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Volume(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.", defaultValue = "{}") VolumeSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable VolumeStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record GitRepository(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") GitRepositorySpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable GitRepositoryStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Pod(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") PodSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable PodStatus status)
      implements Resource {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Namespace(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") @Nullable NamespaceSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable NamespaceStatus status)
      implements Resource {}

  /** core/v1 Node: the machine. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Node(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What shall be so.") @Nullable NodeSpec spec,
      @Field(doc = "What is so; written by the controller.") @Nullable NodeStatus status)
      implements Resource {}

  /** core/v1 ConfigMap. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ConfigMap(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "Texts by key.") @Nullable Map<String, String> data,
      @Field(doc = "Bytes by key, in base64.") @Nullable Map<String, String> binaryData,
      @Field(doc = "Whether data can never change again.") @Nullable Boolean immutable)
      implements Resource {}

  /** core/v1 Secret. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Secret(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What its data is for, such as kubernetes.io/tls.", defaultValue = "\"Opaque\"")
          @Nullable String type,
      @Field(doc = "Bytes by key, in base64.") @Nullable Map<String, String> data,
      @Field(doc = "Texts by key, to be written only: they become data.")
          @Nullable Map<String, String> stringData,
      @Field(doc = "Whether data can never change again.") @Nullable Boolean immutable)
      implements Resource {
    // a record of secrets that is logged says what it is and not what is in it
    @Override
    public String toString() {
      return "Secret[" + metadata.getNamespace() + "/" + metadata.getName() + "]";
    }
  }

  /** core/v1 Event. Times are RFC 3339 texts. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Event(
      @Field(doc = "Names, labels and other facts about the object.") ObjectMeta metadata,
      @Field(doc = "What it is about.") ObjectReference involvedObject,
      @Field(doc = "Why, in one word.") @Nullable String reason,
      @Field(doc = "What happened.") @Nullable String message,
      @Field(doc = "Normal or Warning.") @Nullable String type,
      @Field(doc = "How often it happened.") @Nullable Integer count,
      @Field(doc = "When it happened first.", format = "date-time") @Nullable String firstTimestamp,
      @Field(doc = "When it happened last.", format = "date-time") @Nullable String lastTimestamp,
      @Field(doc = "Who saw it.") @Nullable EventSource source,
      @Field(doc = "The controller that saw it.") @Nullable String reportingComponent)
      implements Resource {
    public record EventSource(
        @Field(doc = "The component.") @Nullable String component,
        @Field(doc = "The machine.") @Nullable String host) {}
  }
}
