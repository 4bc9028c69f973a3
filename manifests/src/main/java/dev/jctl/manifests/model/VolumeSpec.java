package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/**
 * @param driver local (the default) or tmpfs
 * @param capacity the size of a tmpfs; for local a statement of intent
 * @param reclaimPolicy Retain (the default: the content outlives the object) or Delete
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VolumeSpec(
    @Nullable String driver, @Nullable Quantity capacity, @Nullable String reclaimPolicy) {}
