package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param phase Pending, Ready, Terminating or Failed
 * @param path on the host
 * @param usedBy Pods that mount it, by name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VolumeStatus(
    @Nullable Long observedGeneration,
    @Nullable String phase,
    @Nullable String path,
    @Nullable List<String> usedBy,
    @Nullable List<Condition> conditions) {}
