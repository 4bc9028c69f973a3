package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param phase Pending, Running, Succeeded, Failed, or a waiting reason such as CrashLoopBackOff
 * @param lastChange how the last change of the spec was applied: {@code InPlace} or {@code
 *     Recreated}, and which fields
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ContainerStatus(
    @Nullable Long observedGeneration,
    @Nullable String phase,
    @Nullable String podName,
    @Nullable String containerID,
    @Nullable String imageID,
    @Nullable String startedAt,
    @Nullable Integer restartCount,
    @Nullable Boolean ready,
    @Nullable String lastChange,
    @Nullable List<NetworkAddress> networks,
    @Nullable List<Condition> conditions) {
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NetworkAddress(String name, @Nullable String ip, @Nullable String mac) {}
}
