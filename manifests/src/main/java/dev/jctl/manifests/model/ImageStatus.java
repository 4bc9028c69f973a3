package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param phase Pending, Pulling, Ready or Failed
 * @param imageID digest of the configuration, {@code sha256:…}
 * @param sizeBytes compressed
 * @param progress {@code 12.3MB/40.1MB}, while pulling
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageStatus(
    @Nullable Long observedGeneration,
    @Nullable String phase,
    @Nullable String imageID,
    @Nullable String manifestDigest,
    @Nullable String repoDigest,
    @Nullable String platform,
    @Nullable Long sizeBytes,
    @Nullable Integer layers,
    @Nullable String progress,
    @Nullable List<Condition> conditions) {}
