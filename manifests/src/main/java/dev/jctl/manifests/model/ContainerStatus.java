package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a container. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ContainerStatus(
    @Field(doc = "The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @Field(
            doc =
                "Pending, Running, Succeeded, Failed, or a waiting reason such as CrashLoopBackOff.")
        @Nullable String phase,
    @Field(doc = "The Pod that runs it.") @Nullable String podName,
    @Field(doc = "The runtime's identifier.") @Nullable String containerID,
    @Field(doc = "Digest of the image's configuration.") @Nullable String imageID,
    @Field(doc = "When the running process was started.", format = "date-time")
        @Nullable String startedAt,
    @Field(doc = "How often it was started again.") @Nullable Integer restartCount,
    @Field(doc = "Whether it is ready.") @Nullable Boolean ready,
    @Field(
            doc =
                "How the last change of the spec was applied, InPlace or Recreated, and which fields.")
        @Nullable String lastChange,
    @Field(doc = "Its addresses.", mapKeys = "name") @Nullable List<NetworkAddress> networks,
    @Field(doc = "What others changed on the machine, the latest first.")
        @Nullable List<Drift> drift,
    @Field(doc = "Facts about its state; Ready is the one to wait for.", mapKeys = "type")
        @Nullable List<Condition> conditions) {
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NetworkAddress(
      @Field(doc = "The Network.") String name,
      @Field(doc = "Its address.") @Nullable String ip,
      @Field(doc = "Its hardware address.") @Nullable String mac) {}
}
